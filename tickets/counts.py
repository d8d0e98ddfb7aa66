"""What every staff page says about the queue: how many in each view, and who has been waiting for us the longest.

One statement, kept for a few seconds per person: a count on a page may be that old, and stops at 1,000.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.core.cache import cache
from django.utils import timezone

from accounts.models import User
from common import per_request
from tickets.models import AuthorKind, Status, Ticket
from tickets.queues import MOST, VIEWS, count_views, first_sql, one_row

SECONDS = 5


@dataclass(frozen=True)
class Oldest:
    """The customer who has been waiting for an answer of ours the longest."""

    number: str
    since: datetime
    due_at: datetime

    def is_late(self, at: datetime) -> bool:
        return self.due_at < at


@dataclass(frozen=True)
class Snapshot:
    views: dict[str, int]
    oldest: Oldest | None


def snapshot(user: User, at: datetime | None = None) -> Snapshot:
    """The counts of this person's views and the oldest wait, at most five seconds old."""
    key = f"tickets.snapshot:{user.pk}"
    if at is not None:
        per_request.forget(key)
    return per_request.kept(key, lambda: _snapshot(key, user, at))


def _snapshot(key: str, user: User, at: datetime | None) -> Snapshot:
    known = cache.get(key)
    if known is None or at is not None:
        known = _count(user, at or timezone.now())
        cache.set(key, known, SECONDS)
    return known


def forget(user: User) -> None:
    """Count again at the next page: this person has just changed something."""
    key = f"tickets.snapshot:{user.pk}"
    cache.delete(key)
    per_request.forget(key)


def _count(user: User, at: datetime) -> Snapshot:
    waiting = Ticket.objects.visible_to(user).filter(
        status__in=(Status.NEW, Status.OPEN), last_author_kind=AuthorKind.CUSTOMER
    )
    oldest = first_sql(waiting.order_by("last_message_at", "id"), "number", "last_message_at", "due_at")
    *counts, found = one_row([*count_views(user, at), oldest])
    views = {view.slug: min(count, MOST + 1) for view, count in zip(VIEWS, counts, strict=True)}
    if found is None:
        return Snapshot(views, None)
    number, since, due_at = found
    return Snapshot(views, Oldest(number, datetime.fromisoformat(since), datetime.fromisoformat(due_at)))


def shown(count: int) -> str:
    """47, or 999+ where counting stopped."""
    return f"{MOST - 1}+" if count > MOST else str(count)
