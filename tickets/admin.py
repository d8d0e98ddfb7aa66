"""Read-mostly: people work through the pages and verbs; here one looks."""

from __future__ import annotations

from django.contrib import admin

from common.admin import ReadOnly
from tickets.models import Attachment, CaseLink, Category, Message, Route, Ticket, TicketEvent


@admin.register(Ticket)
class TicketAdmin(ReadOnly):
    list_display = ("number", "status", "priority", "kind", "channel", "opened_at", "due_at")
    list_filter = ("status", "priority", "channel")
    search_fields = ("=number",)
    ordering = ("-opened_at",)


@admin.register(TicketEvent)
class TicketEventAdmin(ReadOnly):
    list_display = ("kind", "at", "actor_kind", "ticket_id")
    ordering = ("-id",)


@admin.register(Message)
class MessageAdmin(ReadOnly):
    list_display = ("ticket_id", "author_kind", "visibility", "at")
    ordering = ("-id",)


@admin.register(CaseLink)
class CaseLinkAdmin(ReadOnly):
    list_display = ("ticket_id", "created_at", "expires_at", "revoked_at")
    ordering = ("-id",)
    exclude = ("salt", "token_hash")


@admin.register(Attachment)
class AttachmentAdmin(ReadOnly):
    list_display = ("name", "media_type", "size", "ticket_id", "created_at")
    ordering = ("-id",)


@admin.register(Category)
class CategoryAdmin(ReadOnly):
    list_display = ("code", "name_zh", "name_en", "parent", "is_safety", "is_active")


@admin.register(Route)
class RouteAdmin(ReadOnly):
    list_display = ("merchant", "category", "team", "lead")
