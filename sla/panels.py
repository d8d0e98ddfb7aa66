"""What the sla app shows on other apps' pages."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone

from accounts.models import Merchant
from common import panels
from sla import promises
from tickets.models import Ticket


@panels.offer("case.promise", order=10)
def case_promise(request: HttpRequest | None, *, ticket: Ticket, **_context: Any) -> str:
    """The customer's promise: first answer and result, whose turn it is, an apology when we are late, and why."""
    at = timezone.now()
    promise = promises.case_promise(ticket, at)
    if promise is None:
        return ""
    return render_to_string("sla/_case_promise.html", {"promise": promise, "ticket": ticket, "at": at}, request=request)


@panels.offer("file.promise", order=10)
def file_promise(request: HttpRequest | None, *, merchant: Merchant | None = None, **_context: Any) -> str:
    """Before sending: by when an answer and a result come."""
    at = timezone.now()
    promise = promises.promise_for(merchant, at)
    if promise is None:
        return ""
    return render_to_string("sla/_file_promise.html", {"promise": promise, "at": at}, request=request)


@panels.offer("ticket.clocks", order=10)
def ticket_clocks(request: HttpRequest | None, *, ticket: Ticket, at: Any = None, **_context: Any) -> str:
    """Every clock of a case with its bar and why; what was missed and who looks after it."""
    at = at or timezone.now()
    clocks = [clock for clock in promises.clocks_of(ticket) if promises.is_shown(clock)]
    if not clocks:
        return ""
    # What runs and is due first stands first; then what is over, newest first.
    clocks.sort(key=lambda c: (not c.is_live, c.due_at.timestamp() if c.is_live and c.due_at else 0, -c.pk))
    context = {"clocks": [promises.staff_clock(clock, at) for clock in clocks], "ticket": ticket, "at": at}
    return render_to_string("sla/_ticket_clocks.html", context, request=request)
