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
#: From so many cases on, one mail to a colleague lists them.
MANY = 4
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


#: Some rows and the one letter they leave in.
Bundle = tuple[list[Outbox], Letter]


def deliver(rows: Sequence[Outbox], at: datetime, total: Sent) -> None:
    """Put claimed rows into words and send them, channel by channel."""
    begun = time.monotonic()
    spent = [row for row in rows if row.attempts > ATTEMPTS]
    for row in spent:  # whoever tried it died of it, again and again
        _fail(row, at, "gave up after a sender ended without a word", "gave_up", total)
    fresh = [row for row in rows if row.attempts <= ATTEMPTS]
    letters = Letters(fresh, at)
    by_channel: dict[str, list[Bundle]] = defaultdict(list)
    for bundle in bundles(fresh):
        try:
            letter = letters.write(bundle[0]) if len(bundle) == 1 else letters.write_many(bundle)
            by_channel[bundle[0].channel].append((bundle, letter))
        except Refused as refused:
            for row in bundle:
                _fail(row, at, str(refused), refused.why, total)
        except Exception as trouble:  # one row that can't be put into words must not hold up the others
            log.exception("could not write a message", outbox=bundle[0].pk, kind=bundle[0].kind)
            _put_off(bundle, at, f"{type(trouble).__name__}: {trouble}", total)
    for name, ready in by_channel.items():
        _send_all(name, ready, at, begun, total)


def bundles(rows: Sequence[Outbox]) -> list[list[Outbox]]:
    """Rows that leave together: a colleague who is mailed about many cases at once gets one list of them."""
    found: dict[object, list[Outbox]] = {}
    for row in rows:
        mailed = row.payload.get("user") if row.channel == "mail" else None
        found.setdefault(("user", mailed) if mailed else row.pk, []).append(row)
    made = []
    for group in found.values():
        made += [group] if len(group) >= MANY else [[row] for row in group]
    return made


def _send_all(name: str, ready: list[Bundle], at: datetime, begun: float, total: Sent) -> None:
    try:
        opened = channel_for(name)
    except Refused as refused:
        for row in _rows_of(ready):
            _fail(row, at, str(refused), refused.why, total)
        return
    with opened as channel:
        # A robot takes few messages a minute, the sink any number at once: both get all letters together.
        together = name == "robot" or isinstance(channel, Sink)
        groups = [ready] if together else [[bundle] for bundle in ready]
        while groups:
            group = groups.pop(0)
            if time.monotonic() - begun > BEGIN_WITHIN:
                _give_back(_rows_of([*group, *(bundle for rest in groups for bundle in rest)]))
                return
            try:
                _send_group(channel, group, total)
            except Refused as refused:
                for row in _rows_of(group):
                    _fail(row, at, str(refused), refused.why, total)
            except Unreachable as nobody:
                # The others would wait for the same silence: they are put off with this one.
                rest = [*group, *(bundle for rest in groups for bundle in rest)]
                _put_off(_rows_of(rest), at, str(nobody), total)
                return
            except Exception as trouble:  # whatever a server or its client thinks of, the other messages go on
                if not isinstance(trouble, Trouble):
                    log.exception("a channel failed", channel=name)
                _put_off(_rows_of(group), at, str(trouble) or type(trouble).__name__, total)


def _rows_of(ready: Sequence[Bundle]) -> list[Outbox]:
    return [row for rows, _letter in ready for row in rows]


def _send_group(channel: Channel, group: list[Bundle], total: Sent) -> None:
    letters, rows = [letter for _rows, letter in group], _rows_of(group)
    if isinstance(channel, Sink):
        with transaction.atomic():
            channel.send(letters)
            _mark_sent(rows)
    else:
        channel.send(letters)
        _mark_sent(rows)
    total.sent += len(rows)


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
