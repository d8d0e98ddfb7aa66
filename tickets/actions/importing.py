"""Cases from elsewhere: history that is kept, searched and counted, and about which nobody is told anything.

A case that nobody here has touched follows its source when it is imported again; one that a person works on only
gains the messages that are new.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actions import save_merchant
from accounts.models import Customer, Merchant, Organisation, User
from common import clock
from common.errors import Conflict
from common.events import Origin
from tickets import search
from tickets.actions.filing import Routes, first_sentence, next_ids, phone_words
from tickets.actions.steps import Entry, record_many
from tickets.actions.talking import snippet
from tickets.models import AuthorKind, Category, CloseReason, Message, Status, Ticket, TicketEvent, Visibility
from tickets.models.ticket import Channel, Kind, Priority
from tickets.numbers import number_for


@dataclass(frozen=True)
class Said:
    """One message of an imported case."""

    at: datetime
    author_kind: str
    text: str
    visibility: str = Visibility.PUBLIC


@dataclass
class Conversation:
    """A case as its source tells it; every instant is aware, in UTC."""

    external_id: str
    opened_at: datetime
    subject: str = ""
    kind: str = Kind.COMPLAINT
    channel: str = Channel.SYSTEM
    priority: str = Priority.NORMAL
    status: str = ""
    category: str = ""
    merchant: str = ""
    product: str = ""
    order_number: str = ""
    customer: str = ""
    phone: str = ""
    email: str = ""
    assignee: str = ""
    amount: Decimal | None = None
    tags: list[str] = field(default_factory=list)
    first_response_at: datetime | None = None
    resolved_at: datetime | None = None
    closed_at: datetime | None = None
    said: list[Said] = field(default_factory=list)

    @property
    def last_known(self) -> datetime:
        """The last instant that its source gives."""
        moments = [self.opened_at, self.first_response_at, self.resolved_at, self.closed_at, *(s.at for s in self.said)]
        return max(moment for moment in moments if moment)


#: What happened to a conversation.
CREATED, UPDATED, UNCHANGED = "created", "updated", "unchanged"


class Names:
    """Shops, categories and colleagues by the names a source uses; what is missing is made once."""

    def __init__(self) -> None:
        self._merchants = {
            key: m for m in Merchant.objects.all() for key in (m.code.casefold(), m.slug, m.name.casefold())
        }
        self._categories = {
            key: c for c in Category.objects.all() for key in (c.code, c.name_zh.casefold(), c.name_en.casefold())
        }
        self._people = {
            key.casefold(): person
            for person in User.objects.staff()
            for key in (person.email, person.phone, person.name)
            if key
        }

    def merchant(self, name: str) -> Merchant | None:
        if not name:
            return None
        found = self._merchants.get(name.casefold())
        if found is None:
            found = save_merchant(None, actor=None, name=name[:60], code=name[:60])
            self._merchants[name.casefold()] = found
        return found

    def category(self, name: str) -> Category | None:
        if not name:
            return None
        found = self._categories.get(name.casefold())
        if found is None:
            # The code comes from the name, so that the same name makes the same category on every machine.
            code = f"imported-{sha256(name.encode()).hexdigest()[:12]}"
            found, _made = Category.objects.get_or_create(
                code=code, defaults={"name_zh": name[:120], "name_en": name[:120], "position": 900}
            )
            self._categories[name.casefold()] = found
        return found

    def person(self, name: str) -> User | None:
        return self._people.get(name.casefold()) if name else None


@transaction.atomic
def import_many(
    conversations: Sequence[Conversation],
    *,
    names: Names | None = None,
    source: str = "import",
    at: datetime | None = None,
) -> list[str]:
    """Bring in up to some hundred conversations in a handful of statements; says of each what happened to it.

    `source` and the external id together are a case's name: the same file twice creates nothing new. The clocks of
    these cases are judged silently (sla), and no link is made.
    """
    names = names or Names()
    at = at or clock.now()
    known = {
        ticket.external_id: ticket
        for ticket in Ticket.objects.filter(source=source, external_id__in=[c.external_id for c in conversations])
        .select_for_update(of=("self",))
        .order_by("id")
    }
    new = [c for c in conversations if c.external_id not in known]
    old = [(known[c.external_id], c) for c in conversations if c.external_id in known]
    created = _create(new, names, source, at)
    changed = _follow(old, names, at)
    record_many([Entry(ticket, "ticket.imported") for ticket in [*created, *changed]], at=at)
    changed_ids = {ticket.external_id for ticket in changed}
    return [
        CREATED if c.external_id not in known else UPDATED if c.external_id in changed_ids else UNCHANGED
        for c in conversations
    ]


def _create(conversations: Sequence[Conversation], names: Names, source: str, at: datetime) -> list[Ticket]:
    organisation = Organisation.current()
    if organisation is None:
        raise Conflict(_("This product is not set up yet: open it in a browser first."))
    routes = Routes()
    customers = [_customer(c, at) for c in conversations]
    Customer.objects.bulk_create([customer for customer in customers if customer])
    tickets = [
        Ticket(
            pk=pk,
            number=number_for(pk, organisation.number_key),
            source=source,
            external_id=c.external_id,
            origin=Origin.IMPORT,
            customer=customer,
            opened_at=c.opened_at,
            received_at=c.opened_at,
            **_facts(c, names, routes),
        )
        for pk, c, customer in zip(next_ids(len(conversations)), conversations, customers, strict=True)
    ]
    Ticket.objects.bulk_create(tickets)
    Message.objects.bulk_create(
        [_message(ticket, said) for ticket, c in zip(tickets, conversations, strict=True) for said in c.said]
    )
    search.index_many([(ticket, _texts(c)) for ticket, c in zip(tickets, conversations, strict=True)])
    return tickets


def _follow(pairs: Iterable[tuple[Ticket, Conversation]], names: Names, at: datetime) -> list[Ticket]:
    """Bring known cases up to what their source says now; returns those that changed."""
    pairs = list(pairs)
    ids = [ticket.pk for ticket, _c in pairs]
    said: dict[int, set[tuple[datetime, str]]] = {pk: set() for pk in ids}
    for ticket_id, moment, body in Message.objects.filter(ticket__in=ids).values_list("ticket_id", "at", "body"):
        said[ticket_id].add((moment, body))
    touched = set(
        TicketEvent.objects.filter(ticket__in=ids).exclude(kind="ticket.imported").values_list("ticket_id", flat=True)
    )
    routes = Routes()
    changed: list[Ticket] = []
    for ticket, conversation in pairs:
        fresh = [s for s in conversation.said if (s.at, s.text) not in said[ticket.pk]]
        facts = {} if ticket.pk in touched else _facts(conversation, names, routes)
        # A conversation over many rows may come in parts: a later part must not blank what an earlier one said.
        facts = {name: value for name, value in facts.items() if getattr(ticket, name) != value and _says(name, value)}
        if not fresh and not facts:
            continue
        Message.objects.bulk_create([_message(ticket, s) for s in fresh])
        for name, value in facts.items():
            setattr(ticket, name, value)
        ticket.version += 1
        ticket.save(update_fields=[*facts, "version"])
        for s in fresh:
            search.add_words(ticket, s.text)
        changed.append(ticket)
    return changed


def _says(name: str, value: Any) -> bool:
    return value not in (None, "", []) or name in {"close_reason"}


def _facts(c: Conversation, names: Names, routes: Routes) -> dict[str, Any]:
    merchant, category, person = names.merchant(c.merchant), names.category(c.category), names.person(c.assignee)
    route = routes.best(merchant, category)
    public = [s for s in c.said if s.visibility == Visibility.PUBLIC]
    last = max(public, key=lambda s: s.at) if public else None
    tags = [*c.tags, *([f"product:{c.product}"] if c.product else [])]
    if c.assignee and person is None:
        tags.append(f"assignee:{c.assignee}")
    return {
        "subject": first_sentence(c.subject or (c.said[0].text if c.said else c.category or c.external_id)),
        "kind": c.kind,
        "channel": c.channel,
        "priority": c.priority,
        "merchant": merchant,
        "category": category,
        "assignee": person,
        "team": (person.team if person else None) or (route.team if route else None),
        "order_number": c.order_number,
        "amount": c.amount,
        "tags": tags,
        "first_response_at": c.first_response_at,
        "last_message_at": last.at if last else c.opened_at,
        "last_author_kind": last.author_kind if last else AuthorKind.CUSTOMER,
        "last_snippet": snippet(last.text) if last else "",
        **_ending(c),
    }


def _ending(c: Conversation) -> dict[str, Any]:
    """Status and its times. Closed without a day: closed when its source last knew of it, and its result is unknown
    (resolved_at stays empty, so no clock is judged by a day that nobody gave)."""
    resolved_at = c.resolved_at or c.closed_at
    status = c.status or (Status.CLOSED if c.closed_at else Status.RESOLVED if resolved_at else Status.OPEN)
    if status == Status.RESOLVED and resolved_at is None:
        status = Status.CLOSED
    if status in {Status.PENDING, Status.ON_HOLD}:
        status = Status.OPEN  # whom it waited for, and until when, did not come along
    is_closed = status == Status.CLOSED
    return {
        "status": status,
        "resolved_at": resolved_at if status in {Status.RESOLVED, Status.CLOSED} else None,
        "closed_at": (c.closed_at or c.last_known) if is_closed else None,
        "close_reason": CloseReason.CONFIRMED if is_closed else "",
    }


def _customer(c: Conversation, at: datetime) -> Customer | None:
    if not (c.customer or c.phone or c.email):
        return None
    return Customer(name=c.customer, phone=c.phone, email=c.email, created_at=at)


def _message(ticket: Ticket, said: Said) -> Message:
    return Message(ticket=ticket, at=said.at, author_kind=said.author_kind, visibility=said.visibility, body=said.text)


def _texts(c: Conversation) -> list[str]:
    return [c.subject, c.order_number, c.external_id, *phone_words(c.phone), *(s.text for s in c.said)]


def importable(values: Mapping[str, Any]) -> str:
    """The external id of a row, or one made from its content, so that the same row is the same case next time."""
    given = values.get("external_id")
    if given:
        return str(given)
    content = "\x1f".join(f"{name}={values[name]}" for name in sorted(values))
    return f"row-{sha256(content.encode()).hexdigest()[:32]}"
