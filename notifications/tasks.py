"""What wakes the senders. Each task is one call, safe to run twice and in many workers at once."""

from celery import shared_task

from notifications import actions


@shared_task(ignore_result=True)
def send_waiting() -> None:
    """Send what is due; sent by every enqueueing transaction and, for what was missed, by the timetable."""
    actions.send_waiting()


@shared_task(ignore_result=True)
def forget_old() -> None:
    """Drop sent messages, notices and the sink's content that are past the time they are kept."""
    actions.forget_old()
