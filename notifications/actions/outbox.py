"""How something that must leave is written down: in the transaction of its cause."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import structlog
from celery import current_app
from django.core.cache import cache
from django.db import transaction

from common.models import Outbox

log = structlog.get_logger()

WAKE_KEY = "notifications.wake"
#: A wake-up that no worker took is forgotten after this; the timetable looks by itself as often.
WAKE_SECONDS = 5


@dataclass(frozen=True)
class Entry:
    """One message to be sent. `key` is its fixed id: the same key is the same message. `payload`: ids and codes."""

    key: str
    channel: str
    stream: str
    kind: str
    payload: Mapping[str, Any] = field(default_factory=dict)
    not_before: datetime | None = None


def enqueue_many(entries: Iterable[Entry], *, at: datetime) -> None:
    """Write messages with one INSERT, in the caller's transaction; keys that are there already are left alone."""
    rows = [
        Outbox(
            key=entry.key,
            channel=entry.channel,
            stream=entry.stream,
            kind=entry.kind,
            payload=dict(entry.payload),
            not_before=entry.not_before or at,
            created_at=at,
        )
        for entry in entries
    ]
    if rows:
        Outbox.objects.bulk_create(rows, ignore_conflicts=True)
        transaction.on_commit(wake, robust=True)


def wake() -> None:
    """Ask a worker to look now, once however many transactions ask: the key is gone before the worker looks.

    A broker that is away delays by seconds and disturbs nobody: the timetable finds what waits.
    """
    if not cache.add(WAKE_KEY, 1, WAKE_SECONDS):
        return
    try:
        current_app.send_task("notifications.tasks.send_waiting", retry=False)
    except Exception as trouble:  # whatever the broker's client raises, the case is already filed
        log.warning("could not wake a sender", exc_info=trouble)


def awake() -> None:
    """A worker is looking: whoever enqueues from now on wakes the next one."""
    cache.delete(WAKE_KEY)
