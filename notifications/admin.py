"""Read-only: messages are written by verbs."""

from __future__ import annotations

from django.contrib import admin

from common.admin import ReadOnly
from common.models import Outbox
from notifications.models import Notice, NotificationEvent


@admin.register(Outbox)
class OutboxAdmin(ReadOnly):
    list_display = ["key", "channel", "kind", "state", "attempts", "not_before", "sent_at"]
    list_filter = ["state", "channel", "kind"]


@admin.register(Notice)
class NoticeAdmin(ReadOnly):
    list_display = ["user", "letter", "ticket", "at", "read_at"]
    list_filter = ["letter"]


@admin.register(NotificationEvent)
class NotificationEventAdmin(ReadOnly):
    list_display = ["ticket", "kind", "at"]
    list_filter = ["kind"]
