"""What the staff navigation says about promises."""

from __future__ import annotations

from typing import Any

from django.utils.translation import pgettext_lazy

from common import navigation
from sla.figures import now
from sla.permissions import may


def _to_acknowledge(user: Any) -> int:
    steps = now(user).steps
    return steps.get("escalated", 0) + steps.get("handed_over", 0)


navigation.add(
    pgettext_lazy("navigation", "Missed promises"),
    "layout-kanban",
    "sla:breaches",
    may=lambda user: may(user, "see_breaches"),
    order=20,
    count=_to_acknowledge,
)
navigation.add(
    pgettext_lazy("navigation", "Promises kept"),
    "chart-bar",
    "sla:dashboard",
    may=lambda user: may(user, "see_dashboard"),
    order=22,
    covers=("sla:missed",),
)
