"""What the staff navigation says about messages."""

from __future__ import annotations

from typing import Any

from django.utils.translation import pgettext_lazy

from common import navigation
from common.models import Outbox, OutboxState
from notifications.channels import has_sink
from notifications.permissions import may


def _failed(_user: Any) -> int:
    return len(Outbox.objects.filter(state=OutboxState.FAILED).values_list("pk")[:1000])


navigation.add(
    pgettext_lazy("navigation", "Messages out"),
    "send",
    "notifications:outbox",
    may=lambda user: may(user, "see_outbox"),
    order=80,
    group="people",
    count=_failed,
)
navigation.add(
    pgettext_lazy("navigation", "Sink"),
    "inbox",
    "notifications:sink",
    may=lambda user: has_sink() and may(user, "see_sink"),
    order=82,
    group="people",
    covers=("notifications:sink_mail",),
)
