"""What follows a missed promise: the customer is told, the lead hears of it and, without a word from them, the managers
again and again; after a second miss a person takes over.

Each step is a row. A chunk of rows is claimed, done and marked done in one transaction, so a worker that dies in the
middle leaves rows for the next one and nothing half done. One bad row does not hold up the others: it is tried alone
and, failing again, parked with its error and tried again later.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import connection, transaction
from django.db.models import Max

from accounts.models import Role, User
from common import clock as database_clock
from common.errors import DomainError
from sla.actions.clocks import Hands
from sla.actions.steps import event, record_many
from sla.metrics import (
    RECOVERY,
    RECOVERY_AT_LEAST,
    RECOVERY_AT_MOST,
    RECOVERY_SHARE,
    RESOLUTION,
)
from sla.models import LIVE, Breach, BreachStep, Clock, SlaEvent, StepKind, StepState, WorkflowStep
from tickets.actions import assign, tell_many
from tickets.models import OPEN_STATES, CloseReason, Priority, Status, Ticket

log = structlog.get_logger()

CHUNK = 250
#: How long a lead has to acknowledge before a manager hears of it, in minutes on the clock.
ACKNOWLEDGE_WITHIN = {Priority.URGENT: 15}
ACKNOWLEDGE_OTHERWISE = 30
#: How often managers hear of it again until somebody acknowledges, in minutes on the clock, and how often at most.
TELL_AGAIN_EVERY = {Priority.URGENT: 30}
TELL_AGAIN_OTHERWISE = 60
MOST_ROUNDS = 8
#: Nobody is told anything more about these.
_TAKEN_BACK = {CloseReason.WITHDRAWN, CloseReason.SPAM, CloseReason.MERGED}
#: Counting the cases ahead stops here.
MOST_AHEAD = 99
_LONGEST_ERROR = 500


@dataclass
class Worked:
    """What one run did, in steps."""

    done: int = 0
    parked: int = 0
    by_kind: dict[str, int] = field(default_factory=dict)


def run_steps(*, at: datetime | None = None, most: int = 100_000) -> Worked:
    """Do every step that is due, in chunks; then try parked ones whose time has come, each alone."""
    worked = Worked()
    for kind in (StepKind.ESCALATE, StepKind.TELL, StepKind.HAND_OVER, StepKind.ESCALATE_UP):
        while worked.done + worked.parked < most:
            claimed = _run_chunk(kind, at, worked)
            if claimed < CHUNK:
                break
    _retry_parked(at, worked)
    return worked


def _waiting(kind: str, at: datetime) -> Any:
    return (
        WorkflowStep.objects.filter(state=StepState.WAITING, kind=kind, not_before__lte=at)
        .order_by("not_before", "id")
        .select_for_update(skip_locked=True, of=("self",))
    )


def _run_chunk(kind: StepKind, at: datetime | None, worked: Worked) -> int:
    """Claim and do one chunk; where it fails as a whole, each of it by itself. Returns how many were claimed."""
    ids: list[int] = []
    try:
        with transaction.atomic():
            moment = at or database_clock.now()
            steps = list(_waiting(kind, moment)[:CHUNK])
            ids = [step.pk for step in steps]
            if steps:
                _do(kind, steps, moment)
    except Exception:  # whatever it is, it must not hold up the rest of the list
        log.exception("sla.chunk_failed", step=str(kind), count=len(ids))
        for pk in ids:
            _run_alone(kind, pk, at, worked)
        return len(ids)
    worked.done += len(ids)
    worked.by_kind[kind] = worked.by_kind.get(kind, 0) + len(ids)
    return len(ids)


def _run_alone(kind: StepKind, pk: int, at: datetime | None, worked: Worked) -> None:
    try:
        with transaction.atomic():
            moment = at or database_clock.now()
            steps = list(
                WorkflowStep.objects.filter(pk=pk)
                .exclude(state=StepState.DONE)
                .select_for_update(skip_locked=True, of=("self",))
            )
            if steps:
                _do(kind, steps, moment)
                worked.done += 1
    except Exception as error:  # parked with its reason, where people see it
        log.exception("sla.step_parked", step=str(kind), pk=pk)
        _park(pk, error, at or database_clock.now())
        worked.parked += 1


@transaction.atomic
def _park(pk: int, error: Exception, at: datetime) -> None:
    step = WorkflowStep.objects.select_for_update(of=("self",)).select_related("breach__ticket").get(pk=pk)
    if step.state == StepState.DONE:
        return
    was_parked = step.state == StepState.PARKED
    step.state, step.attempts = StepState.PARKED, step.attempts + 1
    step.error = f"{type(error).__name__}: {error}"[:_LONGEST_ERROR]
    step.not_before = at + timedelta(minutes=min(2**step.attempts, 60))
    step.save(update_fields=["state", "attempts", "error", "not_before"])
    if not was_parked:
        breach = step.breach
        record_many(
            [
                event(
                    "sla.step_parked",
                    at=at,
                    ticket=breach.ticket,
                    clock=breach.clock_id,
                    breach=breach.pk,
                    step=step.kind,
                )
            ]
        )


def _retry_parked(at: datetime | None, worked: Worked) -> None:
    moment = at or database_clock.now()
    due = WorkflowStep.objects.filter(state=StepState.PARKED, not_before__lte=moment).order_by("not_before")
    for pk, kind in list(due.values_list("pk", "kind")[:50]):
        _run_alone(StepKind(kind), pk, at, worked)


def _do(kind: StepKind, steps: Sequence[WorkflowStep], at: datetime) -> None:
    """Do some steps of one kind and mark them done. Locks as everybody does: cases, then their clocks and breaches."""
    rows = Breach.objects.filter(pk__in=[step.breach_id for step in steps])
    # Steps that only add an event need the case, too: its key is shared by the event, and whoever answers the case in
    # the same moment holds it and waits for the breach.
    tickets = Ticket.objects.filter(pk__in=rows.values("ticket_id")).order_by("pk").select_related("team")
    tickets = tickets.select_for_update(of=("self",))
    cases = {ticket.pk: ticket for ticket in tickets}
    breaches = list(
        rows.select_related("clock", "clock__calendar_version", "clock__policy")
        .select_for_update(of=("self",))
        .order_by("id")
    )
    _DOING[kind](breaches, cases, at)
    WorkflowStep.objects.filter(pk__in=[step.pk for step in steps]).update(state=StepState.DONE, done_at=at, error="")


# -- the steps --------------------------------------------------------------------------------------------------------


def _tell(breaches: Sequence[Breach], tickets: dict[int, Ticket], at: datetime) -> None:
    """Tell customers that we are late, why as far as our rows say, and by when they hear from us now."""
    ahead = _ahead(tickets.values())
    hands = Hands(tickets.values())
    leads = _Leads(tickets.values())
    late: list[tuple[Breach, dict[str, Any]]] = []
    answered: list[tuple[Breach, dict[str, Any]]] = []
    for breach in breaches:
        ticket = tickets[breach.ticket_id]
        if _is_over(ticket):
            continue
        facts = _facts(breach, ticket, ahead)
        if breach.clock.state not in LIVE:
            if breach.clock.ended_at:
                facts["met_at"] = breach.clock.ended_at.isoformat()
            answered.append((breach, facts))
            continue
        lead = leads.lead(ticket)
        recovery = _promise_recovery(hands, breach, ticket, at)
        if recovery is not None:
            facts["recovery_due_at"] = recovery.due_at.isoformat() if recovery.due_at else None
        if lead is not None:
            facts["lead"] = lead
            breach.escalated_to_id = lead
        late.append((breach, facts))
        breach.recovery = recovery
    hands.write(at)
    for breach, _facts_of_it in late:
        breach.recovery = breach.recovery  # it has its id only now
    events: list[SlaEvent] = []
    for group, template in ((late, "sla.late"), (answered, "sla.late_answered")):
        messages = (
            tell_many([(tickets[breach.ticket_id], facts) for breach, facts in group], template, at=at) if group else []
        )
        for (breach, facts), message in zip(group, messages, strict=True):
            about: dict[str, Any] = {
                "at": at,
                "ticket": tickets[breach.ticket_id],
                "clock": breach.clock_id,
                "breach": breach.pk,
            }
            events.append(event("sla.told", **about, metric=breach.missed, template=template, message=message.pk))
            if breach.recovery is not None:
                events.append(
                    event(
                        "sla.recovery_promised",
                        **about | {"clock": breach.recovery.pk},
                        metric=breach.missed,
                        due_at=facts["recovery_due_at"],
                        lead=facts.get("lead"),
                        by_person=False,
                    )
                )
    _write([breach for breach, _facts in [*late, *answered]], BreachStep.TOLD, told_at=at)
    record_many(events)


def _escalate(breaches: Sequence[Breach], tickets: dict[int, Ticket], at: datetime) -> None:
    """Let the lead know and wait for a word; without one, a manager hears of it."""
    leads = _Leads(tickets.values())
    events, told, ladder = [], [], []
    for breach in breaches:
        ticket = tickets[breach.ticket_id]
        if _is_over(ticket):
            continue
        lead = leads.lead(ticket)
        to = [lead] if lead else leads.managers
        breach.escalated_to_id = lead or (to[0] if to else None)
        breach.acknowledge_by = at + _acknowledge_within(ticket)
        told.append(breach)
        ladder.append(_told_up(breach, breach.acknowledge_by))
        events.append(_escalated(breach, ticket, to, at, level=1))
    _write(told, BreachStep.ESCALATED, escalated_at=at)
    WorkflowStep.objects.bulk_create(ladder, ignore_conflicts=True)
    record_many(events)


def _escalate_up(breaches: Sequence[Breach], tickets: dict[int, Ticket], at: datetime) -> None:
    """Nobody said a word: tell the managers, and again after a while, until somebody acknowledges or the case is over.

    Once the same promise was missed a second time, only that second miss is spoken of.
    """
    managers = _Leads(tickets.values()).managers
    rounds = dict(
        WorkflowStep.objects.filter(breach__in=breaches, kind=StepKind.ESCALATE_UP)
        .values_list("breach")
        .annotate(Max("round"))
    )
    latest: dict[tuple[int, str], int] = {}
    for ticket, metric, recovers, repeat in Breach.objects.filter(ticket__in=tickets).values_list(
        "ticket_id", "metric", "recovers", "repeat"
    ):
        key = (ticket, recovers or metric)
        latest[key] = max(repeat, latest.get(key, 0))
    events, again = [], []
    for breach in breaches:
        case = tickets[breach.ticket_id]
        is_latest = breach.repeat >= latest[breach.ticket_id, breach.missed]
        if breach.acknowledged_at is not None or case.status not in OPEN_STATES or not is_latest:
            continue
        number = rounds[breach.pk]
        events.append(_escalated(breach, case, managers, at, level=number + 1))
        if number < MOST_ROUNDS:
            again.append(_told_up(breach, at + _tell_again_after(case), number + 1))
    WorkflowStep.objects.bulk_create(again, ignore_conflicts=True)
    record_many(events)


def _hand_over(breaches: Sequence[Breach], tickets: dict[int, Ticket], at: datetime) -> None:
    """The same promise was missed again: no new automatic time. The lead has the case now, managers know (and hear of
    it again until somebody acknowledges), and the customer is shown who and the ways outside."""
    leads = _Leads(tickets.values())
    events: list[SlaEvent] = []
    told: list[tuple[Breach, dict[str, Any]]] = []
    handed: list[Breach] = []
    ladder: list[WorkflowStep] = []
    for breach in breaches:
        ticket = tickets[breach.ticket_id]
        if _is_over(ticket):
            continue
        lead = leads.lead(ticket)
        about: dict[str, Any] = {"at": at, "ticket": ticket, "clock": breach.clock_id, "breach": breach.pk}
        breach.escalated_to_id = lead or (leads.managers[0] if leads.managers else None)
        breach.acknowledge_by = at + _acknowledge_within(ticket)
        handed.append(breach)
        ladder.append(_told_up(breach, at + _tell_again_after(ticket)))
        if breach.escalated_to_id and ticket.assignee_id != breach.escalated_to_id and ticket.status in OPEN_STATES:
            holder = leads.people[breach.escalated_to_id]
            # A lead of other shops only can't hold it, but is told all the same.
            with suppress(DomainError):
                tickets[ticket.pk] = assign(ticket, actor=None, assignee=holder, team=ticket.team, at=at)
        events.append(
            event(
                "sla.handed_over",
                **about,
                metric=breach.missed,
                to=[breach.escalated_to_id] if breach.escalated_to_id else [],
                managers=leads.managers,
                repeat=breach.repeat,
            )
        )
        facts = {"metric": breach.missed, "due_at": breach.due_at.isoformat(), "repeat": breach.repeat}
        if breach.escalated_to_id:
            facts["lead"] = breach.escalated_to_id
        told.append((breach, facts))
    messages = (
        tell_many([(tickets[b.ticket_id], facts) for b, facts in told], "sla.missed_again", at=at) if told else []
    )
    for (breach, _known), message in zip(told, messages, strict=True):
        events.append(
            event(
                "sla.told",
                at=at,
                ticket=tickets[breach.ticket_id],
                clock=breach.clock_id,
                breach=breach.pk,
                metric=breach.missed,
                template="sla.missed_again",
                message=message.pk,
            )
        )
    _write(handed, BreachStep.HANDED_OVER, told_at=at, escalated_at=at)
    WorkflowStep.objects.bulk_create(ladder, ignore_conflicts=True)
    record_many(events)


_DOING: dict[str, Callable[[Sequence[Breach], dict[int, Ticket], datetime], None]] = {
    StepKind.TELL: _tell,
    StepKind.ESCALATE: _escalate,
    StepKind.ESCALATE_UP: _escalate_up,
    StepKind.HAND_OVER: _hand_over,
}


# -- what they need ---------------------------------------------------------------------------------------------------


def _is_over(ticket: Ticket) -> bool:
    return ticket.is_silent or (ticket.status == Status.CLOSED and ticket.close_reason in _TAKEN_BACK)


def _acknowledge_within(ticket: Ticket) -> timedelta:
    return timedelta(minutes=ACKNOWLEDGE_WITHIN.get(Priority(ticket.priority), ACKNOWLEDGE_OTHERWISE))


def _tell_again_after(ticket: Ticket) -> timedelta:
    return timedelta(minutes=TELL_AGAIN_EVERY.get(Priority(ticket.priority), TELL_AGAIN_OTHERWISE))


def _told_up(breach: Breach, not_before: datetime, number: int = 1) -> WorkflowStep:
    return WorkflowStep(breach=breach, kind=StepKind.ESCALATE_UP, round=number, not_before=not_before)


def _escalated(breach: Breach, ticket: Ticket, to: Sequence[int], at: datetime, *, level: int) -> SlaEvent:
    return event(
        "sla.escalated",
        at=at,
        ticket=ticket,
        clock=breach.clock_id,
        breach=breach.pk,
        metric=breach.missed,
        to=list(to),
        acknowledge_by=breach.acknowledge_by.isoformat() if breach.acknowledge_by else None,
        level=level,
        repeat=breach.repeat,
    )


def _facts(breach: Breach, ticket: Ticket, ahead: dict[int, int]) -> dict[str, Any]:
    """What our rows say about why: codes, ids and numbers; the words are made when somebody reads them."""
    facts: dict[str, Any] = {"metric": breach.missed, "due_at": breach.due_at.isoformat()}
    if breach.clock.ends_day:
        facts["ends_day"] = True
    if ticket.status in (Status.PENDING, Status.ON_HOLD):
        return facts | {"why": "waiting", "wait_reason": ticket.wait_reason}
    if ticket.assignee_id:
        return facts | {"why": "held", "assignee": ticket.assignee_id}
    return facts | {"why": "nobody", "ahead": ahead.get(ticket.pk, 0)}


def _ahead(tickets: Iterable[Ticket]) -> dict[int, int]:
    """For cases that nobody took: how many of the same team's, taken by nobody either, are due before; at most 99."""
    nobodys = [ticket.pk for ticket in tickets if ticket.assignee_id is None and ticket.team_id]
    if not nobodys:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT t.id, (SELECT count(*) FROM (
                SELECT 1 FROM tickets_ticket o
                WHERE o.team_id = t.team_id AND o.status = ANY(%s) AND o.assignee_id IS NULL
                AND (o.due_at, o.id) < (t.due_at, t.id) LIMIT %s
            ) earlier)
            FROM tickets_ticket t WHERE t.id = ANY(%s)
            """,
            [[str(state) for state in OPEN_STATES], MOST_AHEAD, nobodys],
        )
        return dict(cursor.fetchall())


def _promise_recovery(hands: Hands, breach: Breach, ticket: Ticket, at: datetime) -> Clock | None:
    """A new promise after a first miss: half of what was missed, 30 minutes to 4 working hours."""
    missed = breach.clock
    if any(clock.recovers == breach.missed for clock in hands.live[ticket.pk]):
        return None
    target = missed.work_target
    if target.in_days:
        minutes = RECOVERY_AT_MOST
    else:
        whole = timedelta(**{target.unit: target.count}).total_seconds() / 60
        minutes = int(min(max(whole * RECOVERY_SHARE, RECOVERY_AT_LEAST), RECOVERY_AT_MOST))
    # What makes up for an urgent promise counts around the clock, as it did; a result is worked on in working hours.
    if ticket.priority == Priority.URGENT and breach.missed != RESOLUTION:
        version = missed.calendar_version
    else:
        version = hands.hours.version(missed.policy.calendar_id if missed.policy else None, ticket.merchant_id)
    return hands.add(
        Clock(
            ticket=ticket,
            metric=RECOVERY,
            recovers=breach.missed,
            side=missed.side,
            cycle=breach.repeat,
            policy_id=missed.policy_id,
            calendar_version=version,
            target={"minutes": minutes},
            warn_percents=[75],
            started_at=at,
            counted_from=at,
        )
    )


class _Leads:
    """Who hears of a miss: the lead of the case's team, where there is none a manager."""

    def __init__(self, tickets: Iterable[Ticket]) -> None:
        leads = {ticket.team.lead_id for ticket in tickets if ticket.team and ticket.team.lead_id}
        rows = User.objects.filter(is_active=True, role=Role.MANAGER) | User.objects.filter(
            is_active=True, pk__in=leads
        )
        self.people = {person.pk: person for person in rows.order_by("pk")}
        self.managers = [pk for pk, person in self.people.items() if person.role == Role.MANAGER]

    def lead(self, ticket: Ticket) -> int | None:
        """Id of the lead of the case's team; None without one who works here still."""
        found = ticket.team.lead_id if ticket.team else None
        return found if found in self.people else None


def _write(breaches: Sequence[Breach], step: str, **moments: datetime) -> None:
    """Write what a step found out; the step shown only goes forwards."""
    if not breaches:
        return
    order: list[str] = [BreachStep.RECORDED, BreachStep.TOLD, BreachStep.ESCALATED, BreachStep.HANDED_OVER]
    for breach in breaches:
        if breach.step in order and order.index(step) > order.index(breach.step):
            breach.step = step
        for name, moment in moments.items():
            setattr(breach, name, moment)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE sla_breach b SET step = v.step, told_at = v.told_at, escalated_at = v.escalated_at,
                   escalated_to_id = v.escalated_to, acknowledge_by = v.acknowledge_by, recovery_id = v.recovery
            FROM unnest(%s::bigint[], %s::text[], %s::timestamptz[], %s::timestamptz[], %s::bigint[],
                        %s::timestamptz[], %s::bigint[])
              AS v(id, step, told_at, escalated_at, escalated_to, acknowledge_by, recovery)
            WHERE b.id = v.id
            """,
            [
                [breach.pk for breach in breaches],
                [str(breach.step) for breach in breaches],
                [breach.told_at for breach in breaches],
                [breach.escalated_at for breach in breaches],
                [breach.escalated_to_id for breach in breaches],
                [breach.acknowledge_by for breach in breaches],
                [breach.recovery_id for breach in breaches],
            ],
        )
