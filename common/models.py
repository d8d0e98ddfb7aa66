"""Tables of infrastructure; what they mean is known to the apps that write them."""

from __future__ import annotations

from datetime import timedelta

from django.db import connection, models
from django.db.models import Q
from django.utils import timezone
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

    @classmethod
    def claim(cls, *, scope: str, key: str, fingerprint: str) -> IdempotencyKey | None:
        """Take a key within the transaction that does the thing; None when it was taken.

        A twin that comes at the same time waits until the first has committed or given up. One statement, because
        every filing takes this way: no savepoint, no error to recover from.
        """
        row = cls(scope=scope, key=key, fingerprint=fingerprint, created_at=timezone.now())
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO common_idempotencykey (scope, key, fingerprint, created_at) VALUES (%s, %s, %s, %s)"
                " ON CONFLICT (scope, key) DO NOTHING RETURNING id",
                [row.scope, row.key, row.fingerprint, row.created_at],
            )
            made = cursor.fetchone()
        if made is None:
            return None
        row.pk, row._state.adding, row._state.db = made[0], False, connection.alias
        return row


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
