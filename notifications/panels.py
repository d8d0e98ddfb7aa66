"""The bell in every staff header, and on a case what did not reach its customer."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string

from common.models import Outbox, OutboxState
from common.panels import offer
from notifications import words
from notifications.models import Notice, NotificationEvent
from notifications.permissions import may
from tickets.models import Ticket

MOST_FAILED = 5


def unread(user: Any) -> str:
    """How many notices wait, as the bell shows it: "", "7", "99+". One statement that stops counting."""
    most = Notice.MOST_COUNTED
    count = len(Notice.objects.unread().filter(user=user).values_list("pk", flat=True)[: most + 1])
    return "" if not count else str(count) if count <= most else f"{most}+"


@offer("topbar", order=90)
def bell(request: HttpRequest, **_context: Any) -> str:
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated or not may(user, "see_notices"):
        return ""
    return render_to_string("notifications/_bell.html", {"unread": unread(user)}, request=request)


def failed_of(ticket: Ticket) -> list[dict[str, Any]]:
    """Messages about this case that were given up and are still waiting for somebody, newest first."""
    events = NotificationEvent.objects.filter(ticket=ticket, kind="delivery.failed").order_by("-at", "-id")
    reasons = {event.data["outbox"]: event for event in reversed(events[:50])}
    if not reasons:
        return []
    rows = Outbox.objects.filter(pk__in=reasons, state=OutboxState.FAILED).order_by("-pk")[:MOST_FAILED]
    return [
        {
            "row": row,
            "what": words.letter_name(row.kind),
            "way": words.channel_name(row.channel),
            "why": words.why_failed(reasons[row.pk].data["why"]),
            "at": reasons[row.pk].at,
        }
        for row in rows
    ]


@offer("ticket.side", order=5)
def undelivered(request: HttpRequest, *, ticket: Ticket, **_context: Any) -> str:
    found = failed_of(ticket)
    if not found:
        return ""
    context = {"ticket": ticket, "failed": found, "may_retry": may(request.user, "retry_delivery")}
    return render_to_string("notifications/_undelivered.html", context, request=request)
