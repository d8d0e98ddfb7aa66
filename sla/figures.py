"""How promises were kept: counts for the manager's page, from indexes alone, kept for some seconds.

A promise counts in the period in which it was decided: when it was met in time, or when it fell due unmet. Cancelled
and still open promises are in no figure. Nothing here is rounded in our favour.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from django.core.cache import cache
from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import User
from common.events import Origin
from sla.models import Breach, BreachStep, Clock
from tickets.models import Ticket
from tickets.queues import NEXT_HOURS, bounded_sql, first_sql, one_row

SECONDS = 20
MOST = 1_000
SOON = NEXT_HOURS
PERIODS = {"1": 1, "7": 7, "30": 30}


@dataclass(frozen=True)
class Share:
    """How many promises were kept of those that were decided."""

    kept: int = 0
    judged: int = 0

    @property
    def rate(self) -> float | None:
        return self.kept / self.judged if self.judged else None

    @property
    def missed(self) -> int:
        return self.judged - self.kept


@dataclass
class Attainment:
    """The figures of one period, and of the one before."""

    start: datetime
    end: datetime
    days: int
    totals: dict[str, Share] = field(default_factory=dict)
    before: dict[str, Share] = field(default_factory=dict)
    by_day: dict[tuple[str, date], Share] = field(default_factory=dict)
    by_team: dict[int | None, dict[str, Share]] = field(default_factory=dict)
    by_category: dict[int | None, dict[str, Share]] = field(default_factory=dict)
    by_merchant: dict[int | None, dict[str, Share]] = field(default_factory=dict)


@dataclass(frozen=True)
class Now:
    """The state of this moment; counts stop at 1,000."""

    late: int
    oldest_late: datetime | None
    soon: int
    soon_nobodys: int
    steps: Mapping[str, int]


def bounds(days: int, at: datetime) -> tuple[datetime, datetime]:
    """From when to when a period lasts: whole local days back, today included up to now."""
    zone = timezone.get_current_timezone()
    today = at.astimezone(zone).date()
    return datetime.combine(today - timedelta(days=days - 1), time(0), zone), at


def attainment(user: User, days: int, at: datetime | None = None) -> Attainment:
    """Kept and missed promises of the last days, for what this person may see; at most 20 seconds old."""
    scope = sorted(user.scope)
    key = f"sla.attainment:{days}:{'-'.join(map(str, scope))}"
    found = cache.get(key) if at is None else None
    if found is None:
        found = _count(scope, days, at or timezone.now())
        cache.set(key, found, SECONDS)
    return found


def _count(scope: Sequence[int], days: int, at: datetime) -> Attainment:
    start, end = bounds(days, at)
    result = Attainment(start, end, days)
    length = end - start
    zone = timezone.get_current_timezone_name()
    within = "AND merchant_id = ANY(%(scope)s)" if scope else ""
    values: dict[str, Any] = {"start": start, "end": end, "before": start - length, "zone": zone, "scope": list(scope)}
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT metric, (judged_at AT TIME ZONE %(zone)s)::date AS day, team_id, category_id, merchant_id,
                   grouping((judged_at AT TIME ZONE %(zone)s)::date, team_id, category_id, merchant_id) AS level,
                   count(*) FILTER (WHERE breached_at IS NULL) AS kept, count(*) AS judged
            FROM sla_clock
            WHERE judged_at IS NOT NULL AND judged_at >= %(start)s AND judged_at <= %(end)s {within}
            GROUP BY GROUPING SETS ((metric), (metric, (judged_at AT TIME ZONE %(zone)s)::date), (metric, team_id),
                                    (metric, category_id), (metric, merchant_id))
            """,  # noqa: S608 - one of two fixed texts
            values,
        )
        for metric, day, team, category, merchant, level, kept, judged in cursor.fetchall():
            share = Share(kept, judged)
            match level:
                case 0b1111:
                    result.totals[metric] = share
                case 0b0111:
                    result.by_day[metric, day] = share
                case 0b1011:
                    result.by_team.setdefault(team, {})[metric] = share
                case 0b1101:
                    result.by_category.setdefault(category, {})[metric] = share
                case 0b1110:
                    result.by_merchant.setdefault(merchant, {})[metric] = share
        cursor.execute(
            f"""
            SELECT metric, count(*) FILTER (WHERE breached_at IS NULL), count(*) FROM sla_clock
            WHERE judged_at IS NOT NULL AND judged_at >= %(before)s AND judged_at < %(start)s {within} GROUP BY metric
            """,  # noqa: S608 - one of two fixed texts
            values,
        )
        result.before = {metric: Share(kept, judged) for metric, kept, judged in cursor.fetchall()}
    return result


def now(user: User, at: datetime | None = None) -> Now:
    """What is late and what falls due in the next four hours; at most a few seconds old."""
    key = f"sla.now:{'-'.join(map(str, sorted(user.scope)))}"
    found = cache.get(key) if at is None else None
    if found is None:
        moment = at or timezone.now()
        visible = Ticket.objects.visible_to(user)
        late = visible.late(moment)
        soon = visible.unclosed().filter(due_at__gte=moment, due_at__lt=moment + SOON)
        board = on_board(user, moment)
        # One statement: the navigation of every staff page asks for this.
        oldest, *counts = one_row(
            [
                first_sql(late.order_by("due_at"), "due_at"),
                *(bounded_sql([rows]) for rows in (late, soon, soon.filter(assignee__isnull=True), *board.values())),
            ]
        )
        found = Now(
            counts[0],
            datetime.fromisoformat(oldest[0]) if oldest else None,
            counts[1],
            counts[2],
            dict(zip(board, counts[3:], strict=True)),
        )
        cache.set(key, found, 5)
    return found


@dataclass(frozen=True)
class Imported:
    """Cases from elsewhere, and how many of their promises could be judged in hindsight; both stop at 1,001."""

    cases: int
    judged: int


def imported(user: User) -> Imported:
    """How much imported history stands behind the figures; at most a minute old."""
    key = f"sla.imported:{'-'.join(map(str, sorted(user.scope)))}"
    found = cache.get(key)
    if found is None:
        cases = Ticket.objects.visible_to(user).filter(origin=Origin.IMPORT).order_by("-id")
        newest = cases.values("pk")[: MOST + 1]
        judged = Clock.objects.filter(ticket__in=newest, judged_at__isnull=False)
        found = Imported(bounded(cases), bounded(judged))
        cache.set(key, found, 60)
    return found


def bounded(rows: QuerySet[Any]) -> int:
    """A count that stops at 1,001."""
    return len(rows.order_by().values_list("pk", flat=True)[: MOST + 1])


#: The columns of the board, each the steps it holds.
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "recorded": (BreachStep.RECORDED,),
    "escalated": (BreachStep.TOLD, BreachStep.ESCALATED),
    "handed_over": (BreachStep.HANDED_OVER,),
    "acknowledged": (BreachStep.ACKNOWLEDGED,),
}
#: How long an acknowledged miss stays on the board.
STAYS = timedelta(days=7)


def on_board(user: User, at: datetime) -> dict[str, QuerySet[Breach]]:
    """The misses of each column, the oldest first; acknowledged ones of the last seven days."""
    live = Breach.objects.visible_to(user).live()
    found: dict[str, QuerySet[Breach]] = {
        name: live.filter(step__in=steps).order_by("due_at", "id") for name, steps in COLUMNS.items()
    }
    found["acknowledged"] = found["acknowledged"].filter(due_at__gte=at - STAYS).order_by("-due_at", "-id")
    return found
