"""Read-only: messages are written by verbs."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from common.models import Outbox
from notifications.models import Notice, NotificationEvent


class ReadOnly(admin.ModelAdmin):
    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Outbox)
class OutboxAdmin(ReadOnly):
    list_display = ["key", "channel", "kind", "state", "attempts", "not_before", "sent_at"]
    list_filter = ["state", "channel", "kind"]
    show_full_result_count = False


@admin.register(Notice)
class NoticeAdmin(ReadOnly):
    list_display = ["user", "letter", "ticket", "at", "read_at"]
    list_filter = ["letter"]
    show_full_result_count = False


@admin.register(NotificationEvent)
class NotificationEventAdmin(ReadOnly):
    list_display = ["ticket", "kind", "at"]
    list_filter = ["kind"]
    show_full_result_count = False
