from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from common.events import Event

NOTHING: frozenset[str] = frozenset()


class TicketEvent(Event):
    """One step in the life of a case; the timeline is these rows and those of apps above, by time."""

    ticket = models.ForeignKey("tickets.Ticket", on_delete=models.CASCADE, related_name="events")
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    message = models.ForeignKey("tickets.Message", on_delete=models.SET_NULL, null=True, related_name="+")

    # The ticket's version after this step: a stale page asks what came after its own.
    version = models.PositiveIntegerField()

    SCHEMAS = {
        "ticket.opened": frozenset({"channel", "kind", "priority"}),
        "ticket.imported": NOTHING,
        "ticket.assigned": frozenset({"team", "assignee", "from_team", "from_assignee"}),
        "ticket.taken": NOTHING,
        "message.replied": NOTHING,
        "message.received": NOTHING,
        "message.noted": NOTHING,
        "message.told": frozenset({"template"}),
        "file.added": frozenset({"attachment", "size", "media_type"}),
        "ticket.prioritised": frozenset({"from", "to"}),
        "ticket.categorised": frozenset({"from", "to"}),
        "ticket.waited": frozenset({"reason", "until"}),
        "ticket.held": frozenset({"reason", "until"}),
        "ticket.resumed": frozenset({"reason", "by_itself"}),
        "ticket.resolved": NOTHING,
        "ticket.confirmed": NOTHING,
        "ticket.closed": frozenset({"reason"}),
        "ticket.reopened": frozenset({"by_customer"}),
        "ticket.withdrawn": NOTHING,
        "ticket.spammed": NOTHING,
        "ticket.unspammed": frozenset({"status"}),
        "ticket.merged": frozenset({"into"}),
        "ticket.escalated": frozenset({"reason"}),
        "ticket.rated": frozenset({"rating"}),
        "ticket.review_requested": frozenset({"assignee"}),
        "ticket.described": frozenset({"fields"}),
        "ticket.forgotten": NOTHING,
        "link.made": frozenset({"link"}),
        "link.revoked": frozenset({"link"}),
    }

    class Meta:
        verbose_name = _("ticket event")
        indexes = [
            models.Index(fields=["ticket", "-at", "-id"], name="ticket_event_timeline"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.ticket_id}"
