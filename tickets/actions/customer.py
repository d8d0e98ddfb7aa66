"""What the customer of a case does. The doors fetch the case by its link or among one's own: to fetch is to be allowed.

`user` is the customer when signed in, None for a guest with the link.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Customer, Role, User
from common.errors import Conflict, Invalid, require
from common.events import ActorKind
from orders.models import OrderLine
from tickets.actions.filing import Filing, open_ticket
from tickets.actions.outcome import REOPENABLE, again, finish
from tickets.actions.steps import change, hold, move, record
from tickets.actions.talking import checked, post, tell
from tickets.models import AuthorKind, CloseReason, Message, Status, Ticket
from tickets.models.ticket import Demand

CUSTOMER = ActorKind.CUSTOMER


@transaction.atomic
def write(
    ticket: Ticket,
    body: str,
    *,
    user: User | None = None,
    uploads: str = "",
    at: datetime | None = None,
) -> Ticket:
    """Add something to one's case; returns the case it went to.

    A case that waited for the customer goes on; a resolved one stays resolved (the page asks "solved or not?" with
    two buttons, see `confirm` and `decline`); one closed in the last 30 days opens again; an older one, or one
    withdrawn or marked as spam by mistake long ago, is followed by a new case.
    """
    text = checked(body)
    ticket, at = hold(ticket, at=at)
    if ticket.is_closed:
        closed_at = ticket.closed_at or at
        if at - closed_at > REOPENABLE or ticket.close_reason in {CloseReason.MERGED, CloseReason.SPAM}:
            return _follow_up(ticket, text, user, uploads, at)
        again(ticket, at=at, actor=user, actor_kind=CUSTOMER)
    if ticket.status == Status.PENDING:
        _resume(ticket, at, user)
    message = _say(ticket, text, user, uploads, at)
    record(ticket, "message.received", at=at, actor=user, actor_kind=CUSTOMER, message=message)
    return ticket


def _resume(ticket: Ticket, at: datetime, user: User | None) -> None:
    reason = ticket.wait_reason
    move(ticket, Status.OPEN, wait_reason="", wait_until=None)
    record(ticket, "ticket.resumed", at=at, actor=user, actor_kind=CUSTOMER, reason=reason, by_itself=False)


def _say(ticket: Ticket, text: str, user: User | None, uploads: str, at: datetime) -> Message:
    return post(ticket, text, at=at, author=user, author_kind=AuthorKind.CUSTOMER, uploads=uploads)


def _follow_up(ticket: Ticket, text: str, user: User | None, uploads: str, at: datetime) -> Ticket:
    """A new case about an old one; customer, shop and order line go along, nobody explains anything twice."""
    new = open_ticket(
        Filing(
            body=text,
            customer=ticket.customer,
            requester=user or ticket.requester,
            merchant=ticket.merchant,
            order_line=ticket.order_line,
            order_number=ticket.order_number,
            category=ticket.category,
            kind=ticket.kind,
            channel=ticket.channel,
            uploads=uploads,
            language=ticket.language,
            notice_version=ticket.notice_version,
        ),
        at=at,
    )
    change(new, follows=ticket)
    return new


@transaction.atomic
def withdraw(ticket: Ticket, *, user: User | None = None, at: datetime | None = None) -> Ticket:
    """Take a complaint back; its clocks stop. Writing again opens it. Pressing twice is the same as once."""
    ticket, at = hold(ticket, at=at)
    if ticket.close_reason == CloseReason.WITHDRAWN:
        return ticket
    if ticket.is_closed:
        raise Conflict(_("This complaint is closed already."))
    tell(ticket, "ticket.withdrawn", at=at)
    finish(ticket, CloseReason.WITHDRAWN, at=at, actor=user, actor_kind=CUSTOMER, kind="ticket.withdrawn")
    return ticket


@transaction.atomic
def confirm(ticket: Ticket, *, user: User | None = None, at: datetime | None = None) -> Ticket:
    """ "Solved, thanks": close a resolved case. Pressing twice is the same as once."""
    ticket, at = hold(ticket, at=at)
    if ticket.close_reason == CloseReason.CONFIRMED:
        return ticket
    if ticket.status != Status.RESOLVED:
        raise Conflict(_("There is no result yet that you could confirm."))
    finish(ticket, CloseReason.CONFIRMED, at=at, actor=user, actor_kind=CUSTOMER, kind="ticket.confirmed")
    return ticket


@transaction.atomic
def decline(
    ticket: Ticket, body: str = "", *, user: User | None = None, uploads: str = "", at: datetime | None = None
) -> Ticket:
    """ "Not solved": open a resolved (or lately closed) case again, with what is still wrong if they say so."""
    ticket, at = hold(ticket, at=at)
    again(ticket, at=at, actor=user, actor_kind=CUSTOMER)
    if body.strip():
        message = _say(ticket, checked(body), user, uploads, at)
        record(ticket, "message.received", at=at, actor=user, actor_kind=CUSTOMER, message=message)
    return ticket


@transaction.atomic
def rate(ticket: Ticket, rating: int, *, user: User | None = None, at: datetime | None = None) -> Ticket:
    """Give 1 to 5; may be changed as long as one likes. Raises Invalid outside that, Conflict before a result."""
    require(rating in range(1, 6), _("Choose between 1 and 5."), Invalid)
    ticket, at = hold(ticket, at=at)
    if ticket.status not in {Status.RESOLVED, Status.CLOSED}:
        raise Conflict(_("You can rate this once there is a result."))
    change(ticket, rating=rating)
    record(ticket, "ticket.rated", at=at, actor=user, actor_kind=CUSTOMER, rating=rating)
    return ticket


@transaction.atomic
def request_review(ticket: Ticket, body: str = "", *, user: User | None = None, at: datetime | None = None) -> Ticket:
    """ "Ask a person": the lead of the team looks at the case instead of whoever did; where the lead had it, a manager.

    The event names them; by when they answer is promised by whoever listens to it.
    Reopens a resolved case; raises Conflict when it is closed for longer than 30 days.
    """
    ticket, at = hold(ticket, at=at)
    if ticket.status in {Status.RESOLVED, Status.CLOSED}:
        again(ticket, at=at, actor=user, actor_kind=CUSTOMER)
    elif ticket.status == Status.PENDING:
        _resume(ticket, at, user)
    person = _another_person(ticket)
    if person is not None:
        change(ticket, assignee=person)
    named = person or ticket.assignee
    record(
        ticket,
        "ticket.review_requested",
        at=at,
        actor=user,
        actor_kind=CUSTOMER,
        assignee=named.pk if named else None,
    )
    if body.strip():
        message = _say(ticket, checked(body), user, "", at)
        record(ticket, "message.received", at=at, actor=user, actor_kind=CUSTOMER, message=message)
    return ticket


def _another_person(ticket: Ticket) -> User | None:
    """The lead of the team, or a manager where the lead had it so far; None when there is nobody else."""
    answers = ticket.events.filter(kind__in=["ticket.resolved", "message.replied"], actor_kind=ActorKind.STAFF)
    last = answers.order_by("-at", "-id").values_list("actor_id", flat=True).first()
    had = {ticket.assignee_id, last}
    lead = ticket.team.lead if ticket.team else None
    if lead is not None and lead.is_active and lead.pk not in had:
        return lead
    managers = User.objects.filter(role=Role.MANAGER, is_active=True).order_by("id")
    return next((person for person in managers if person.pk not in had), None)


@transaction.atomic
def tell_more(
    ticket: Ticket,
    *,
    demand: str = "",
    order_number: str = "",
    name: str = "",
    user: User | None = None,
    at: datetime | None = None,
) -> Ticket:
    """Add what helps to sort one's case: what is wanted, the order number, how to be addressed.

    What is left empty stays as it is. An order number that fits exactly one article of the shop ties the case to it.
    Raises Invalid for an unknown demand, Conflict when the case is closed.
    """
    require(demand in ["", *Demand.values], _("Choose what you want from the list."), Invalid)
    ticket, at = hold(ticket, at=at)
    if ticket.is_closed:
        raise Conflict(_("This complaint is closed. Write below to open it again."))
    given = {"demand": demand, "order_number": order_number}
    changed: dict[str, Any] = {
        field: value for field, value in given.items() if value and getattr(ticket, field) != value
    }
    fields = sorted(changed)
    if "order_number" in changed and ticket.order_line_id is None:
        lines = list(OrderLine.objects.find(ticket.merchant, order_number)[:2])
        if len(lines) == 1:
            changed |= {"order_line": lines[0]}
    if name and ticket.customer is not None and ticket.customer.name != name:
        Customer.objects.filter(pk=ticket.customer.pk).update(name=name)
        ticket.customer.name = name
        fields.append("name")
    if fields:
        change(ticket, **changed)
        record(ticket, "ticket.described", at=at, actor=user, actor_kind=CUSTOMER, fields=fields)
    return ticket
