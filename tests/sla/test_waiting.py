"""What /readyz says of promises: steps nobody did, misses nobody recorded."""

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from common import health
from sla.actions.sweep import sweep
from sla.actions.workflow import run_steps
from sla.models import StepKind, StepState, WorkflowStep
from sla.waiting import oldest_step, oldest_unrecorded
from tests.factories import SHANGHAI
from tests.factories_tickets import make_ticket

pytestmark = pytest.mark.django_db

MONDAY = datetime(2026, 3, 9, 14, 30, tzinfo=SHANGHAI)
DUE = datetime(2026, 3, 9, 18, 30, tzinfo=SHANGHAI)
SECOND = timedelta(seconds=1)


def test_both_are_watched() -> None:
    assert (health.WATCHED["workflow"], health.WATCHED["sweep"]) == (oldest_step, oldest_unrecorded)


def test_a_miss_nobody_recorded_is_seen_from_the_sweeps_lag_on() -> None:
    make_ticket(at=MONDAY)
    assert oldest_unrecorded(DUE + SECOND) is None
    assert oldest_unrecorded(DUE + timedelta(hours=1)) == DUE
    sweep(at=DUE + timedelta(hours=1))
    assert oldest_unrecorded(DUE + timedelta(hours=1)) is None


def test_a_step_nobody_did_is_seen_until_it_is_done() -> None:
    make_ticket(at=MONDAY)
    sweep(at=DUE + 2 * SECOND)
    assert oldest_step(DUE + SECOND) is None
    assert oldest_step(DUE + timedelta(hours=1)) == DUE + 2 * SECOND
    run_steps(at=DUE + 3 * SECOND)
    # The lead has half an hour; then the manager is to be told.
    assert oldest_step(DUE + timedelta(minutes=20)) is None
    assert oldest_step(DUE + timedelta(hours=1)) == DUE + 3 * SECOND + timedelta(minutes=30)


def test_a_parked_step_counts_from_its_next_try() -> None:
    make_ticket(at=MONDAY)
    sweep(at=DUE + 2 * SECOND)
    WorkflowStep.objects.filter(kind=StepKind.TELL).update(state=StepState.PARKED, not_before=DUE + timedelta(hours=2))
    WorkflowStep.objects.filter(kind=StepKind.ESCALATE).update(state=StepState.DONE, done_at=DUE)
    assert oldest_step(DUE + timedelta(hours=1)) is None
    assert oldest_step(DUE + timedelta(hours=3)) == DUE + timedelta(hours=2)


def test_asking_walks_indexes_only() -> None:
    """However many steps were done before, the question costs the same."""
    with connection.cursor() as cursor, CaptureQueriesContext(connection) as asked:
        oldest_step(DUE)
        oldest_unrecorded(DUE)
        statements = [query["sql"] for query in asked.captured_queries]
        assert len(statements) == 2
        # With these off the planner sorts or scans only where no index could do it.
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_sort = off")
        for statement in statements:
            cursor.execute(f"EXPLAIN {statement}")
            plan = "\n".join(row[0] for row in cursor.fetchall())
            assert "Seq Scan" not in plan
            assert "Sort" not in plan
