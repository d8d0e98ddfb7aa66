"""How long messages are kept."""

from __future__ import annotations

from datetime import datetime, timedelta

from common import clock
from common.models import Outbox, OutboxState
from notifications.models import Notice, SinkMessage

#: Sent rows prove for a while that something left; failed ones stay until somebody dealt with them.
SENT_KEPT = timedelta(days=90)
CHUNK = 5_000


def forget_old(*, at: datetime | None = None) -> int:
    """Drop what is past its time, in chunks that lock nothing for long; returns how many rows went."""
    at = at or clock.now()
    past = (
        Outbox.objects.filter(state=OutboxState.SENT, created_at__lt=at - SENT_KEPT),
        Notice.objects.filter(at__lt=at - Notice.KEPT),
        SinkMessage.objects.filter(at__lt=at - SinkMessage.KEPT),
    )
    gone = 0
    for rows in past:
        while ids := list(rows.order_by("pk").values_list("pk", flat=True)[:CHUNK]):
            rows.model._default_manager.filter(pk__in=ids).delete()
            gone += len(ids)
    return gone
