"""What time does to promises. A message only wakes a worker: what is to be done stands in rows."""

from celery import shared_task

from sla.actions import sweep as sweeping
from sla.actions import workflow


@shared_task(ignore_result=True)
def sweep() -> None:
    """Record what fell due and warn about what soon will; on a queue of its own, every two seconds."""
    if sweeping.sweep().breached:
        run_steps.delay()


@shared_task(ignore_result=True)
def run_steps() -> None:
    """Do the steps of the timeout workflow that are due."""
    workflow.run_steps()
