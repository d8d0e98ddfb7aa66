"""Writes the order timeline."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from common.events import ActorKind, announce
from orders.models import Order, OrderEvent

if TYPE_CHECKING:
    from accounts.models import User


def record_many(
    entries: Iterable[tuple[Order, str, Mapping[str, Any]]], *, actor: User | None, at: datetime
) -> list[OrderEvent]:
    """Write (order, kind, data) as one INSERT and announce them with one signal, inside the caller's transaction."""
    actor_kind = ActorKind.STAFF if actor is not None else ActorKind.SYSTEM
    events = []
    for order, kind, data in entries:
        OrderEvent.check_data(kind, data)
        events.append(OrderEvent(order=order, kind=kind, data=dict(data), at=at, actor=actor, actor_kind=actor_kind))
    events = OrderEvent.objects.bulk_create(events)
    announce(events)
    return events
