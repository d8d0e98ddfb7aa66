"""Under what a case runs: which version of our promises, which line of it, which working hours."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from accounts.models import Customer, Merchant, Organisation
from calendars.models import Calendar, CalendarVersion
from calendars.presets import DEFAULT
from sla.models import PolicySet, Terms
from sla.policies import Book, Facts, Goal, Line, ancestors, needs
from tickets.directory import directory
from tickets.models import Ticket

_books: dict[int, Book] = {}
_MOST_BOOKS = 64


def book_of(policy_set: PolicySet) -> Book:
    """A published set as it is kept in memory; a draft is read anew each time."""
    book = _books.get(policy_set.pk) if policy_set.is_published else None
    if book is None:
        book = Book(
            policy_set.pk,
            policy_set.number,
            [
                Line(
                    policy.pk,
                    policy.conditions,
                    policy.calendar_id,
                    [
                        Goal(goal.metric, goal.priority, goal.to_json(), goal.calendar_id, goal.warn_at)
                        for goal in policy.targets.all()
                    ],
                )
                for policy in policy_set.policies.order_by("position").prefetch_related("targets")
            ],
        )
        if policy_set.is_published:
            if len(_books) >= _MOST_BOOKS:
                _books.clear()
            _books[policy_set.pk] = book
    return book


def book_in_force(at: datetime) -> Book | None:
    """The promises that hold at a moment; None in an installation that never published any: it promises nothing."""
    policy_set = PolicySet.objects.in_force(at)
    return book_of(policy_set) if policy_set else None


@dataclass
class Hours:
    """Working hours as they are now: calendars by id, which one a shop has, and which one everybody else."""

    merchants: Iterable[int]
    _own: dict[int, int | None] = field(default_factory=dict)

    @cached_property
    def _calendars(self) -> Mapping[int, tuple[str, CalendarVersion]]:
        return {c.pk: (c.code, c.current) for c in Calendar.objects.select_related("current") if c.current}

    @cached_property
    def _merchant_calendars(self) -> Mapping[int, int | None]:
        wanted = {pk for pk in self.merchants if pk}
        return dict(Merchant.objects.filter(pk__in=wanted).values_list("pk", "calendar_id")) if wanted else {}

    @cached_property
    def _common(self) -> int:
        organisation = Organisation.current()
        return organisation.calendar_id if organisation else self._by_code(DEFAULT)

    def _by_code(self, wanted: str) -> int:
        return next(pk for pk, (code, _version) in self._calendars.items() if code == wanted)

    def version(self, calendar: int | None, merchant: int | None) -> CalendarVersion:
        """The current version of a calendar; without one, of the shop's hours, else the organisation's."""
        pk = calendar or (self._merchant_calendars.get(merchant) if merchant else None) or self._common
        return self._calendars[pk][1]

    def always(self) -> CalendarVersion:
        """Around the clock."""
        return self._calendars[self._by_code("always")][1]


def hours_for(tickets: Iterable[Ticket]) -> Hours:
    return Hours({ticket.merchant_id for ticket in tickets if ticket.merchant_id})


def facts_of(tickets: Iterable[Ticket], lines: Iterable[Line]) -> dict[int, Facts]:
    """What the lines of a set may ask about some cases, by id; only what they do ask is fetched."""
    tickets = list(tickets)
    asked = needs(lines)
    parents = {pk: c.parent for pk, c in directory().categories.items()} if "category" in asked else {}
    tiers: dict[int, str] = {}
    if "tier" in asked:
        customers = {ticket.customer_id for ticket in tickets if ticket.customer_id}
        tiers = dict(Customer.objects.filter(pk__in=customers).values_list("pk", "tier"))
    return {
        ticket.pk: Facts(
            kind=ticket.kind,
            categories=ancestors(parents, ticket.category_id),
            priority=ticket.priority,
            channel=ticket.channel,
            merchant=ticket.merchant_id,
            tier=tiers.get(ticket.customer_id or 0, ""),
            amount=ticket.amount,
            is_safety=ticket.is_safety,
        )
        for ticket in tickets
    }


@dataclass(frozen=True)
class Agreed:
    """The version and the line that a case runs under."""

    book: Book
    line: Line


def agree(tickets: Iterable[Ticket], at: datetime) -> dict[int, Agreed]:
    """Stamp new cases with the promises in force and the line that fits each; empty where nothing is published."""
    tickets = list(tickets)
    book = book_in_force(at)
    if book is None:
        return {}
    facts = facts_of(tickets, book.lines)
    agreed = {ticket.pk: Agreed(book, book.match(facts[ticket.pk])) for ticket in tickets}
    Terms.objects.bulk_create(
        [Terms(ticket_id=pk, policy_set_id=book.pk, policy_id=entry.line.pk) for pk, entry in agreed.items()]
    )
    return agreed


def agreed_for(tickets: Iterable[Ticket]) -> dict[int, Agreed]:
    """What was agreed when some cases were opened, or at their last change."""
    found: dict[int, Agreed] = {}
    sets: dict[int, Book] = {}
    for terms in Terms.objects.filter(pk__in=[ticket.pk for ticket in tickets]).select_related("policy_set"):
        book = sets.setdefault(terms.policy_set_id, book_of(terms.policy_set))
        line = next(line for line in book.lines if line.pk == terms.policy_id)
        found[terms.pk] = Agreed(book, line)
    return found


def match_again(tickets: Iterable[Ticket]) -> dict[int, Agreed]:
    """Find the line that fits now, in the set a case was opened under, and keep it."""
    tickets = list(tickets)
    found = agreed_for(tickets)
    for book in {entry.book.pk: entry.book for entry in found.values()}.values():
        facts = facts_of([t for t in tickets if t.pk in found and found[t.pk].book.pk == book.pk], book.lines)
        moved: dict[int, list[int]] = {}
        for pk, fact in facts.items():
            line = book.match(fact)
            if line.pk != found[pk].line.pk:
                found[pk] = Agreed(book, line)
                moved.setdefault(line.pk, []).append(pk)
        for line_pk, pks in moved.items():
            Terms.objects.filter(pk__in=pks).update(policy_id=line_pk)
    return found
