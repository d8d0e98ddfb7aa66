"""Links by which guests follow their case."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.contacts import Email, Phone
from accounts.models import User
from common.events import ActorKind
from tickets.actions.steps import allow, hold, record
from tickets.links import new_link
from tickets.models import CaseLink, Ticket


@transaction.atomic
def make_link(ticket: Ticket, *, actor: User | None, at: datetime | None = None) -> CaseLink:
    """A further link to a case, valid for a year; older ones go on working. It is sent to the contact of the case."""
    allow(actor, "make_link")
    ticket, at = hold(ticket, at=at)
    link = new_link(ticket, at)
    link.save()
    kind = ActorKind.STAFF if actor else ActorKind.CUSTOMER
    record(ticket, "link.made", at=at, actor=actor, actor_kind=kind, link=link.pk)
    return link


@transaction.atomic
def revoke_link(link: CaseLink, *, actor: User, at: datetime | None = None) -> CaseLink:
    """Make a link useless (it was forwarded, the phone was lost). Doing so twice is the same as once."""
    allow(actor, "revoke_link")
    ticket, at = hold(link.ticket, at=at)
    if CaseLink.objects.filter(pk=link.pk, revoked_at__isnull=True).update(revoked_at=at):
        link.revoked_at = at
        record(ticket, "link.revoked", at=at, actor=actor, link=link.pk)
    return link


def resend_link(number: str | None, contact: Phone | Email, *, at: datetime | None = None) -> int:
    """Send new links to the contact given, for cases filed with exactly that contact; returns how many.

    The page says the same whether there are any or not: it must not tell strangers whose number complained.
    """
    field = "phone" if isinstance(contact, Phone) else "email__iexact"
    tickets = Ticket.objects.filter(**{f"customer__{field}": contact.value}).order_by("-id")
    if number:
        tickets = tickets.filter(number=number)
    found = list(tickets[:3])
    for ticket in found:
        make_link(ticket, actor=None, at=at)
    return len(found)
