"""The sweep: every two seconds, what fell due is recorded and who is at risk is warned about.

It locks clocks only, skips those that somebody holds, and never touches a case: the steps of the workflow do.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from calendars.worktime import Due
from common import clock as database_clock
from sla.actions.breaches import record_missed
from sla.actions.clocks import warn_moments
from sla.actions.steps import event, record_many
from sla.metrics import ANSWERABLE
from sla.models import Clock, ClockState
from tickets.models import Ticket

#: A verb reads its moment after locking the case and writes a little later: what fell due less than this ago waits.
LAG = timedelta(seconds=2)
CHUNK = 500


@dataclass
class Swept:
    """What one sweep did, in clocks."""

    breached: int = 0
    expired: int = 0
    warned: int = 0


def sweep(*, at: datetime | None = None, most: int = 20_000) -> Swept:
    """Record what fell due, then warn once per threshold; chunks of 500, each a transaction of its own."""
    at = at or database_clock.now()
    swept = Swept()
    while swept.breached + swept.expired < most:
        found = _due_chunk(at, swept)
        if found < CHUNK:
            break
    while swept.warned < most:
        found = _warn_chunk(at)
        swept.warned += found
        if found < CHUNK:
            break
    return swept


@transaction.atomic
def _due_chunk(at: datetime, swept: Swept) -> int:
    due = list(
        Clock.objects.filter(state=ClockState.RUNNING, breached_at__isnull=True, due_at__lte=at - LAG)
        .order_by("due_at", "id")
        .select_for_update(skip_locked=True, of=("self",))
        .values_list("pk", "side")[:CHUNK]
    )
    late = [pk for pk, side in due if side in ANSWERABLE]
    over = [pk for pk, side in due if side not in ANSWERABLE]
    record_missed(late, at=at)
    if over:
        Clock.objects.filter(pk__in=over).update(
            state=ClockState.EXPIRED, ended_at=at, ended_by="sla.expired", next_warn_at=None
        )
    swept.breached += len(late)
    swept.expired += len(over)
    return len(due)


@transaction.atomic
def _warn_chunk(at: datetime) -> int:
    clocks = list(
        Clock.objects.filter(
            state=ClockState.RUNNING, breached_at__isnull=True, next_warn_at__isnull=False, next_warn_at__lte=at
        )
        .select_related("calendar_version")
        .order_by("next_warn_at", "id")
        .select_for_update(skip_locked=True, of=("self",))[:CHUNK]
    )
    if not clocks:
        return 0
    tickets = Ticket.objects.in_bulk({clock.ticket_id for clock in clocks})
    events = []
    for clock in clocks:
        assert clock.due_at is not None  # a running clock has one (CHECK)
        moments = warn_moments(
            clock.calendar_version.worktime(),
            clock.counted_from,
            clock.work_target,
            Due(clock.due_at, clock.decided_by, clock.ends_day),
            clock.warn_percents,
            clock.pause_spans(clock.counted_from),
        )
        # After a standstill several may have passed: people hear of the last one only.
        passed = sum(moment <= at for moment in moments)
        clock.warnings = max(passed, clock.warnings + 1)
        clock.next_warn_at = next(iter(moments[clock.warnings :]), None)
        events.append(
            event(
                "sla.at_risk",
                at=at,
                ticket=tickets[clock.ticket_id],
                clock=clock.pk,
                metric=clock.metric,
                due_at=clock.due_at.isoformat(),
                percent=clock.warn_percents[min(clock.warnings, len(clock.warn_percents)) - 1],
            )
        )
    Clock.objects.bulk_update(clocks, ["warnings", "next_warn_at"])
    record_many(events)
    return len(clocks)
