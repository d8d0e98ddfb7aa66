"""Tables of infrastructure; what they mean is known to the apps that write them."""

from __future__ import annotations

from datetime import timedelta

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class OutboxState(models.TextChoices):
    WAITING = "waiting", _("waiting")
    SENT = "sent", _("sent")
    FAILED = "failed", _("failed")


class Outbox(models.Model):
    """Something that must leave: written in the transaction of its cause, sent later, at least once, with a fixed id.

    Rows of one `stream` (a ticket) leave in order. `key` is the id that the other side can collapse repeats by:
    the same key can't be written twice. The text is rendered by the worker from `payload` (ids and codes).
    """

    key = models.CharField(max_length=120, unique=True)
    channel = models.CharField(max_length=16)
    stream = models.CharField(max_length=48)
    kind = models.CharField(max_length=48)
    payload = models.JSONField(default=dict)
    state = models.CharField(max_length=8, choices=OutboxState, default=OutboxState.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    not_before = models.DateTimeField()
    claimed_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=500, blank=True)

    class Meta:
        verbose_name = _("outgoing message")
        constraints = [
            models.CheckConstraint(condition=Q(state__in=OutboxState.values), name="outbox_state_known"),
            models.CheckConstraint(
                condition=~Q(state=OutboxState.SENT) | Q(sent_at__isnull=False), name="outbox_sent_has_time"
            ),
        ]
        indexes = [
            models.Index(fields=["not_before", "id"], condition=Q(state="waiting"), name="outbox_waiting"),
            models.Index(fields=["stream", "id"], condition=Q(state="waiting"), name="outbox_stream_waiting"),
            models.Index(fields=["-created_at"], name="outbox_newest"),
        ]

    def __str__(self) -> str:
        return self.key


class IdempotencyKey(models.Model):
    """The answer that a create with this `Idempotency-Key` got, so that a repeat gets the same one. Kept 24 hours."""

    KEPT = timedelta(hours=24)

    scope = models.CharField(max_length=80)
    key = models.CharField(max_length=120)
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    body = models.JSONField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["scope", "key"], name="idempotency_once")]
        indexes = [models.Index(fields=["created_at"], name="idempotency_age")]

    def __str__(self) -> str:
        return f"{self.scope} {self.key}"


class Draft(models.Model):
    """What a person typed and has not sent. Kept 30 days."""

    KEPT = timedelta(days=30)

    # A key ("user:12"), not a foreign key: people live in an app above this one.
    owner = models.CharField(max_length=40)
    place = models.CharField(max_length=80)
    text = models.TextField()
    saved_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner", "place"], name="draft_one_per_place")]

    def __str__(self) -> str:
        return f"{self.owner} {self.place}"
