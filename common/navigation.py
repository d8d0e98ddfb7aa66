"""The entries of the staff navigation: each app adds its own in `apps.ready()`, so the frame names no higher app.

    navigation.add(_("Tickets"), "inbox", "tickets:queue", may=lambda user: user.is_staff, order=10, count=open_tickets)

An entry whose address does not exist, or which this person may not open, leaves no trace.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from django.core.cache import cache
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

#: The groups of the navigation from top to bottom; "end" stands at the foot.
GROUPS: Final = ("work", "cases", "people", "end")
COUNT_SECONDS: Final = 15


@dataclass(frozen=True)
class Entry:
    name: Any
    icon: str
    url_name: str
    may: Callable[[Any], bool]
    order: int
    group: str
    count: Callable[[Any], int] | None
    covers: tuple[str, ...]


@dataclass(frozen=True)
class Item:
    """An entry as one person sees it; `count` is text ("47", "999+") or empty."""

    name: Any
    icon: str
    url: str
    current: bool
    count: str


@dataclass(frozen=True)
class Group:
    name: str
    items: list[Item]


_entries: dict[str, Entry] = {}


def add(
    name: Any,
    icon: str,
    url_name: str,
    *,
    may: Callable[[Any], bool],
    order: int = 100,
    group: str = "work",
    count: Callable[[Any], int] | None = None,
    covers: tuple[str, ...] = (),
) -> None:
    """Add an entry. `covers` are further URL names, or prefixes ending in `*`, for which this entry is the current one.

    `count(user)` is asked at most every 15 seconds per person and must be cheap; it shows nothing when it is 0.
    """
    if group not in GROUPS:
        raise ValueError(f"unknown navigation group {group!r}")
    _entries[url_name] = Entry(name, icon, url_name, may, order, group, count, covers)


def groups(request: HttpRequest) -> list[Group]:
    """The groups that hold something for the person of this request, in order."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return []
    match = getattr(request, "resolver_match", None)
    here = match.view_name if match else ""
    shown: list[tuple[Entry, str]] = []
    for entry in sorted(_entries.values(), key=lambda entry: (entry.order, entry.url_name)):
        try:
            url = reverse(entry.url_name)
        except NoReverseMatch:
            continue
        if entry.may(user):
            shown.append((entry, url))
    counts = _counts(user, [entry for entry, _ in shown])
    items = {
        entry.url_name: Item(entry.name, entry.icon, url, _is_current(entry, here), counts.get(entry.url_name, ""))
        for entry, url in shown
    }
    return [
        Group(name, members)
        for name in GROUPS
        if (members := [items[entry.url_name] for entry, _ in shown if entry.group == name])
    ]


def _is_current(entry: Entry, here: str) -> bool:
    return any(
        here.startswith(name[:-1]) if name.endswith("*") else here == name for name in (entry.url_name, *entry.covers)
    )


def _counts(user: Any, entries: list[Entry]) -> dict[str, str]:
    counted = {f"nav:{entry.url_name}:{user.pk}": entry for entry in entries if entry.count is not None}
    if not counted:
        return {}
    known = cache.get_many(list(counted))
    missing = {key: entry.count(user) for key, entry in counted.items() if key not in known and entry.count is not None}
    if missing:
        cache.set_many(missing, COUNT_SECONDS)
    known.update(missing)
    return {counted[key].url_name: ("999+" if number > 999 else str(number)) for key, number in known.items() if number}
