"""What every verb about promises does at its end: append events and let everybody who listens know."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from accounts.models import User
from common.events import ActorKind, announce
from sla.models import SlaEvent
from tickets.models import Ticket


def event(
    kind: str,
    *,
    at: Any,
    ticket: Ticket | None = None,
    clock: int | None = None,
    breach: int | None = None,
    actor: User | None = None,
    **data: Any,
) -> SlaEvent:
    """An event that is not saved yet; `clock` and `breach` are ids."""
    SlaEvent.check_data(kind, data)
    return SlaEvent(
        kind=kind,
        at=at,
        ticket=ticket,
        clock_id=clock,
        breach_id=breach,
        actor=actor,
        actor_kind=ActorKind.STAFF if actor else ActorKind.SYSTEM,
        data=data,
    )


def record_many(events: Iterable[SlaEvent]) -> Sequence[SlaEvent]:
    """One INSERT and one signal."""
    rows = list(events)
    if rows:
        SlaEvent.objects.bulk_create(rows)
        announce(rows)
    return rows
