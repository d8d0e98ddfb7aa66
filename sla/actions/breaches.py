"""Missed promises: recorded once, acknowledged by a lead, promised anew by a person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from django.db import connection, transaction
from django.utils.translation import gettext as _

from accounts.models import Role, User
from calendars.models import Calendar
from common import clock as database_clock
from common.errors import Conflict, Invalid, require
from sla.actions.steps import event, record_many
from sla.metrics import RECOVERY
from sla.models import Breach, BreachStep, Clock, StepKind
from sla.permissions import may
from tickets.actions import tell
from tickets.actions.steps import hold
from tickets.models import Status, Ticket

#: The longest a person may promise ahead.
FURTHEST = timedelta(days=30)


@dataclass(frozen=True)
class Missed:
    """A breach that was just written."""

    pk: int
    clock: int
    ticket: int
    metric: str
    recovers: str
    due_at: datetime
    repeat: int


def record_missed(clocks: Sequence[int], *, at: datetime) -> list[Missed]:
    """Write the breaches of some clocks (ids, locked), what has to be done about them, and the events.

    A clock that has its breach already is left alone, so that any number of sweeps and late answers make one.
    """
    if not clocks:
        return []
    ids = list(clocks)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO sla_breach (clock_id, ticket_id, metric, recovers, due_at, recorded_at, late_by, repeat,
                                    is_historic, status, wait_reason, assignee_id, team_id, merchant_id,
                                    category_id, step)
            SELECT c.id, c.ticket_id, c.metric, c.recovers, c.due_at, %s, c.ended_at - c.due_at,
                   CASE WHEN c.metric = %s THEN c.cycle + 1 ELSE 1 END,
                   false, t.status, t.wait_reason, t.assignee_id, t.team_id, t.merchant_id, t.category_id, %s
            FROM sla_clock c JOIN tickets_ticket t ON t.id = c.ticket_id
            WHERE c.id = ANY(%s) AND c.due_at IS NOT NULL
            ORDER BY c.due_at, c.id
            ON CONFLICT (clock_id) DO NOTHING
            RETURNING id, clock_id, ticket_id, metric, recovers, due_at, repeat
            """,
            [at, RECOVERY, BreachStep.RECORDED, ids],
        )
        made = [Missed(*row) for row in cursor.fetchall()]
        if not made:
            return []
        cursor.execute(
            """
            UPDATE sla_clock c SET breached_at = b.recorded_at, judged_at = b.due_at, next_warn_at = NULL,
                   merchant_id = b.merchant_id, team_id = b.team_id, category_id = b.category_id
            FROM sla_breach b WHERE b.clock_id = c.id AND b.id = ANY(%s)
            """,
            [[one.pk for one in made]],
        )
        cursor.execute(
            """
            INSERT INTO sla_workflowstep (breach_id, kind, round, state, not_before, attempts, error)
            SELECT b.id, k.kind, 1, 'waiting', b.recorded_at, 0, ''
            FROM sla_breach b, unnest(CASE WHEN b.repeat = 1 THEN %s::text[] ELSE %s::text[] END) AS k(kind)
            WHERE b.id = ANY(%s)
            ON CONFLICT (breach_id, kind, round) DO NOTHING
            """,
            [[StepKind.TELL, StepKind.ESCALATE], [StepKind.HAND_OVER], [one.pk for one in made]],
        )
    tickets = Ticket.objects.in_bulk({one.ticket for one in made})
    record_many(
        event(
            "sla.breached",
            at=at,
            ticket=tickets[one.ticket],
            clock=one.clock,
            breach=one.pk,
            metric=one.metric,
            recovers=one.recovers,
            due_at=one.due_at.isoformat(),
            repeat=one.repeat,
        )
        for one in made
    )
    return made


def made_good(clocks: Sequence[int]) -> None:
    """Note how late some missed promises (ids of ended clocks) were kept or dropped in the end."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE sla_breach b SET late_by = c.ended_at - b.due_at FROM sla_clock c"
            " WHERE c.id = b.clock_id AND b.late_by IS NULL AND c.ended_at IS NOT NULL AND c.id = ANY(%s)",
            [list(clocks)],
        )


def may_acknowledge(breach: Breach, actor: User) -> bool:
    """Managers any; a lead those that came to them and those of their own teams."""
    if not may(actor, "acknowledge"):
        return False
    if actor.role != Role.LEAD:
        return True
    return actor.pk == breach.escalated_to_id or bool(breach.team and breach.team.lead_id == actor.pk)


@transaction.atomic
def acknowledge(breach: Breach, *, actor: User, at: datetime | None = None) -> Breach:
    """ "I have seen it and look after it": ends the climb to the manager. Pressing twice is the same as once.

    Raises NotAllowed for a lead of another team, Conflict for a breach of imported history.
    """
    require(may_acknowledge(breach, actor), _("Only the lead of this team or a manager can acknowledge this."))
    breach = Breach.objects.select_for_update(of=("self",)).select_related("ticket").get(pk=breach.pk)
    if breach.is_historic:
        raise Conflict(_("This happened before the case came here; there is nothing to acknowledge."))
    if breach.acknowledged_at is not None:
        return breach
    breach.acknowledged_by, breach.acknowledged_at = actor, at or database_clock.now()
    if breach.step != BreachStep.HANDED_OVER:
        breach.step = BreachStep.ACKNOWLEDGED
    breach.save(update_fields=["acknowledged_by", "acknowledged_at", "step"])
    record_many(
        [
            event(
                "sla.acknowledged",
                at=breach.acknowledged_at,
                ticket=breach.ticket,
                clock=breach.clock_id,
                breach=breach.pk,
                actor=actor,
                metric=breach.missed,
            )
        ]
    )
    return breach


@transaction.atomic
def set_promise(breach: Breach, *, by_when: datetime, actor: User, at: datetime | None = None) -> Clock:
    """After a second miss: a person names the time by which they answer themselves; the customer sees it at once.

    Raises NotAllowed as `acknowledge`, Invalid for a time that is past or more than 30 days ahead, Conflict when it
    was a first miss or the customer has been answered meanwhile.
    """
    from sla.actions.clocks import Hands

    require(may_acknowledge(breach, actor), _("Only the lead of this team or a manager can promise a time here."))
    ticket, at = hold(breach.ticket, at=at)
    breach = Breach.objects.select_for_update(of=("self",)).get(pk=breach.pk)
    if not at < by_when <= at + FURTHEST:
        message = _("Choose a time that is still to come, at most 30 days ahead.")
        raise Invalid(message, errors={"by_when": [message]})
    if breach.repeat < 2 or breach.step not in (BreachStep.HANDED_OVER, BreachStep.ACKNOWLEDGED, BreachStep.RECORDED):
        raise Conflict(_("The customer has a new time already; only after a second miss does a person name one."))
    hands = Hands([ticket])
    owed = [clock for clock in hands.live[ticket.pk] if clock.metric == breach.missed]
    if not owed or ticket.status in (Status.RESOLVED, Status.CLOSED):
        raise Conflict(_("The customer has been answered meanwhile; no new time is needed."))
    for clock in list(hands.live[ticket.pk]):
        if clock.recovers == breach.missed:
            hands.cancel(clock, at, "sla.recovery_promised")
    always = Calendar.objects.select_related("current").get(code="always").current
    # A target is whole seconds, and the customer reads minutes: count so that it ends at the very instant named.
    seconds = ceil((by_when - at).total_seconds())
    clock = Clock(
        ticket=ticket,
        metric=RECOVERY,
        recovers=breach.missed,
        side=owed[0].side,
        cycle=breach.repeat,
        policy_id=owed[0].policy_id,
        calendar_version=always,
        target={"seconds": seconds},
        warn_percents=[75],
        started_at=at,
        counted_from=by_when - timedelta(seconds=seconds),
        promised_by=actor,
    )
    hands.add(clock)
    tell(
        ticket,
        "sla.promised_by_person",
        facts={"metric": breach.missed, "due_at": clock.promised_at.isoformat(), "lead": actor.pk},
        at=at,
    )
    hands.write(at)
    breach.recovery, breach.step = clock, BreachStep.ACKNOWLEDGED
    if breach.acknowledged_at is None:
        breach.acknowledged_by, breach.acknowledged_at = actor, at
    breach.save(update_fields=["recovery", "step", "acknowledged_by", "acknowledged_at"])
    record_many(
        [
            event(
                "sla.recovery_promised",
                at=at,
                ticket=ticket,
                clock=clock.pk,
                breach=breach.pk,
                actor=actor,
                metric=breach.missed,
                due_at=clock.promised_at.isoformat(),
                lead=actor.pk,
                by_person=True,
            )
        ]
    )
    return clock
