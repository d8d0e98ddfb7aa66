"""Cases from elsewhere: what was promised is judged by our policies, silently. Nobody is told, nothing is escalated."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction

from calendars.worktime import Target as WorkTarget
from common.events import Origin
from sla.actions import terms
from sla.metrics import FIRST_RESPONSE, METRICS, RESOLUTION
from sla.models import Breach, BreachStep, Clock, ClockState, PolicySet
from sla.policies import Book
from tickets.models import Ticket, TicketEvent

CHUNK = 1_000


def judge_events(events: Sequence[TicketEvent]) -> None:
    judge_imported([event.ticket for event in events])


@transaction.atomic
def judge_imported(tickets: Iterable[Ticket]) -> int:
    """Judge imported cases by the promises of their time; returns how many clocks were written.

    A metric without an end is unknown and gets no clock, so it is in no attainment. Judging again replaces what was
    judged before, since the source may have learnt more.
    """
    tickets = [ticket for ticket in tickets if ticket.is_silent]
    if not tickets:
        return 0
    known = Clock.objects.filter(ticket__in=[ticket.pk for ticket in tickets], origin=Origin.IMPORT)
    if known.exists():
        known.delete()
    books = _Books()
    if not books.has_any:
        return 0
    hours = terms.hours_for(tickets)
    by_book: dict[int, tuple[Book, list[Ticket]]] = {}
    for ticket in tickets:
        book = books.at(ticket.opened_at)
        by_book.setdefault(book.pk, (book, []))[1].append(ticket)
    clocks: list[Clock] = []
    for book, members in by_book.values():
        facts = terms.facts_of(members, book.lines)
        for ticket in members:
            line = book.match(facts[ticket.pk])
            for metric, met_at in ((FIRST_RESPONSE, ticket.first_response_at), (RESOLUTION, ticket.resolved_at)):
                goal = line.goal(metric, ticket.priority)
                if met_at is None or goal is None or met_at < ticket.opened_at:
                    continue
                version = hours.version(goal.calendar or line.calendar, ticket.merchant_id)
                due = version.worktime().due(ticket.opened_at, WorkTarget.from_json(goal.target))
                is_late = due.missed_by(met_at)
                clocks.append(
                    Clock(
                        ticket=ticket,
                        metric=metric,
                        side=METRICS[metric].side,
                        policy_id=line.pk,
                        calendar_version=version,
                        target=dict(goal.target),
                        started_at=ticket.opened_at,
                        counted_from=ticket.opened_at,
                        due_at=due.at,
                        ends_day=due.ends_day,
                        decided_by=due.decided_by,
                        promised_at=due.at,
                        state=ClockState.MET,
                        ended_at=met_at,
                        ended_by="ticket.imported",
                        breached_at=due.at if is_late else None,
                        judged_at=due.at if is_late else met_at,
                        merchant_id=ticket.merchant_id,
                        team_id=ticket.team_id,
                        category_id=ticket.category_id,
                        origin=Origin.IMPORT,
                    )
                )
    Clock.objects.bulk_create(clocks, batch_size=CHUNK)
    Breach.objects.bulk_create(
        [_breach(clock) for clock in clocks if clock.is_breached], batch_size=CHUNK, ignore_conflicts=True
    )
    return len(clocks)


def _breach(clock: Clock) -> Breach:
    ticket = clock.ticket
    return Breach(
        clock=clock,
        ticket=ticket,
        metric=clock.metric,
        due_at=clock.promised_at,
        recorded_at=clock.promised_at,
        late_by=clock.ended_at - clock.promised_at if clock.ended_at else None,
        is_historic=True,
        status=ticket.status,
        assignee_id=ticket.assignee_id,
        team_id=ticket.team_id,
        merchant_id=ticket.merchant_id,
        category_id=ticket.category_id,
        step=BreachStep.HISTORIC,
    )


class _Books:
    """All published sets, read once."""

    def __init__(self) -> None:
        sets = PolicySet.objects.published().order_by("in_force_from", "number")
        self._sets = [(one.in_force_from, terms.book_of(one)) for one in sets]

    @property
    def has_any(self) -> bool:
        return bool(self._sets)

    def at(self, moment: datetime) -> Book:
        """What held at a moment; before the first set, the first."""
        held = [book for from_when, book in self._sets if from_when and from_when <= moment]
        return held[-1] if held else self._sets[0][1]
