"""Deadlines that act: ten thousand clocks fall due in the same second among a million that run."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection

from bench.bulk import hurry
from sla.actions.sweep import sweep as sweep_once
from sla.models import Breach, Clock, StepKind, WorkflowStep

RUNNING, DUE = 1_000_000, 10_000
#: Seconds until all of them fall due, so that everything stands ready.
SOON = 6


@dataclass
class Swept:
    """Seconds are counted from the moment the clocks were due; the sweep itself waits two of them (sla/actions/sweep.py)."""

    running: int
    due: int
    recorded: int = 0
    first_recorded: float = 0
    all_recorded: float = 0
    recording_took: float = 0
    told_and_escalated: float = 0
    idle_ms: float = 0


def make_running(wanted: int) -> int:
    """Bring the number of running clocks up to `wanted`, with more that are due in some weeks; returns how many run."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM sla_clock WHERE state = 'running'")
        running = cursor.fetchone()[0]
        missing = max(0, wanted - running)
        if missing:
            hurry(cursor, trusting=True)
            # On closed cases, which nobody touches meanwhile: the sweep sees clocks only.
            columns = [field.column for field in Clock._meta.concrete_fields if field.name != "id"]
            changed = {
                "metric": "'update_every'",
                "state": "'running'",
                "cycle": "t.turn",
                "recovers": "CASE WHEN t.turn = 1 THEN '' ELSE 'turn ' || t.turn END",
                "due_at": "now() + interval '40 days' + k.id %% 1000000 * interval '1 second'",
                "promised_at": "now() + interval '40 days'",
                "warn_at": "now() + interval '39 days'",
                "next_warn_at": "now() + interval '39 days' + k.id %% 1000000 * interval '1 second'",
                "ended_at": "NULL",
                "ended_by": "''",
                "breached_at": "NULL",
                "judged_at": "NULL",
                "pauses": "'[]'",
            }
            values = ", ".join(changed.get(column, f"k.{column}") for column in columns)
            cursor.execute(
                f"INSERT INTO sla_clock ({', '.join(columns)}) SELECT {values} FROM generate_series(1, 40) t(turn), sla_clock k"
                " JOIN tickets_ticket c ON c.id = k.ticket_id AND c.status = 'closed' WHERE k.metric = 'first_response'"
                " LIMIT %s",
                [missing],
            )
            cursor.execute("RESET session_replication_role; RESET synchronous_commit")
            cursor.execute("VACUUM (ANALYZE) sla_clock")
        return int(running + missing)


def idle(say: Callable[[str], None]) -> float:
    """The milliseconds of a sweep that finds nothing: median of many."""
    times = []
    for _turn in range(30):
        began = time.perf_counter()
        sweep_once(at=None)
        times.append((time.perf_counter() - began) * 1000)
    times.sort()
    say(f"idle sweep: {times[15]:.1f} ms")
    return round(times[15], 2)


def sweep(*, running: int = RUNNING, due: int = DUE, say: Callable[[str], None] = print, wait: float = 120) -> Swept:
    """Let clocks of so many open cases fall due at once and watch the product's own workers deal with them."""
    found = Swept(make_running(running), due)
    say(f"{found.running:,} clocks run")
    found.idle_ms = idle(say)
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(id), 0) FROM sla_breach")
        before = cursor.fetchone()[0]
        cursor.execute(
            """
            WITH chosen AS (
              SELECT k.id FROM sla_clock k JOIN tickets_ticket t ON t.id = k.ticket_id
              WHERE k.state = 'running' AND k.breached_at IS NULL AND k.metric IN ('first_response', 'next_response')
                AND t.status IN ('new', 'open') ORDER BY k.id LIMIT %s
            ), moved AS (
              UPDATE sla_clock SET due_at = now() + %s, next_warn_at = NULL FROM chosen WHERE sla_clock.id = chosen.id
              RETURNING sla_clock.due_at
            ) SELECT count(*), max(due_at) FROM moved
            """,
            [due, timedelta(seconds=SOON)],
        )
        found.due, due_at = cursor.fetchone()
    say(f"{found.due:,} of them fall due in {SOON} s")
    _watch(found, before, due_at, say, wait)
    return found


def _watch(found: Swept, before: int, due_at: datetime, say: Callable[[str], None], wait: float) -> None:
    """Look every tenth of a second; what is reported is what the rows say, so looking late changes nothing."""
    new = Breach.objects.filter(pk__gt=before, due_at=due_at)
    open_steps = WorkflowStep.objects.filter(breach__in=new, kind__in=[StepKind.TELL, StepKind.ESCALATE]).exclude(
        state="done"
    )
    until = time.monotonic() + SOON + wait
    seen: dict[str, float] = {}
    while time.monotonic() < until:
        with connection.cursor() as cursor:
            cursor.execute("SELECT extract(epoch FROM clock_timestamp() - %s::timestamptz)", [due_at])
            after = float(cursor.fetchone()[0])
        if after < 0:
            time.sleep(0.1)
            continue
        found.recorded = new.count()
        if found.recorded and "first" not in seen:
            seen["first"] = after
        if found.recorded >= found.due and "all" not in seen:
            seen["all"] = after
            say(f"all recorded {after:.1f} s after they were due")
        if "all" in seen and not open_steps.exists():
            seen["told"] = after
            say(f"all told and escalated {after:.1f} s after they were due")
            break
        time.sleep(0.1)
    found.first_recorded = round(seen.get("first", -1), 2)
    found.all_recorded = round(seen.get("all", -1), 2)
    found.recording_took = round(found.all_recorded - found.first_recorded, 2)
    found.told_and_escalated = round(seen.get("told", -1), 2)
