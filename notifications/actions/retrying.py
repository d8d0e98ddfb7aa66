"""Sending again what failed for good, when its reason is gone."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from common import clock
from common.errors import Conflict, require
from common.events import ActorKind, announce
from common.models import Outbox, OutboxState
from notifications.actions.outbox import wake
from notifications.models import NotificationEvent
from notifications.permissions import may


@transaction.atomic
def retry(row: Outbox, *, actor: User, at: datetime | None = None) -> Outbox:
    """Let a failed message try again from the start, with its old id. Raises Conflict when it did not fail."""
    require(may(actor, "retry_delivery"), _("Your role does not include this step."))
    at = at or clock.now()
    fields = {"state": OutboxState.WAITING, "attempts": 0, "not_before": at, "claimed_until": None, "error": ""}
    if not Outbox.objects.filter(pk=row.pk, state=OutboxState.FAILED).update(**fields):
        raise Conflict(_("This message is not waiting for you: it was sent, or is being tried again."))
    for name, value in fields.items():
        setattr(row, name, value)
    if ticket := row.payload.get("ticket"):
        event = NotificationEvent(
            kind="delivery.retried",
            at=at,
            ticket_id=ticket,
            actor=actor,
            actor_kind=ActorKind.STAFF,
            data={"outbox": row.pk, "channel": row.channel, "letter": row.kind},
        )
        NotificationEvent.check_data(event.kind, event.data)
        event.save()
        announce([event])
    transaction.on_commit(wake, robust=True)
    return row
