"""How a case ends, and how it begins again."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.permissions import SERVICE
from common import clock
from common.errors import Conflict
from common.events import ActorKind
from tickets.actions.steps import allow, hold, move, record
from tickets.actions.talking import checked, post, tell
from tickets.models import CloseReason, Message, Status, Ticket
from tickets.permissions import may

#: A resolved case that nobody answers closes by itself.
SILENCE = timedelta(days=7)
#: How long a closed case may be opened again; later a new one follows it.
REOPENABLE = timedelta(days=30)
_WAIT_OVER = {"wait_reason": "", "wait_until": None}


@transaction.atomic
def resolve(
    ticket: Ticket,
    proposal: str,
    *,
    actor: User,
    uploads: str = "",
    version: int | None = None,
    at: datetime | None = None,
) -> Message:
    """Tell the customer what the result is, and remember what was promised. Raises Invalid without a text."""
    allow(actor, "resolve", _("Only service staff can resolve a case."))
    text = checked(proposal, what="proposal")
    ticket, at = hold(ticket, version=version, at=at)
    fields: dict[str, Any] = {"resolved_at": at, **_WAIT_OVER}
    if ticket.first_response_at is None:
        fields["first_response_at"] = at
    if ticket.assignee_id is None:
        fields["assignee"] = actor
    if ticket.status == Status.RESOLVED:
        raise Conflict(_("This case has a result already. Reply to the customer, or reopen it."))
    message = post(ticket, text, at=at, author=actor, uploads=uploads, to=Status.RESOLVED, **fields)
    record(ticket, "ticket.resolved", at=at, actor=actor, message=message)
    return message


@transaction.atomic
def close(ticket: Ticket, *, actor: User, version: int | None = None, at: datetime | None = None) -> Ticket:
    """Close a resolved case before its 7 days are over. For leads: the customer was reached another way."""
    allow(actor, "close")
    ticket, at = hold(ticket, version=version, at=at)
    if ticket.status != Status.RESOLVED:
        raise Conflict(_("Give the customer a result first; then the case can be closed."))
    finish(ticket, CloseReason.CONFIRMED, at=at, actor=actor)
    return ticket


def finish(
    ticket: Ticket,
    reason: str,
    *,
    at: datetime,
    actor: User | None = None,
    actor_kind: str | None = None,
    kind: str = "ticket.closed",
) -> None:
    """Close a locked case. Raises Conflict while returns or claims on it are still open."""
    if ticket.open_children:
        raise Conflict(_("Something on this case is still open: a return or a claim. End that first."))
    move(ticket, Status.CLOSED, closed_at=at, close_reason=reason, **_WAIT_OVER)
    data: dict[str, Any] = {"reason": reason} if kind == "ticket.closed" else {}
    record(ticket, kind, at=at, actor=actor, actor_kind=actor_kind, **data)


def close_silent(*, at: datetime | None = None, most: int = 500) -> int:
    """Close resolved cases whose customers said nothing for 7 days; each in its own transaction."""
    at = at or clock.now()
    waiting = Ticket.objects.filter(status=Status.RESOLVED, resolved_at__lte=at - SILENCE, open_children=0)
    done = 0
    for pk in list(waiting.order_by("resolved_at").values_list("pk", flat=True)[:most]):
        with transaction.atomic():
            ticket = waiting.filter(pk=pk).select_for_update(of=("self",), skip_locked=True).first()
            if ticket is not None:
                if not ticket.is_silent:
                    tell(ticket, "ticket.closed_silent", at=at)
                finish(ticket, CloseReason.SILENT, at=at)
                done += 1
    return done


@transaction.atomic
def reopen(ticket: Ticket, *, actor: User, version: int | None = None, at: datetime | None = None) -> Ticket:
    """Work on a case again; a closed one only by a lead and within 30 days."""
    allow(actor, "reopen")
    ticket, at = hold(ticket, version=version, at=at)
    if ticket.is_closed:
        allow(actor, "reopen_closed", _("Only a lead can reopen a closed case."))
    again(ticket, at=at, actor=actor)
    return ticket


def again(ticket: Ticket, *, at: datetime, actor: User | None = None, actor_kind: str | None = None) -> None:
    """Reopen a locked case. Raises Conflict when it isn't over, or was closed more than 30 days ago."""
    if ticket.status not in {Status.RESOLVED, Status.CLOSED}:
        raise Conflict(_("This case is still open."))
    if ticket.closed_at and at - ticket.closed_at > REOPENABLE:
        raise Conflict(_("This case was closed more than 30 days ago. Open a new one for the customer."))
    move(
        ticket,
        Status.OPEN,
        resolved_at=None,
        closed_at=None,
        close_reason="",
        reopen_count=ticket.reopen_count + 1,
    )
    record(
        ticket,
        "ticket.reopened",
        at=at,
        actor=actor,
        actor_kind=actor_kind,
        by_customer=actor_kind == ActorKind.CUSTOMER,
    )


@transaction.atomic
def spam(ticket: Ticket, *, actor: User, version: int | None = None, at: datetime | None = None) -> Ticket:
    """Put a case aside as spam; `unspam` opens it again."""
    allow(actor, "spam")
    ticket, at = hold(ticket, version=version, at=at)
    finish(ticket, CloseReason.SPAM, at=at, actor=actor, kind="ticket.spammed")
    return ticket


@transaction.atomic
def unspam(ticket: Ticket, *, actor: User, version: int | None = None, at: datetime | None = None) -> Ticket:
    """Take back `spam`: the case is open again. Raises Conflict when it is not spam."""
    allow(actor, "unspam")
    ticket, at = hold(ticket, version=version, at=at)
    if ticket.close_reason != CloseReason.SPAM:
        raise Conflict(_("This case is not marked as spam."))
    # A result given before no longer counts: the case is open, and its result is due again.
    move(ticket, Status.OPEN, closed_at=None, close_reason="", resolved_at=None)
    record(ticket, "ticket.unspammed", at=at, actor=actor, status=Status.OPEN)
    return ticket


def available(ticket: Ticket, actor: User) -> list[str]:
    """The verbs this person can use on this case now, as pages show them and the API lists them."""
    if actor.role not in SERVICE:
        return [verb for verb in ("note", "add_file") if may(actor, verb)]
    is_open = ticket.status in {Status.NEW, Status.OPEN}
    waits = ticket.status in {Status.PENDING, Status.ON_HOLD}
    possible = {
        "reply": not ticket.is_closed,
        "note": True,
        "add_file": not ticket.is_closed,
        "take": ticket.assignee_id is None and not ticket.is_closed,
        "assign": not ticket.is_closed,
        "escalate": is_open or waits,
        "prioritise": not ticket.is_closed,
        "categorise": not ticket.is_closed,
        "describe": not ticket.is_closed,
        "wait": is_open,
        "hold": is_open,
        "resume": waits,
        "resolve": is_open or waits,
        "close": ticket.status == Status.RESOLVED and not ticket.open_children,
        "reopen": ticket.status == Status.RESOLVED or (ticket.is_closed and may(actor, "reopen_closed")),
        "spam": not ticket.is_closed,
        "unspam": ticket.close_reason == CloseReason.SPAM,
        "make_link": True,
        "revoke_link": True,
    }
    return [verb for verb, can in possible.items() if can and may(actor, verb)]
