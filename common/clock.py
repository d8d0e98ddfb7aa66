"""The one clock that decides: the database's, so that many web and worker machines agree to the microsecond."""

from __future__ import annotations

from datetime import datetime

from django.db import connection


def now() -> datetime:
    """The moment by the database clock (UTC, aware). Inside a transaction it goes on, unlike `now()` in SQL."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        return cursor.fetchone()[0]
