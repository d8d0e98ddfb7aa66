"""When a case can't go on: for the customer (wait) or for somebody outside (hold). Both need a reason and end."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from common import clock
from common.errors import Conflict, Invalid, require
from common.events import ActorKind
from tickets.actions.steps import allow, move, record
from tickets.actions.steps import hold as hold_row
from tickets.models import Status, Ticket
from tickets.models.ticket import CUSTOMER_REASONS, OUTSIDE_REASONS, WAIT_LIMITS


def wait(
    ticket: Ticket,
    *,
    actor: User,
    reason: str,
    until: datetime | None = None,
    version: int | None = None,
    at: datetime | None = None,
) -> Ticket:
    """Wait for the customer; the result clock stands still at most as long as the reason allows (days).

    Raises Invalid for a reason that is not ours to wait for, or an end outside its limit.
    """
    allow(actor, "wait")
    require(reason in CUSTOMER_REASONS, _("Choose what you are waiting for from the customer."), Invalid)
    return _pause(
        ticket, to=Status.PENDING, kind="ticket.waited", actor=actor, reason=reason, until=until, version=version, at=at
    )


def hold(
    ticket: Ticket,
    *,
    actor: User,
    reason: str,
    until: datetime | None = None,
    version: int | None = None,
    at: datetime | None = None,
) -> Ticket:
    """Put a case on hold for an outside party; otherwise as `wait`."""
    allow(actor, "hold")
    require(reason in OUTSIDE_REASONS, _("Choose whom you are waiting for."), Invalid)
    return _pause(
        ticket, to=Status.ON_HOLD, kind="ticket.held", actor=actor, reason=reason, until=until, version=version, at=at
    )


@transaction.atomic
def _pause(
    ticket: Ticket,
    *,
    to: str,
    kind: str,
    actor: User,
    reason: str,
    until: datetime | None,
    version: int | None,
    at: datetime | None,
) -> Ticket:
    ticket, at = hold_row(ticket, version=version, at=at)
    latest = at + WAIT_LIMITS[reason]
    until = until or latest
    if not at < until <= latest + timedelta(minutes=1):
        message = _("This may wait until %(latest)s at the latest, and not into the past.") % {
            "latest": f"{latest:%Y-%m-%d %H:%M}"
        }
        raise Invalid(message, errors={"until": [message]})
    move(ticket, to, wait_reason=reason, wait_until=until)
    record(ticket, kind, at=at, actor=actor, reason=reason, until=until.isoformat())
    return ticket


@transaction.atomic
def resume(
    ticket: Ticket,
    *,
    actor: User | None,
    version: int | None = None,
    at: datetime | None = None,
) -> Ticket:
    """Go on with a case that waited; without an actor because its time is over. Raises Conflict if it does not wait."""
    allow(actor, "resume")
    ticket, at = hold_row(ticket, version=version, at=at)
    if ticket.status not in {Status.PENDING, Status.ON_HOLD}:
        raise Conflict(_("This case is not waiting for anybody."))
    reason = ticket.wait_reason
    move(ticket, Status.OPEN, wait_reason="", wait_until=None)
    kind = ActorKind.STAFF if actor else ActorKind.SYSTEM
    record(ticket, "ticket.resumed", at=at, actor=actor, actor_kind=kind, reason=reason, by_itself=actor is None)
    return ticket


def resume_expired(*, at: datetime | None = None, most: int = 500) -> int:
    """Resume every case whose wait is over; each in its own transaction, so that one in use does not stop the rest."""
    at = at or clock.now()
    ids = list(Ticket.objects.filter(wait_until__lte=at).order_by("wait_until").values_list("pk", flat=True)[:most])
    done = 0
    for pk in ids:
        with transaction.atomic():
            ticket = (
                Ticket.objects.filter(pk=pk, wait_until__lte=at)
                .select_for_update(of=("self",), skip_locked=True)
                .first()
            )
            if ticket is not None:
                resume(ticket, actor=None, at=max(at, ticket.wait_until or at))
                done += 1
    return done
