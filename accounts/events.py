"""Writes the account timeline: the only way a row of AccountEvent comes into being."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from accounts.models import AccountEvent, User
from common import clock
from common.events import ActorKind, announce

if TYPE_CHECKING:
    from django.db.models import Model


def subject_of(row: Model) -> str:
    """`user:12`, `team:3`: whom or what an event is about, without a name."""
    return f"{row._meta.model_name}:{row.pk}"


def record(
    kind: str, subject: Model | str, *, actor: User | None, at: datetime | None = None, **data: Any
) -> AccountEvent:
    """Write one event and announce it, inside the caller's transaction. Raises ValueError for an unknown kind."""
    AccountEvent.check_data(kind, data)
    actor_kind = ActorKind.SYSTEM
    if actor is not None:
        actor_kind = ActorKind.STAFF if actor.is_staff else ActorKind.CUSTOMER
    event = AccountEvent.objects.create(
        kind=kind,
        at=at or clock.now(),
        actor_kind=actor_kind,
        actor=actor,
        subject=subject if isinstance(subject, str) else subject_of(subject),
        data=data,
    )
    announce([event])
    return event


def changed_fields(row: Model, changes: dict[str, Any]) -> list[str]:
    """The names in `changes` whose value differs from the row's, sorted."""
    return sorted(name for name, value in changes.items() if getattr(row, name) != value)
