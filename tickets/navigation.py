"""What the staff navigation says about cases."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy, pgettext_lazy

from common import navigation
from tickets.counts import snapshot
from tickets.permissions import may


def _open(user: Any) -> int:
    return snapshot(user).views["open"]


navigation.add(
    pgettext_lazy("navigation", "Tickets"),
    "inbox",
    "tickets:queue",
    may=lambda user: may(user, "see_queue"),
    order=10,
    count=_open,
    covers=("tickets:ticket*", "tickets:verb", "tickets:many", "tickets:filed"),
)
navigation.add(
    gettext_lazy("File for a customer"),
    "phone",
    "tickets:new",
    may=lambda user: may(user, "open_for_customer"),
    order=12,
)
navigation.add(
    gettext_lazy("Categories"),
    "tag",
    "tickets:categories",
    may=lambda user: may(user, "manage_categories"),
    order=60,
    group="people",
    covers=("tickets:category",),
)
navigation.add(
    gettext_lazy("Default teams"),
    "route",
    "tickets:routes",
    may=lambda user: may(user, "manage_routes"),
    order=62,
    group="people",
)
navigation.add(
    gettext_lazy("Links to the form"),
    "qrcode",
    "tickets:entry_link",
    may=lambda user: may(user, "make_entry_link"),
    order=40,
    group="cases",
)
