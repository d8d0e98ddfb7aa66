"""What a case is about and how urgent it is."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from common.errors import Conflict, Invalid, require
from tickets.actions.steps import allow, change, hold, record
from tickets.models import Category, Kind, Priority, Ticket
from tickets.models.ticket import Demand

#: What `describe` may set.
DESCRIBABLE = frozenset({"kind", "demand", "amount", "order_number", "is_safety", "tags", "subject"})


def _change(before: Any, after: Any) -> dict[str, Any]:
    """The data of an event that something became something else."""
    return {"from": before, "to": after}


@transaction.atomic
def prioritise(
    ticket: Ticket, *, actor: User, priority: str, version: int | None = None, at: datetime | None = None
) -> Ticket:
    """Say how urgent a case is; its clocks follow (a raised priority never gives a later due time)."""
    allow(actor, "prioritise")
    require(priority in Priority.values, _("Choose a priority from the list."), Invalid)
    ticket, at = hold(ticket, version=version, at=at)
    _refuse_closed(ticket)
    before = ticket.priority
    if before != priority:
        change(ticket, priority=priority)
        record(ticket, "ticket.prioritised", at=at, actor=actor, **_change(before, priority))
    return ticket


@transaction.atomic
def categorise(
    ticket: Ticket, *, actor: User, category: Category, version: int | None = None, at: datetime | None = None
) -> Ticket:
    """Say what a case is about. A category that means danger to people makes it urgent as well."""
    allow(actor, "categorise")
    require(category.is_active, _("This category is no longer used. Choose another."), Invalid)
    ticket, at = hold(ticket, version=version, at=at)
    _refuse_closed(ticket)
    before = ticket.category_id
    if before == category.pk:
        return ticket
    change(ticket, category=category, is_safety=ticket.is_safety or category.is_safety)
    record(ticket, "ticket.categorised", at=at, actor=actor, **_change(before, category.pk))
    if category.is_safety and ticket.priority != Priority.URGENT:
        prioritise(ticket, actor=actor, priority=Priority.URGENT, at=at)
        ticket.priority = Priority.URGENT
    return ticket


@transaction.atomic
def describe(
    ticket: Ticket, *, actor: User, version: int | None = None, at: datetime | None = None, **fields: Any
) -> Ticket:
    """Correct what is known of a case: kind, what is wanted, amount at stake (CNY), order number, safety, tags."""
    allow(actor, "describe")
    unknown = set(fields) - DESCRIBABLE
    if unknown:
        raise TypeError(f"describe sets no {', '.join(sorted(unknown))}")
    require(fields.get("kind", Kind.COMPLAINT) in Kind.values, _("Choose a kind from the list."), Invalid)
    require(fields.get("demand", "") in ["", *Demand.values], _("Choose what is wanted from the list."), Invalid)
    amount = fields.get("amount")
    require(amount is None or Decimal(amount) >= 0, _("An amount can't be negative."), Invalid)
    ticket, at = hold(ticket, version=version, at=at)
    _refuse_closed(ticket)
    changed = {name: value for name, value in fields.items() if getattr(ticket, name) != value}
    if changed:
        change(ticket, **changed)
        record(ticket, "ticket.described", at=at, actor=actor, fields=sorted(changed))
    return ticket


def _refuse_closed(ticket: Ticket) -> None:
    if ticket.is_closed:
        raise Conflict(_("This case is closed. Reopen it first."))
