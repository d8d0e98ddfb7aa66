"""When a message that may wait leaves. Pure."""

from __future__ import annotations

from datetime import datetime, time, timedelta, tzinfo

OPENS, CLOSES = time(8), time(22)


def earliest(at: datetime, zone: tzinfo) -> datetime:
    """`at` itself from 8:00 until before 22:00 in `zone`, else the next 8:00 there."""
    local = at.astimezone(zone)
    if OPENS <= local.time() < CLOSES:
        return at
    day = local.date() + timedelta(days=1 if local.time() >= CLOSES else 0)
    return datetime.combine(day, OPENS, zone)
