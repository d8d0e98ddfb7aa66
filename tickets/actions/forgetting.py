"""What the privacy notice promises: three years after a case was closed, it no longer says whose it was."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from accounts.actions import forget_customers
from accounts.models import Customer
from common import clock
from tickets import search
from tickets.actions.files import throw_away
from tickets.actions.filing import phone_words
from tickets.actions.steps import Entry, record_many
from tickets.models import Attachment, CaseLink, Status, Ticket

#: 《电子商务法》 art. 31 asks for three years after a deal was completed; the notice promises no more than that.
KEPT_YEARS = 3
CHUNK = 500


def forget_old(*, at: datetime | None = None, most: int = 20_000) -> int:
    """Take names, contacts, files and links from cases closed three years ago; returns how many cases.

    What was written stays, for learning from it. A contact that a younger case needs stays until that one is old too.
    Run again, it finds nothing more to do. Chunks of 500, each a transaction of its own.
    """
    at = at or clock.now()
    done = 0
    while done < most:
        found = _forget_chunk(at)
        done += found
        if found < CHUNK:
            break
    return done


def _old(at: datetime) -> QuerySet[Ticket]:
    """Cases that still say whose they are and no longer may."""
    before = _years_before(at)
    is_old = Q(status=Status.CLOSED, closed_at__lte=before)
    has_contact = Q(customer__name__gt="") | Q(customer__phone__gt="") | Q(customer__email__gt="")
    has_files = Exists(Attachment.objects.filter(ticket=OuterRef("pk")))
    younger = Ticket.objects.filter(customer=OuterRef("customer")).exclude(is_old)
    return Ticket.objects.filter(is_old & (has_contact | has_files | Q(requester__isnull=False)), ~Exists(younger))


def _years_before(at: datetime) -> datetime:
    """The same day three years earlier; for 29 February the 28th."""
    year = at.year - KEPT_YEARS
    try:
        return at.replace(year=year)
    except ValueError:
        return at.replace(year=year, day=28)


@transaction.atomic
def _forget_chunk(at: datetime) -> int:
    tickets = list(_old(at).order_by("pk").select_for_update(of=("self",), skip_locked=True)[:CHUNK])
    if not tickets:
        return 0
    ids = [ticket.pk for ticket in tickets]
    customers = {ticket.customer_id for ticket in tickets if ticket.customer_id}
    _forget_phones(Customer.objects.filter(pk__in=customers).exclude(phone=""))
    forget_customers(customers)
    for attachment in Attachment.objects.filter(ticket__in=ids):
        throw_away(attachment)
    CaseLink.objects.filter(ticket__in=ids).delete()
    Ticket.objects.filter(pk__in=ids).update(requester=None, version=F("version") + 1)
    for ticket in tickets:
        ticket.requester, ticket.version = None, ticket.version + 1
    record_many([Entry(ticket, "ticket.forgotten") for ticket in tickets], at=at)
    return len(tickets)


def _forget_phones(customers: Iterable[Customer]) -> None:
    """Nobody finds a case by a number that is gone."""
    phones = {customer.pk: customer.phone for customer in customers}
    rows = Ticket.objects.filter(customer__in=phones).values_list("pk", "customer_id")
    search.drop_words([(pk, phone_words(phones[customer])) for pk, customer in rows])
