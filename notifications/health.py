"""What /readyz and the page of messages out say about messages that should have left."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Exists, OuterRef, Q

from common.health import watch
from common.models import Outbox, OutboxState


def oldest_due(at: datetime) -> datetime | None:
    """When the longest-waiting message should have left; None when nothing is overdue.

    What is tried again later is not overdue, nor what waits behind it: one dead address makes no product unready.
    """
    ahead = Outbox.objects.filter(
        Q(not_before__lte=at) | Q(attempts__gt=0),
        stream=OuterRef("stream"),
        pk__lt=OuterRef("pk"),
        state=OutboxState.WAITING,
    )
    waiting = Outbox.objects.filter(~Exists(ahead), state=OutboxState.WAITING, not_before__lte=at)
    return waiting.order_by("not_before").values_list("not_before", flat=True).first()


watch("outbox", oldest_due)
