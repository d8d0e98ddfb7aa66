"""The senders. Any number may run at once: each row is claimed by one of them, for a while.

A sender that is killed leaves its rows claimed; when the claim has run out another one takes them, with the same id.
"""

from __future__ import annotations

import json
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from django.db import connection, transaction
from django.db.models import F

from common import clock
from common.events import ActorKind, announce
from common.models import Outbox, OutboxState
from common.redaction import redact_text
from notifications.actions.outbox import awake, wake
from notifications.channels import Channel, Letter, Refused, Trouble, Unreachable, channel_for
from notifications.channels.sink import Sink
from notifications.letters import Letters
from notifications.models import NotificationEvent

log = structlog.get_logger()

CHUNK = 200
LEASE = timedelta(seconds=120)
#: No message is begun this long after its claim: what is left goes back, so that nothing is sent beside another sender.
BEGIN_WITHIN = 80.0
#: A task ends after this and wakes the next one.
RUN_SECONDS = 60.0
BACK_OFF = tuple(timedelta(seconds=s) for s in (30, 2 * 60, 10 * 60, 3600, 6 * 3600, 6 * 3600, 6 * 3600))
ATTEMPTS = len(BACK_OFF) + 1


@dataclass
class Sent:
    """What became of some rows."""

    sent: int = 0
    put_off: int = 0
    failed: int = 0

    @property
    def tried(self) -> int:
        return self.sent + self.put_off + self.failed


def send_waiting(*, at: datetime | None = None, most: int = 50_000) -> Sent:
    """Send everything that is due at `at` (the database clock, asked for every chunk, when none is given)."""
    awake()
    total, until = Sent(), time.monotonic() + RUN_SECONDS
    while total.tried < most:
        moment = at or clock.now()
        rows = claim(moment)
        if not rows:
            return total
        deliver(rows, moment, total)
        if time.monotonic() > until:
            wake()
            break
    return total


def claim(at: datetime, most: int = CHUNK) -> list[Outbox]:
    """Take rows that are due, oldest first, and of each stream only the first that has not left.

    What waits for the morning holds up nobody behind it; what is being tried again does.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH due AS MATERIALIZED (
                SELECT o.id FROM common_outbox o
                WHERE o.state = 'waiting' AND o.not_before <= %(at)s
                  AND (o.claimed_until IS NULL OR o.claimed_until <= %(at)s)
                  AND NOT EXISTS (
                    SELECT 1 FROM common_outbox e
                    WHERE e.stream = o.stream AND e.id < o.id AND e.state = 'waiting'
                      AND (e.not_before <= %(at)s OR e.attempts > 0))
                ORDER BY o.not_before, o.id
                LIMIT %(most)s
                FOR UPDATE OF o SKIP LOCKED)
            UPDATE common_outbox o SET claimed_until = %(until)s, attempts = o.attempts + 1
            FROM due WHERE o.id = due.id
            RETURNING o.id, o.key, o.channel, o.stream, o.kind, o.payload::text, o.attempts, o.not_before, o.created_at
            """,
            {"at": at, "until": at + LEASE, "most": most},
        )
        found = cursor.fetchall()
    rows = [
        Outbox(
            id=pk, key=key, channel=channel, stream=stream, kind=kind, payload=json.loads(payload), attempts=attempts,
            not_before=not_before, created_at=created_at, claimed_until=at + LEASE,
        )
        for pk, key, channel, stream, kind, payload, attempts, not_before, created_at in found
    ]  # fmt: skip
    return sorted(rows, key=lambda row: row.pk)


def deliver(rows: Sequence[Outbox], at: datetime, total: Sent) -> None:
    """Put claimed rows into words and send them, channel by channel."""
    begun = time.monotonic()
    spent = [row for row in rows if row.attempts > ATTEMPTS]
    for row in spent:  # whoever tried it died of it, again and again
        _fail(row, at, "gave up after a sender ended without a word", "gave_up", total)
    letters = Letters([row for row in rows if row not in spent], at)
    by_channel: dict[str, list[tuple[Outbox, Letter]]] = defaultdict(list)
    for row in rows:
        if row in spent:
            continue
        try:
            by_channel[row.channel].append((row, letters.write(row)))
        except Refused as refused:
            _fail(row, at, str(refused), refused.why, total)
        except Exception as trouble:  # one row that can't be put into words must not hold up the others
            log.exception("could not write a message", outbox=row.pk, kind=row.kind)
            _put_off([row], at, f"{type(trouble).__name__}: {trouble}", total)
    for name, pairs in by_channel.items():
        _send_all(name, pairs, at, begun, total)


def _send_all(name: str, pairs: list[tuple[Outbox, Letter]], at: datetime, begun: float, total: Sent) -> None:
    try:
        opened = channel_for(name)
    except Refused as refused:
        for row, _letter in pairs:
            _fail(row, at, str(refused), refused.why, total)
        return
    with opened as channel:
        # A robot takes few messages a minute, the sink any number at once: both get all letters together.
        together = name == "robot" or isinstance(channel, Sink)
        groups = [pairs] if together else [[pair] for pair in pairs]
        while groups:
            group = groups.pop(0)
            if time.monotonic() - begun > BEGIN_WITHIN:
                _give_back([row for group in [group, *groups] for row, _letter in group])
                return
            try:
                _send_group(channel, group, total)
            except Refused as refused:
                for row, _letter in group:
                    _fail(row, at, str(refused), refused.why, total)
            except Unreachable as nobody:
                # The others would wait for the same silence: they are put off with this one.
                rest = [row for group in [group, *groups] for row, _letter in group]
                _put_off(rest, at, str(nobody), total)
                return
            except Trouble as trouble:
                _put_off([row for row, _letter in group], at, str(trouble), total)


def _send_group(channel: Channel, group: list[tuple[Outbox, Letter]], total: Sent) -> None:
    letters = [letter for _row, letter in group]
    if isinstance(channel, Sink):
        with transaction.atomic():
            channel.send(letters)
            _mark_sent([row for row, _letter in group])
    else:
        channel.send(letters)
        _mark_sent([row for row, _letter in group])
    total.sent += len(group)


def _mark_sent(rows: Sequence[Outbox]) -> None:
    ids = [row.pk for row in rows]
    Outbox.objects.filter(pk__in=ids, state=OutboxState.WAITING).update(
        state=OutboxState.SENT, sent_at=clock.now(), claimed_until=None, error=""
    )


def _give_back(rows: Sequence[Outbox]) -> None:
    Outbox.objects.filter(pk__in=[row.pk for row in rows], state=OutboxState.WAITING).update(
        claimed_until=None, attempts=F("attempts") - 1
    )


def _put_off(rows: Sequence[Outbox], at: datetime, why: str, total: Sent) -> None:
    """Try again later, or give up after the last attempt."""
    for row in rows:
        if row.attempts >= ATTEMPTS:
            _fail(row, at, why, "gave_up", total)
            continue
        Outbox.objects.filter(pk=row.pk, state=OutboxState.WAITING, attempts=row.attempts).update(
            not_before=at + BACK_OFF[row.attempts - 1], claimed_until=None, error=_error(why)
        )
        total.put_off += 1


def _fail(row: Outbox, at: datetime, why: str, code: str, total: Sent) -> None:
    """Give up for good: on the timeline of the case, and a bell for whoever looks after it."""
    with transaction.atomic():
        failed = Outbox.objects.filter(pk=row.pk, state=OutboxState.WAITING, attempts=row.attempts).update(
            state=OutboxState.FAILED, claimed_until=None, error=_error(why)
        )
        if not failed:
            return
        total.failed += 1
        if ticket := row.payload.get("ticket"):
            event = NotificationEvent(
                kind="delivery.failed",
                at=at,
                ticket_id=ticket,
                actor_kind=ActorKind.SYSTEM,
                data={"outbox": row.pk, "channel": row.channel, "letter": row.kind, "why": code},
            )
            NotificationEvent.check_data(event.kind, event.data)
            event.save()
            announce([event])
    log.warning("a message was given up", outbox=row.pk, channel=row.channel, kind=row.kind, why=code)


def _error(why: str) -> str:
    """Servers quote addresses in their answers; the row keeps none."""
    return redact_text(why)[:500]
