"""Clocks in step with their cases.

Called inside the transaction of the verb that moved the case, which holds the case's lock: always ticket, then clock.
Clocks of a list are fetched, changed in memory and written in a constant number of statements.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from operator import itemgetter
from typing import Any

from django.db import connection
from django.db.models import Max

from calendars.models import CalendarVersion
from calendars.worktime import Due, WorkCalendar
from calendars.worktime import Target as WorkTarget
from common.events import ActorKind
from sla.actions import breaches, terms
from sla.actions.steps import event as new_event
from sla.actions.steps import record_many
from sla.metrics import (
    ANSWERABLE,
    FIRST_RESPONSE,
    METRICS,
    NEXT_RESPONSE,
    RECOVERY,
    REOPENED_AT_LEAST,
    RESUMES,
    rules,
)
from sla.models import LIVE, Clock, ClockState
from sla.policies import Goal, Line, is_raised
from tickets.models import FAR_FUTURE, OPEN_STATES, Ticket, TicketEvent

_WRITTEN = [
    "policy", "target", "calendar_version", "warn_percents", "counted_from", "pauses", "due_at", "ends_day",
    "decided_by",
    "warn_at", "next_warn_at", "warnings", "state", "ended_at", "ended_by", "judged_at", "merchant", "team", "category",
]  # fmt: skip


class Hands:
    """The live clocks of some cases, locked; changed in memory, written once by `write`."""

    def __init__(self, tickets: Iterable[Ticket], *, is_new: bool = False) -> None:
        self.tickets = {ticket.pk: ticket for ticket in tickets if not ticket.is_silent}
        self.live: dict[int, list[Clock]] = {pk: [] for pk in self.tickets}
        self._changed: dict[int, Clock] = {}
        self._made: list[Clock] = []
        self._missed: list[Clock] = []
        self._made_good: list[Clock] = []
        self.events: list[Any] = []
        self.hours = terms.hours_for(self.tickets.values())
        if self.tickets and not is_new:
            for clock in (
                Clock.objects.filter(ticket__in=self.tickets, state__in=LIVE)
                .select_related("calendar_version")
                .select_for_update(of=("self",))
                .order_by("id")
            ):
                self.live[clock.ticket_id].append(clock)

    # -- one clock ----------------------------------------------------------------------------------------------------

    def start(self, ticket: Ticket, metric: str, goal: Goal, line: Line, at: datetime) -> Clock:
        """Start a clock by a target of a policy."""
        version = self.hours.version(goal.calendar or line.calendar, ticket.merchant_id)
        clock = Clock(
            ticket=ticket,
            metric=metric,
            side=METRICS[metric].side,
            policy_id=line.pk,
            calendar_version=version,
            target=dict(goal.target),
            warn_percents=list(goal.warn_percents),
            started_at=at,
            counted_from=at,
        )
        return self.add(clock)

    def add(self, clock: Clock) -> Clock:
        """Take up a new clock; its due time is set here and is what was promised."""
        clock.promised_at = settle(clock).at
        self._made.append(clock)
        self.live[clock.ticket_id].append(clock)
        return clock

    def meet(self, clock: Clock, at: datetime, kind: str) -> None:
        self._end(clock, ClockState.MET, at, kind)

    def cancel(self, clock: Clock, at: datetime, kind: str) -> None:
        self._end(clock, ClockState.CANCELLED, at, kind)

    def _end(self, clock: Clock, state: str, at: datetime, kind: str) -> None:
        self.resume(clock, at)
        clock.state, clock.ended_at, clock.ended_by, clock.next_warn_at = state, at, kind, None
        if clock.is_breached:
            self._made_good.append(clock)
        elif clock.missed_by(at) and clock.side in ANSWERABLE:
            # Too late, and the sweep was not here yet: still late.
            clock.judged_at = clock.due_at
            self._missed.append(clock)
        elif state == ClockState.MET:
            ticket = self.tickets[clock.ticket_id]
            clock.judged_at = at
            clock.merchant_id, clock.team_id, clock.category_id = ticket.merchant_id, ticket.team_id, ticket.category_id
        self.live[clock.ticket_id].remove(clock)
        self._change(clock)

    def pause(self, clock: Clock, at: datetime, reason: str) -> None:
        if clock.state != ClockState.RUNNING:
            return
        if not clock.is_breached and clock.missed_by(at) and clock.side in ANSWERABLE:
            self._missed.append(clock)
        clock.pauses = [*clock.pauses, [at.isoformat(), None, reason]]
        clock.state = ClockState.PAUSED
        if clock not in self._missed:
            clock.due_at = clock.next_warn_at = None
        self._change(clock)

    def resume(self, clock: Clock, at: datetime) -> None:
        pause = clock.open_pause
        if clock.state != ClockState.PAUSED or pause is None:
            return
        clock.pauses = [*clock.pauses[:-1], [pause[0], at.isoformat(), *pause[2:]]]
        clock.state = ClockState.RUNNING
        settle(clock)
        self._change(clock)

    def revive(self, clock: Clock) -> None:
        """Take back a cancellation: the promise stands as it stood."""
        clock.state, clock.ended_at, clock.ended_by = ClockState.RUNNING, None, ""
        settle(clock)
        self.live[clock.ticket_id].append(clock)
        self._change(clock)

    def _change(self, clock: Clock) -> None:
        if clock.pk is not None:
            self._changed[clock.pk] = clock

    def change(self, clock: Clock) -> None:
        """Note that a clock was changed by the caller."""
        self._change(clock)

    # -- all of them --------------------------------------------------------------------------------------------------

    def write(self, at: datetime) -> None:
        """Write what changed: clocks, breaches found on the way, and what the queue is ordered by."""
        if self._changed:
            Clock.objects.bulk_update(self._changed.values(), _WRITTEN, batch_size=500)
        if self._made:
            Clock.objects.bulk_create(self._made, batch_size=500)
        if self._missed:
            breaches.record_missed([clock.pk for clock in self._missed], at=at)
            paused = [clock.pk for clock in self._missed if clock.state == ClockState.PAUSED]
            if paused:
                Clock.objects.filter(pk__in=paused).update(due_at=None)
        if self._made_good:
            breaches.made_good([clock.pk for clock in self._made_good])
        show_due(self.tickets.values(), self.live)
        record_many(self.events)


def settle(clock: Clock) -> Due:
    """Set when a running clock is due and when people are warned, from its stamps and pauses."""
    worktime, target = clock.calendar_version.worktime(), clock.work_target
    spans = clock.pause_spans(clock.counted_from)
    due = worktime.due(clock.counted_from, target, spans)
    clock.due_at, clock.ends_day, clock.decided_by = due.at, due.ends_day, due.decided_by
    moments = warn_moments(worktime, clock.counted_from, target, due, clock.warn_percents, spans)
    clock.warn_at = moments[0] if moments else None
    clock.next_warn_at = None if clock.is_breached else next(iter(moments[clock.warnings :]), None)
    return due


def warn_moments(  # noqa: PLR0917
    worktime: WorkCalendar,
    start: datetime,
    target: WorkTarget,
    due: Due,
    percents: Sequence[int],
    pauses: Sequence[tuple[datetime, datetime]] = (),
) -> list[datetime]:
    """When so many percent of the time are used: of working time, or of the time on the clock for days and caps."""
    if due.decided_by == "target" and not target.in_days:
        whole = timedelta(**{target.unit: target.count})
        spans = pauses if target.pauses else ()
        return [worktime.add(start, whole * percent / 100, spans) for percent in percents]
    return [start + (due.at - start) * percent / 100 for percent in percents]


def show_due(tickets: Iterable[Ticket], live: dict[int, list[Clock]]) -> None:
    """Write what the queue is ordered by, on change only: the one place that does."""
    rows = []
    for ticket in tickets:
        running = [c for c in live[ticket.pk] if c.state == ClockState.RUNNING and c.side in ANSWERABLE]
        due_at, warn_at, metric = min(
            ((c.due_at, c.warn_at or c.due_at, c.metric) for c in running if c.due_at),
            key=itemgetter(0),
            default=(FAR_FUTURE, FAR_FUTURE, ""),
        )
        if (ticket.due_at, ticket.warn_at, ticket.due_metric) != (due_at, warn_at, metric):
            ticket.due_at, ticket.warn_at, ticket.due_metric = due_at, warn_at, metric
            rows.append((ticket.pk, due_at, warn_at, metric))
    if rows:
        with connection.cursor() as cursor:
            cursor.execute(
                """
                UPDATE tickets_ticket t SET due_at = v.due_at, warn_at = v.warn_at, due_metric = v.due_metric
                FROM unnest(%s::bigint[], %s::timestamptz[], %s::timestamptz[], %s::text[])
                  AS v(id, due_at, warn_at, due_metric)
                WHERE t.id = v.id
                AND (t.due_at, t.warn_at, t.due_metric) IS DISTINCT FROM (v.due_at, v.warn_at, v.due_metric)
                """,
                [list(column) for column in zip(*rows, strict=True)],
            )


# -- what events do ---------------------------------------------------------------------------------------------------


def opened(events: Sequence[TicketEvent]) -> None:
    """Stamp new cases with the promises in force and start their clocks."""
    hands = Hands([event.ticket for event in events], is_new=True)
    if not hands.tickets:
        return
    at = min(event.at for event in events)
    agreed = terms.agree(hands.tickets.values(), at)
    for event in events:
        entry = agreed.get(event.ticket_id)
        if entry is None:
            continue
        for metric, row in METRICS.items():
            goal = entry.line.goal(metric, event.ticket.priority)
            if event.kind in row.starts and goal:
                hands.start(event.ticket, metric, goal, entry.line, event.at)
    hands.write(at)


def follow(events: Sequence[TicketEvent]) -> None:  # noqa: PLR0912 - one branch per column of the table
    """Do to each clock what the table says about this kind of event."""
    hands = Hands([event.ticket for event in events])
    starting = []
    for event in events:
        if event.ticket_id not in hands.tickets:
            continue
        for clock in list(hands.live[event.ticket_id]):
            row = rules(clock.metric, clock.recovers)
            if event.kind in row.met_by and event.actor_kind == ActorKind.STAFF:
                hands.meet(clock, event.at, event.kind)
            elif event.kind in row.cancelled_by:
                hands.cancel(clock, event.at, event.kind)
            elif event.kind in row.paused_by:
                hands.pause(clock, event.at, str(event.data.get("reason", "")))
            elif event.kind in RESUMES:
                hands.resume(clock, event.at)
        for metric, row in METRICS.items():
            running = any(clock.metric == metric for clock in hands.live[event.ticket_id])
            if event.kind in row.starts and not running and _may_start(metric, event):
                starting.append((event, metric))
    if starting:
        agreed = terms.agreed_for([event.ticket for event, _metric in starting])
        for event, metric in starting:
            entry = agreed.get(event.ticket_id)
            goal = entry.line.goal(metric, event.ticket.priority) if entry else None
            if entry and goal:
                hands.start(event.ticket, metric, goal, entry.line, event.at)
    if hands.tickets:
        hands.write(max(event.at for event in events))


def _may_start(metric: str, event: TicketEvent) -> bool:
    ticket = event.ticket
    if ticket.status not in OPEN_STATES:
        return False
    if metric == NEXT_RESPONSE:
        # Before our first answer it is the first answer that is owed.
        return ticket.first_response_at is not None
    return event.actor_kind == ActorKind.STAFF


def carry_on(events: Sequence[TicketEvent]) -> None:
    """Go on with what was left when a case was ended, at least four working hours."""
    hands = Hands([event.ticket for event in events])
    if not hands.tickets:
        return
    follow_last: dict[tuple[int, str], Clock] = {}
    for clock in (
        Clock.objects.filter(
            ticket__in=hands.tickets, recovers="", metric__in=[name for name, row in METRICS.items() if row.continues]
        )
        .select_related("calendar_version", "policy")
        .order_by("cycle", "id")
    ):
        follow_last[clock.ticket_id, clock.metric] = clock
    for event in events:
        for metric, row in METRICS.items():
            last = follow_last.get((event.ticket_id, metric))
            if last is None or not row.continues or last.is_live:
                continue
            if metric == FIRST_RESPONSE and (event.ticket.first_response_at or last.state != ClockState.CANCELLED):
                continue
            hands.add(_continued(last, event, hands))
    hands.write(max(event.at for event in events))


def _continued(last: Clock, event: TicketEvent, hands: Hands) -> Clock:
    ended_at = last.ended_at or event.at
    target, worktime = last.work_target, last.calendar_version.worktime()
    version: CalendarVersion = last.calendar_version
    on_the_clock = max((last.due_at or ended_at) - ended_at, timedelta(0))
    if target.in_days:
        left, version, cap = on_the_clock, hands.hours.always(), None
    else:
        used = worktime.elapsed(last.counted_from, ended_at, last.pause_spans(ended_at))
        left = max(timedelta(**{target.unit: target.count}) - used, timedelta(0))
        cap = on_the_clock if target.max_elapsed_minutes is not None else None
    goal: dict[str, Any] = {"seconds": int(left.total_seconds())}
    if cap is not None:
        goal["max_elapsed_minutes"] = int(cap.total_seconds() // 60)
    calendar = last.policy.calendar_id if last.policy else None
    working = hands.hours.version(calendar, event.ticket.merchant_id)
    least = WorkTarget("minutes", REOPENED_AT_LEAST)
    if version.worktime().due(event.at, WorkTarget.from_json(goal)).at < working.worktime().due(event.at, least).at:
        goal, version = least.to_json(), working
    return Clock(
        ticket=event.ticket,
        metric=last.metric,
        side=last.side,
        cycle=last.cycle + 1,
        policy_id=last.policy_id,
        calendar_version=version,
        target=goal,
        warn_percents=last.warn_percents,
        started_at=event.at,
        counted_from=event.at,
    )


def take_back_spam(events: Sequence[TicketEvent]) -> None:
    """Spam by mistake: the clocks that it cancelled stand as they stood."""
    hands = Hands([event.ticket for event in events])
    cancelled = Clock.objects.filter(
        ticket__in=hands.tickets, state=ClockState.CANCELLED, ended_by="ticket.spammed"
    ).select_related("calendar_version")
    newest = dict(cancelled.values_list("ticket_id").annotate(at=Max("ended_at")))
    for clock in cancelled.select_for_update(of=("self",)).order_by("id"):
        if clock.ended_at == newest[clock.ticket_id]:
            hands.revive(clock)
    if hands.tickets:
        hands.write(max(event.at for event in events))


def match_again(events: Sequence[TicketEvent]) -> None:
    """A case became more or less urgent, or is about something else: its clocks follow, inside its own set.

    Time used and pauses carry over. No due time becomes later, unless the priority was lowered. Where more than the new
    target is used up already, the new target counts from now: nobody was promised what had passed before. What was
    promised first stays on the clock.
    """
    hands = Hands([event.ticket for event in events])
    if not hands.tickets:
        return
    agreed = terms.match_again(hands.tickets.values())
    for event in events:
        entry = agreed.get(event.ticket_id)
        lowered = (
            event.kind == "ticket.prioritised"
            and bool(event.data.get("from"))
            and not is_raised(event.data["from"], event.data["to"])
        )
        for clock in hands.live.get(event.ticket_id, []) if entry else []:
            if clock.metric == RECOVERY or clock.is_breached or clock.missed_by(event.at) or entry is None:
                continue
            goal = entry.line.goal(clock.metric, event.ticket.priority)
            if goal is None:
                continue
            version = hands.hours.version(goal.calendar or entry.line.calendar, event.ticket.merchant_id)
            _rematch(hands, clock, goal, entry.line.pk, version, event, may_be_later=lowered)
    hands.write(max(event.at for event in events))


def _rematch(  # noqa: PLR0917
    hands: Hands,
    clock: Clock,
    goal: Goal,
    policy: int,
    version: CalendarVersion,
    event: TicketEvent,
    *,
    may_be_later: bool,
) -> None:
    target = WorkTarget.from_json(goal.target)
    if (target == clock.work_target and version.pk == clock.calendar_version_id) or clock.cycle > 1:
        return
    at, worktime, spans = event.at, version.worktime(), clock.pause_spans(event.at)
    before = clock.calendar_version.worktime().due(clock.counted_from, clock.work_target, spans).at
    counted_from, due = clock.started_at, worktime.due(clock.started_at, target, spans).at
    if due <= at:
        counted_from, due = at, worktime.due(at, target).at
    if due > before and not may_be_later:
        return
    clock.target, clock.calendar_version, clock.policy_id = dict(goal.target), version, policy
    clock.warn_percents, clock.counted_from, clock.warnings = list(goal.warn_percents), counted_from, 0
    if clock.state == ClockState.RUNNING:
        settle(clock)
    hands.change(clock)
    change: dict[str, Any] = {"from": before.isoformat(), "to": due.isoformat()}
    hands.events.append(
        new_event(
            "sla.rematched",
            at=at,
            ticket=event.ticket,
            clock=clock.pk,
            metric=clock.metric,
            **change,
        )
    )
