"""What a colleague does with the lines behind the bell."""

from __future__ import annotations

from datetime import datetime

from accounts.models import User
from common import clock
from notifications.models import Notice
from tickets.models import Ticket


def read_notice(notice: Notice, *, at: datetime | None = None) -> Notice:
    """Mark one notice as read; doing so twice is the same as once."""
    if notice.read_at is None:
        notice.read_at = at or clock.now()
        Notice.objects.filter(pk=notice.pk, read_at__isnull=True).update(read_at=notice.read_at)
    return notice


def read_all(*, actor: User, up_to: int, at: datetime | None = None) -> int:
    """Mark everything as read up to the newest notice that was shown (its id); returns how many there were."""
    unread = Notice.objects.unread().filter(user=actor, pk__lte=up_to)
    return unread.update(read_at=at or clock.now())


def read_of_ticket(ticket: Ticket, *, actor: User, at: datetime | None = None) -> int:
    """Mark what one case rang about as read."""
    return Notice.objects.unread().filter(user=actor, ticket=ticket).update(read_at=at or clock.now())
