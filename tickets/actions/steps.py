"""What every verb does: lock the case, read the moment, change the row, record the event."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import F
from django.utils.translation import gettext as _

from accounts.models import User
from common import clock
from common.errors import Conflict, require
from common.events import ActorKind, announce
from common.transitions import move as guarded_move
from tickets.models import TRANSITIONS, Message, Ticket, TicketEvent
from tickets.permissions import may


def hold(ticket: Ticket, *, version: int | None = None, at: datetime | None = None) -> tuple[Ticket, datetime]:
    """Lock the case and read it again; returns it with the moment of the step.

    `version` is what the person's page was built from: when a person did something since, a Conflict tells what and
    by whom. What the system did meanwhile (a receipt, an apology) does not stand in anybody's way. `at` is given by
    imports and by tests only; otherwise it is the database clock, read after the lock.
    """
    fresh = Ticket.objects.select_for_update(of=("self",)).get(pk=ticket.pk)
    if version is not None and version < fresh.version:
        refuse_if_stale(fresh, version)
    return fresh, at or clock.now()


def refuse_if_stale(ticket: Ticket, version: int) -> None:
    """Raise a Conflict that names what people did since `version`."""
    since = list(
        TicketEvent.objects.filter(ticket=ticket, version__gt=version)
        .exclude(actor_kind=ActorKind.SYSTEM)
        .select_related("actor")
        .order_by("id")
    )
    if since:
        raise Conflict(
            _(
                "This case changed while you were working on it. "
                "What you typed is still here; look at what is new first."
            ),
            details={"events": since, "version": ticket.version},
        )


def allow(actor: User | None, verb: str, message: Any = None) -> None:
    require(may(actor, verb), message or _("Your role does not include this step."))


def change(ticket: Ticket, **fields: Any) -> None:
    """Write fields of a locked case and raise its version."""
    Ticket.objects.filter(pk=ticket.pk).update(**fields, version=F("version") + 1)
    for name, value in fields.items():
        setattr(ticket, name, value)
    ticket.version += 1


def move(ticket: Ticket, to: str, **fields: Any) -> None:
    """Move a locked case to a status; raises Conflict where the table does not allow it."""
    if to not in TRANSITIONS[ticket.status]:
        raise Conflict(
            _("A case that is %(status)s can't take this step.") % {"status": ticket.get_status_display()},
            details={"status": ticket.status},
        )
    guarded_move(ticket, to, table=TRANSITIONS, fields=fields)


@dataclass(frozen=True)
class Entry:
    """One event to be recorded. Without an actor and a kind of actor, the system did it."""

    ticket: Ticket
    kind: str
    actor: User | None = None
    actor_kind: str | None = None
    message: Message | None = None
    data: Mapping[str, Any] = field(default_factory=dict)

    def row(self, at: datetime) -> TicketEvent:
        TicketEvent.check_data(self.kind, self.data)
        return TicketEvent(
            ticket=self.ticket,
            kind=self.kind,
            actor=self.actor,
            actor_kind=self.actor_kind or (ActorKind.STAFF if self.actor else ActorKind.SYSTEM),
            message=self.message,
            version=self.ticket.version,
            data=dict(self.data),
            at=at,
        )


def record_many(entries: Iterable[Entry], *, at: datetime | Sequence[datetime]) -> list[TicketEvent]:
    """One INSERT and one signal for many events; `at` is one moment for all or one for each."""
    entries = list(entries)
    moments = [at] * len(entries) if isinstance(at, datetime) else list(at)
    rows = [entry.row(moment) for entry, moment in zip(entries, moments, strict=True)]
    TicketEvent.objects.bulk_create(rows)
    announce(rows)
    return rows


def record(
    ticket: Ticket,
    kind: str,
    *,
    at: datetime,
    actor: User | None = None,
    actor_kind: str | None = None,
    message: Message | None = None,
    **data: Any,
) -> TicketEvent:
    """Append one event to the timeline and let everybody who listens know, in this transaction."""
    return record_many([Entry(ticket, kind, actor, actor_kind, message, data)], at=at)[0]
