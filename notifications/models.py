"""What the notifications app keeps: the bell, what happened to deliveries, and messages that left nowhere."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common.events import Event


class NoticeQuerySet(models.QuerySet["Notice"]):
    def unread(self) -> NoticeQuerySet:
        return self.filter(read_at__isnull=True)


class Notice(models.Model):
    """One line behind a colleague's bell. `letter` and `data` are codes and ids; the words are made when it is read."""

    KEPT = timedelta(days=90)
    #: Counting stops here: "99+" says enough.
    MOST_COUNTED = 99

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notices")
    # The same event tells the same person once, however often its listener runs.
    key = models.CharField(max_length=120, unique=True)
    letter = models.CharField(max_length=24)
    ticket = models.ForeignKey("tickets.Ticket", on_delete=models.CASCADE, null=True, related_name="notices")
    data = models.JSONField(default=dict, blank=True)
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = _("notice")
        indexes = [
            models.Index(fields=["user", "-id"], name="notice_newest"),
            models.Index(fields=["user", "-id"], condition=Q(read_at__isnull=True), name="notice_unread"),
            models.Index(fields=["at"], name="notice_age"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.letter}"


class NotificationEvent(Event):
    """What became of a delivery, on the timeline of its case."""

    ticket = models.ForeignKey("tickets.Ticket", on_delete=models.CASCADE, related_name="notification_events")
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")

    SCHEMAS = {
        "delivery.failed": frozenset({"outbox", "channel", "letter", "why"}),
        "delivery.retried": frozenset({"outbox", "channel", "letter"}),
    }

    class Meta:
        verbose_name = _("event of a delivery")
        indexes = [models.Index(fields=["ticket", "-at", "-id"], name="notification_event_timeline")]

    def __str__(self) -> str:
        return f"{self.kind} {self.ticket_id}"


class SinkMessage(models.Model):
    """A message that went nowhere because no server is set for its channel: admins read it on a page. Kept 7 days."""

    KEPT = timedelta(days=7)

    # The fixed id that a real server would have collapsed repeats by.
    key = models.CharField(max_length=200, unique=True)
    channel = models.CharField(max_length=8)
    recipient = models.CharField(max_length=254)
    sender = models.CharField(max_length=254, blank=True)
    subject = models.CharField(max_length=254, blank=True)
    text = models.TextField()
    html = models.TextField(blank=True)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("message in the sink")
        indexes = [
            models.Index(fields=["channel", "-id"], name="sink_newest"),
            models.Index(fields=["at"], name="sink_age"),
        ]

    def __str__(self) -> str:
        return self.key
