"""How a case begins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from django.db import connection, transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.models import Customer, Merchant, Organisation, User
from common import clock
from common.errors import Conflict, Invalid
from common.events import ActorKind, Origin
from orders.models import OrderLine
from tickets import search
from tickets.actions import files as file_steps
from tickets.actions.steps import Entry, allow, record_many
from tickets.actions.talking import checked, snippet
from tickets.links import new_link
from tickets.models import AuthorKind, CaseLink, Category, Kind, Message, Priority, Route, Ticket
from tickets.models.ticket import Channel
from tickets.numbers import number_for


@dataclass
class Filing:
    """What somebody tells us when they complain. One sentence is all that is required here; pages ask for a contact."""

    body: str
    name: str = ""
    phone: str = ""
    email: str = ""
    kind: str = Kind.COMPLAINT
    channel: str = Channel.FORM
    priority: str = ""
    demand: str = ""
    amount: Decimal | None = None
    category: Category | None = None
    merchant: Merchant | None = None
    order_line: OrderLine | None = None
    order_number: str = ""
    uploads: str = ""
    requester: User | None = None
    customer: Customer | None = None
    language: str = ""
    notice_version: int | None = None
    received_at: datetime | None = None
    origin: str = Origin.LIVE
    source: str = ""
    external_id: str = ""
    subject: str = ""
    tags: list[str] = field(default_factory=list)


def open_ticket(filing: Filing, *, actor: User | None = None, at: datetime | None = None) -> Ticket:
    """Open one case; `actor` is the colleague who files for somebody on the phone. Raises Invalid, NotAllowed."""
    return open_many([filing], actor=actor, at=at)[0]


@transaction.atomic
def open_many(filings: Sequence[Filing], *, actor: User | None = None, at: datetime | None = None) -> list[Ticket]:
    """Open many cases in a handful of statements: numbers, routes, first messages, links, events, clocks."""
    if actor is not None:
        allow(actor, "open_for_customer", _("Only service staff can file for a customer."))
    filings = list(filings)
    for filing in filings:
        filing.body = checked(filing.body)
        check_received(filing.received_at)
    at = at or clock.now()
    organisation = Organisation.current()
    if organisation is None:
        raise Conflict(_("This service is not set up yet. Please come back in a moment."))
    key = organisation.number_key
    routes = Routes()
    customers = _customers(filings, at)
    tickets = [
        _ticket(pk, key=key, filing=filing, customer=customer, routes=routes, at=at)
        for pk, filing, customer in zip(next_ids(len(filings)), filings, customers, strict=True)
    ]
    Ticket.objects.bulk_create(tickets)
    messages = [_first_message(ticket, filing, at) for ticket, filing in zip(tickets, filings, strict=True)]
    Message.objects.bulk_create(messages)
    search.index_many(
        [
            (
                ticket,
                [filing.body, filing.subject, filing.order_number, *phone_words(customer.phone if customer else "")],
            )
            for ticket, filing, customer in zip(tickets, filings, customers, strict=True)
        ]
    )
    CaseLink.objects.bulk_create([new_link(ticket, at) for ticket in tickets if not ticket.is_silent])
    for message, filing in zip(messages, filings, strict=True):
        if filing.uploads:
            file_steps.attach(message, filing.uploads, filing.requester)
    record_many(
        [
            Entry(
                ticket,
                "ticket.opened",
                actor=actor or filing.requester,
                actor_kind=ActorKind.STAFF if actor else ActorKind.CUSTOMER,
                message=message,
                data={"channel": ticket.channel, "kind": ticket.kind, "priority": ticket.priority},
            )
            for ticket, filing, message in zip(tickets, filings, messages, strict=True)
        ],
        at=at,
    )
    return tickets


def _ticket(pk: int, *, key: str, filing: Filing, customer: Customer | None, routes: Routes, at: datetime) -> Ticket:
    is_safety = bool(filing.category and filing.category.is_safety)
    route = routes.best(filing.merchant, filing.category)
    amount = filing.amount
    if amount is None and filing.order_line is not None:
        amount = filing.order_line.paid
    return Ticket(
        pk=pk,
        number=number_for(pk, key),
        kind=filing.kind,
        channel=filing.channel,
        priority=filing.priority or (Priority.URGENT if is_safety else Priority.NORMAL),
        is_safety=is_safety,
        category=filing.category,
        merchant=filing.merchant,
        order_line=filing.order_line,
        order_number=filing.order_number,
        customer=customer,
        requester=filing.requester,
        subject=first_sentence(filing.subject or filing.body),
        demand=filing.demand,
        amount=amount,
        team=route.team if route else None,
        opened_at=at,
        received_at=filing.received_at or at,
        last_message_at=at,
        last_author_kind=AuthorKind.CUSTOMER,
        last_snippet=snippet(filing.body),
        language=filing.language or translation.get_language() or "zh-hans",
        notice_version=filing.notice_version,
        origin=filing.origin,
        source=filing.source,
        external_id=filing.external_id,
        tags=filing.tags,
    )


def _first_message(ticket: Ticket, filing: Filing, at: datetime) -> Message:
    return Message(
        ticket=ticket,
        author_kind=AuthorKind.CUSTOMER,
        author=filing.requester,
        body=filing.body,
        at=at,
        received_at=filing.received_at,
    )


def _customers(filings: Sequence[Filing], at: datetime) -> list[Customer | None]:
    """A row for each contact given: a contact belongs to its case, since anybody can type any number."""
    made: dict[int, Customer] = {}
    for index, filing in enumerate(filings):
        if filing.customer is None and (filing.name or filing.phone or filing.email):
            made[index] = Customer(
                name=filing.name,
                phone=filing.phone,
                email=filing.email,
                user=filing.requester,
                language=filing.language or translation.get_language() or "zh-hans",
                created_at=at,
            )
    Customer.objects.bulk_create(made.values())
    return [filing.customer or made.get(index) for index, filing in enumerate(filings)]


def next_ids(count: int) -> list[int]:
    """Primary keys before the rows exist, so that each row can carry its number from the start."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence('tickets_ticket', 'id')) FROM generate_series(1, %s)", [count]
        )
        return [row[0] for row in cursor.fetchall()]


def phone_words(phone: str) -> list[str]:
    """How a phone is searched for: whole, without country code, and by its last four digits."""
    digits = "".join(filter(str.isdigit, phone))
    return [digits, digits[-11:], digits[-4:]] if digits else []


def first_sentence(text: str) -> str:
    """What a case is called: the customer's first sentence or line, at most 80 characters of it."""
    line = text.strip().split("\n", 1)[0].strip()
    for end in "。！？!?":
        head = line.split(end, 1)[0]
        if 4 <= len(head) < len(line):
            line = head
    return line if len(line) <= 80 else line[:79] + "…"


class Routes:
    """The default team of a merchant and category; read once, asked many times."""

    def __init__(self) -> None:
        self._lines: dict[tuple[int | None, int | None], Route] | None = None
        self._parents: dict[int, int | None] = {}

    def best(self, merchant: Merchant | None, category: Category | None) -> Route | None:
        """The most specific line: shop and category, shop, category (up its tree), everything."""
        if self._lines is None:
            self._lines = {(r.merchant_id, r.category_id): r for r in Route.objects.select_related("team")}
        if category and not self._parents:
            self._parents = dict(Category.objects.values_list("pk", "parent_id"))
        path: list[int | None] = []
        at = category.pk if category else None
        while at is not None and at not in path:
            path.append(at)
            at = self._parents.get(at)
        shop = merchant.pk if merchant else None
        wanted = [(shop, c) for c in path] + [(shop, None)] + [(None, c) for c in path] + [(None, None)]
        return next((self._lines[pair] for pair in wanted if pair in self._lines), None)


def check_received(received_at: datetime | None) -> None:
    """Something can't have reached us in the future. Raises Invalid."""
    if received_at and received_at > timezone.now():
        message = _("This date is in the future. Please check it.")
        raise Invalid(message, errors={"received_at": [message]})
