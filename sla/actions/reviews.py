"""A customer asked for another person: they answer within 4 working hours, never more than 24 hours on the clock."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from calendars.worktime import Target as WorkTarget
from sla.actions import terms
from sla.actions.clocks import Hands, settle
from sla.actions.steps import event as new_event
from sla.metrics import METRICS, NEXT_RESPONSE
from sla.models import Clock
from tickets.models import TicketEvent

TARGET: Final[dict[str, Any]] = {"minutes": 4 * 60, "max_elapsed_minutes": 24 * 60}


def promise_review(events: Sequence[TicketEvent]) -> None:
    """Owe the next answer by then: start its clock, or shorten the one that runs. An earlier promise stands.

    Where the next answer is late already nothing is added: its recovery promise is the nearer one.
    """
    hands = Hands([event.ticket for event in events])
    if not hands.tickets:
        return
    agreed = terms.agreed_for(hands.tickets.values())
    for event in events:
        entry = agreed.get(event.ticket_id)
        if entry is None or event.ticket_id not in hands.tickets:
            continue
        goal = entry.line.goal(NEXT_RESPONSE, event.ticket.priority)
        version = hands.hours.version((goal and goal.calendar) or entry.line.calendar, event.ticket.merchant_id)
        stamps: dict[str, Any] = {
            "policy_id": entry.line.pk,
            "calendar_version": version,
            "target": dict(TARGET),
            "warn_percents": list(goal.warn_percents) if goal else [],
            "counted_from": event.at,
        }
        clock = next((clock for clock in hands.live[event.ticket_id] if clock.metric == NEXT_RESPONSE), None)
        if clock is None:
            side = METRICS[NEXT_RESPONSE].side
            clock = hands.add(
                Clock(ticket=event.ticket, metric=NEXT_RESPONSE, side=side, started_at=event.at, **stamps)
            )
        elif clock.is_breached or clock.missed_by(event.at):
            continue
        elif clock.due_at is None or version.worktime().due(event.at, WorkTarget.from_json(TARGET)).at < clock.due_at:
            for name, value in stamps.items():
                setattr(clock, name, value)
            clock.warnings = 0
            settle(clock)
            hands.change(clock)
        due_at = clock.due_at or clock.promised_at
        hands.events.append(
            new_event(
                "sla.review_promised",
                at=event.at,
                ticket=event.ticket,
                due_at=due_at.isoformat(),
                lead=event.data.get("assignee"),
            )
        )
    hands.write(max(event.at for event in events))
