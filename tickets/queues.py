"""The queue: which cases stand in it, in what order, and how one gets to the next page.

Every view is one or several branches, each of which a partial index serves in order; a page is the first rows of each,
merged. Pages go on from a place (the sort key of a row), so that page 4,000 costs what page 1 costs and nothing is
skipped or seen twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Case, DateTimeField, F, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.fields.tuple_lookups import TupleGreaterThan, TupleLessThan
from django.utils import timezone
from django.utils.translation import pgettext_lazy

from accounts.models import User
from tickets.models import FAR_FUTURE, OPEN_STATES, AuthorKind, Status, Ticket, TicketEvent
from tickets.models.ticket import Channel
from tickets.permissions import may

PAGE = 50
#: Nothing is counted beyond this.
MOST = 1_000
SOON = timedelta(hours=1)
#: What the manager's page counts as due next, and the queue's filter "due within 4 hours" shows.
NEXT_HOURS = timedelta(hours=4)
#: What one line of the queue shows of other tables.
SHOWN = ("merchant", "category", "assignee", "customer")
#: The columns it shows. What is left out here would be fetched row by row: tests/tickets/staff/test_query_counts.py.
COLUMNS = (
    "number", "status", "priority", "is_safety", "subject", "amount", "channel", "opened_at",
    "wait_reason", "wait_until", "due_at", "warn_at", "due_metric",
    "last_message_at", "last_author_kind", "last_snippet",
    "merchant__name", "category__name_zh", "category__name_en", "assignee__name",
    "customer__name", "customer__phone", "customer__email",
)  # fmt: skip

_OPEN = Q(status__in=OPEN_STATES)
#: name of an order -> field, and whether it runs from the latest to the earliest.
ORDERS = {"due": ("due_at", False), "newest": ("opened_at", True), "spoke": ("last_message_at", False)}


@dataclass(frozen=True)
class View:
    """A saved view: a tab with a count."""

    slug: str
    name: Any
    branches: Callable[[User, datetime], list[Q]]
    order: str = "due"
    is_open_only: bool = True


def _mine(user: User, _at: datetime) -> list[Q]:
    nobodys = _OPEN & Q(assignee__isnull=True)
    if user.team_id:
        nobodys &= Q(team=user.team_id) | Q(team__isnull=True)
    return [_OPEN & Q(assignee=user.pk), nobodys]


VIEWS = (
    View("mine", pgettext_lazy("queue", "Mine and nobody's"), _mine),
    View("late", pgettext_lazy("queue", "Late"), lambda _u, at: [_OPEN & Q(due_at__lt=at)]),
    View(
        "hour",
        pgettext_lazy("queue", "Within the hour"),
        lambda _u, at: [_OPEN & Q(due_at__gte=at, due_at__lt=at + SOON)],
    ),
    View("nobody", pgettext_lazy("queue", "Nobody's"), lambda _u, _at: [_OPEN & Q(assignee__isnull=True)]),
    View(
        "spoke",
        pgettext_lazy("queue", "Customer just wrote"),
        lambda _u, _at: [_OPEN & Q(last_author_kind=AuthorKind.CUSTOMER)],
        order="spoke",
    ),
    View(
        "waiting",
        pgettext_lazy("queue", "Waiting for others"),
        lambda _u, _at: [Q(status=Status.PENDING), Q(status=Status.ON_HOLD)],
    ),
    View("12315", pgettext_lazy("queue", "From 12315"), lambda _u, _at: [_OPEN & Q(channel=Channel.C12315)]),
    View("safety", pgettext_lazy("queue", "Danger"), lambda _u, _at: [_OPEN & Q(is_safety=True)]),
    View("open", pgettext_lazy("queue", "All open"), lambda _u, _at: [_OPEN]),
    View("all", pgettext_lazy("queue", "Everything"), lambda _u, _at: [Q()], order="newest", is_open_only=False),
)
BY_SLUG = {view.slug: view for view in VIEWS}


def default_view(user: User) -> View:
    """Who works cases begins with their own; who reads, with what is open."""
    return BY_SLUG["mine" if may(user, "take") else "open"]


@dataclass(frozen=True)
class Place:
    """Where a row stands in its order: a moment and an id."""

    at: datetime
    pk: int

    def __str__(self) -> str:
        gone = self.at - datetime(1970, 1, 1, tzinfo=UTC)
        return f"{(gone.days * 86_400 + gone.seconds) * 1_000_000 + gone.microseconds}-{self.pk}"

    @classmethod
    def read(cls, text: str) -> Place | None:
        """What an address says; None for anything that is no place, so that a mangled link opens the first page."""
        moment, _dash, pk = text.partition("-")
        if not (moment.isascii() and moment.isdigit() and pk.isascii() and pk.isdigit()):
            return None
        if len(moment) > 18 or len(pk) > 18 or int(moment) > 253_370_764_800_000_000:
            return None
        return cls(datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=int(moment)), int(pk))

    @classmethod
    def of(cls, ticket: Ticket, order: str) -> Place:
        return cls(getattr(ticket, ORDERS[order][0]), ticket.pk)


@dataclass
class Page:
    rows: list[Ticket]
    before: Place | None = None
    after: Place | None = None


Narrow = Callable[[QuerySet[Ticket]], QuerySet[Ticket]]


def as_lines(rows: QuerySet[Ticket]) -> QuerySet[Ticket]:
    """With what a line of the queue shows, and for cases that wait since when (`waits_since`)."""
    begun = TicketEvent.objects.filter(ticket=OuterRef("pk"), kind__in=("ticket.waited", "ticket.held"))
    waits_since = Case(
        When(status__in=(Status.PENDING, Status.ON_HOLD), then=Subquery(begun.order_by("-at").values("at")[:1])),
        output_field=DateTimeField(null=True),
    )
    return rows.select_related(*SHOWN).only(*COLUMNS).annotate(waits_since=waits_since)


@dataclass
class Queue:
    """A view narrowed by filters, for one person at one moment."""

    user: User
    view: View
    at: datetime
    narrow: Narrow = lambda rows: rows
    statuses: Sequence[str] = ()

    def branches(self) -> list[QuerySet[Ticket]]:
        """One queryset per way an index is walked."""
        visible = Ticket.objects.visible_to(self.user)
        found = [visible.filter(branch) for branch in self.view.branches(self.user, self.at)]
        if self.statuses:
            # Several states at once would lose the order of the index by state.
            found = [rows.filter(status=status) for rows in found for status in self.statuses]
        return [self.narrow(rows) for rows in found]

    def page(self, *, after: Place | None = None, before: Place | None = None, size: int = PAGE) -> Page:
        """The rows after or before a place, in order, with the places of the pages beside it."""
        backwards = before is not None and after is None
        rows = self._rows(after=after, before=before if backwards else None, size=size + 1)
        more = len(rows) > size
        rows = rows[:size]
        if backwards:
            rows.reverse()
        if not rows:
            return Page([])
        first, last = (Place.of(row, self.view.order) for row in (rows[0], rows[-1]))
        has_earlier = more if backwards else after is not None
        has_later = True if backwards else more
        return Page(rows, first if has_earlier else None, last if has_later else None)

    def _rows(self, *, after: Place | None, before: Place | None, size: int) -> list[Ticket]:
        branches = self.branches()
        if len(branches) == 1:
            return list(as_lines(self._walk(branches[0], after, before))[:size])
        merged = self.merged(branches, after, before, size)
        ids = [row["id"] for row in merged]
        by_id = as_lines(Ticket.objects.all()).in_bulk(ids)
        return [by_id[pk] for pk in ids if pk in by_id]

    def merged(
        self, branches: Sequence[QuerySet[Ticket]], after: Place | None, before: Place | None, size: int
    ) -> QuerySet[Any]:
        field = ORDERS[self.view.order][0]
        heads = [self._walk(rows, after, before)[:size].values("id", field, "number") for rows in branches]
        if len(heads) == 1:
            return heads[0]
        return heads[0].union(*heads[1:], all=True).order_by(*self._order(before is not None))[:size]

    def _order(self, backwards: bool) -> tuple[str, str]:
        field, is_falling = ORDERS[self.view.order]
        sign = "-" if is_falling != backwards else ""
        return f"{sign}{field}", f"{sign}id"

    def _walk(self, rows: QuerySet[Ticket], after: Place | None, before: Place | None) -> QuerySet[Ticket]:
        field, is_falling = ORDERS[self.view.order]
        place = after or before
        if place is not None:
            beyond = TupleLessThan if is_falling == (after is not None) else TupleGreaterThan
            rows = rows.filter(beyond((F(field), F("id")), (place.at, place.pk)))
        return rows.order_by(*self._order(before is not None))

    def neighbours(self, place: Place) -> Neighbours:
        """What stands before and after a place, and how far down it is, in one statement. Counts stop at 1,000."""
        branches = self.branches()
        parts: list[tuple[str, Sequence[Any]]] = []
        for after, before in ((place, None), (None, place)):
            sql, params = _sql(self.merged(branches, after, before, 1))
            field = ORDERS[self.view.order][0]
            parts.append((f'SELECT json_build_array(n."number", n."{field}", n."id") FROM ({sql}) n', params))  # noqa: S608
        counted = [self._walk(rows, None, place) for rows in branches]
        parts += [bounded_sql(counted), bounded_sql(branches)]
        later, earlier, ahead, total = one_row(parts)
        return Neighbours(_neighbour(earlier), _neighbour(later), ahead + 1, total)


@dataclass(frozen=True)
class Neighbour:
    number: str
    place: Place


@dataclass(frozen=True)
class Neighbours:
    earlier: Neighbour | None
    later: Neighbour | None
    position: int
    total: int


def _neighbour(found: Any) -> Neighbour | None:
    if not found:
        return None
    number, at, pk = found
    return Neighbour(number, Place(datetime.fromisoformat(at), pk))


def _sql(rows: QuerySet[Any]) -> tuple[str, Sequence[Any]]:
    sql, params = rows.query.sql_with_params()
    return sql, params


def bounded_sql(branches: Iterable[QuerySet[Any]]) -> tuple[str, list[Any]]:
    """A subquery that counts at most MOST + 1 rows."""
    sums: list[str] = []
    values: list[Any] = []
    for rows in branches:
        sql, params = _sql(rows.order_by().values("pk")[: MOST + 1])
        sums.append(f"(SELECT count(*) FROM ({sql}) c)")  # noqa: S608 - compiled by Django, values apart
        values += params
    return "SELECT " + " + ".join(sums), values


def one_row(parts: Iterable[tuple[str, Sequence[Any]]]) -> tuple[Any, ...]:
    """Several scalar subqueries as one statement."""
    parts = list(parts)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT " + ", ".join(f"({sql})" for sql, _params in parts), [v for _sql, params in parts for v in params]
        )
        return tuple(cursor.fetchone())


def first_sql(rows: QuerySet[Any], *fields: str) -> tuple[str, Sequence[Any]]:
    """A subquery that reads some fields of the first row, as JSON (moments as text); null when there is no row."""
    sql, params = _sql(rows.values(*fields)[:1])
    listed = ", ".join(f'f."{field}"' for field in fields)
    return f"SELECT json_build_array({listed}) FROM ({sql}) f", params  # noqa: S608 - field names of ours


def count_views(user: User, at: datetime) -> list[tuple[str, Sequence[Any]]]:
    """For `one_row`: how many stand in each of VIEWS, each counted to 1,001 at most."""
    return [bounded_sql(Queue(user, view, at).branches()) for view in VIEWS]


def section_of(ticket: Ticket, at: datetime) -> str:
    """late | hour | today | later | idle | waiting: under which heading a row of the due order stands."""
    if ticket.due_at >= FAR_FUTURE:
        return "waiting" if ticket.status in {Status.PENDING, Status.ON_HOLD} else "idle"
    if ticket.due_at < at:
        return "late"
    if ticket.due_at < at + SOON:
        return "hour"
    midnight = (timezone.localtime(at) + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    return "today" if ticket.due_at <= midnight else "later"
