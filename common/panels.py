"""Places on a page that apps above it may fill, so that the ticket page shows clocks without knowing the sla app.

A panel is a function `(request, **context) -> str | SafeString | None`; None or "" leaves no trace.
`{% load panels %}{% place "ticket.side" ticket=ticket %}` renders all panels of a place in order.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.utils.safestring import SafeString, mark_safe

Panel = Callable[..., "str | None"]
_places: dict[str, list[tuple[int, str, Panel]]] = {}


def offer(place: str, *, order: int = 100) -> Callable[[Panel], Panel]:
    """Decorate a function to fill `place`; lower `order` stands first."""

    def keep(panel: Panel) -> Panel:
        name = f"{panel.__module__}.{panel.__qualname__}"
        entries = [entry for entry in _places.setdefault(place, []) if entry[1] != name]
        _places[place] = sorted([*entries, (order, name, panel)], key=lambda entry: entry[:2])
        return panel

    return keep


def render(place: str, request: HttpRequest | None, **context: Any) -> SafeString:
    """The HTML of every panel offered for `place`; panels return escaped HTML (use render_to_string)."""
    parts = [panel(request, **context) or "" for _, _, panel in _places.get(place, [])]
    return mark_safe("".join(parts))  # noqa: S308 - panels return rendered templates
