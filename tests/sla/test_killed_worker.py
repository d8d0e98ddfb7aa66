"""A worker that is killed in the middle of a thousand breaches leaves exactly what one that lived would have left."""

import os
import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from sla import tasks
from sla.models import Breach, Clock, SlaEvent, StepState, WorkflowStep
from tests.factories import make_organisation, make_team, make_user
from tests.factories_tickets import make_route
from tickets import actions
from tickets.models import Message

MANY = 1_000
LONGEST = 90  # seconds


def start_worker() -> subprocess.Popen:
    """A real Celery worker on the test's database and broker, in a process group of its own."""
    address = urlsplit(os.environ["DATABASE_URL"])
    name = connection.settings_dict["NAME"]
    environment = {**os.environ, "DATABASE_URL": urlunsplit(address._replace(path=f"/{name}"))}
    return subprocess.Popen(
        [sys.executable, "-m", "celery", "-A", "config", "worker", "-Q", "sweep,default", "-c", "2", "-l", "ERROR"],
        cwd=Path(settings.ROOT),
        env=environment,
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def kill(worker: subprocess.Popen) -> None:
    os.killpg(worker.pid, signal.SIGKILL)
    worker.wait()


def wait_for(question, *, until: float) -> bool:
    while time.monotonic() < until:
        if question():
            return True
        time.sleep(0.05)
    return False


@pytest.mark.slow
@pytest.mark.timeout(LONGEST + 60)
@pytest.mark.django_db(transaction=True)
def test_a_killed_worker_loses_and_repeats_nothing() -> None:
    make_organisation()
    make_route(make_team(lead=make_user("lead")))
    filings = [
        actions.Filing(body=f"第 {n} 单：水壶漏水", phone="+8613800136021", priority="urgent") for n in range(MANY)
    ]
    actions.open_many(filings, at=timezone.now() - timedelta(minutes=31))
    until = time.monotonic() + LONGEST

    def told() -> int:
        return Message.objects.filter(template="sla.late").count()

    workers = [start_worker()]
    try:
        tasks.sweep.delay()
        # Killed twice: in the middle of recording, and in the middle of telling.
        assert wait_for(Breach.objects.exists, until=until)
        kill(workers[-1])
        recorded = Breach.objects.count()
        workers.append(start_worker())
        tasks.sweep.delay()
        assert wait_for(lambda: Breach.objects.count() == MANY and told() > 0, until=until), recorded
        kill(workers[-1])
        workers.append(start_worker())
        tasks.sweep.delay()
        tasks.run_steps.delay()
        done = WorkflowStep.objects.filter(state=StepState.DONE, kind__in=["tell", "escalate"])
        assert wait_for(lambda: done.count() == 2 * MANY, until=until), (told(), done.count())
    finally:
        for worker in workers:
            if worker.poll() is None:
                kill(worker)
    assert Breach.objects.count() == told() == MANY
    assert SlaEvent.objects.filter(kind="sla.breached").count() == MANY
    assert SlaEvent.objects.filter(kind="sla.told").count() == MANY
    assert SlaEvent.objects.filter(kind="sla.escalated").count() == MANY
    assert Clock.objects.filter(metric="recovery").count() == MANY
