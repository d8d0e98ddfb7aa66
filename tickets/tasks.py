"""What time does to cases: each task is one call, safe to run twice."""

from celery import shared_task

from tickets import actions


@shared_task(ignore_result=True)
def resume_expired() -> None:
    """Resume cases whose wait is over."""
    actions.resume_expired()


@shared_task(ignore_result=True)
def close_silent() -> None:
    """Close resolved cases that nobody answered for 7 days."""
    actions.close_silent()


@shared_task(ignore_result=True)
def forget_old() -> None:
    """Take names, contacts and files from cases closed three years ago."""
    actions.forget_old()


@shared_task(ignore_result=True)
def discard_uploads() -> None:
    """Throw away files whose message was never sent."""
    actions.discard_uploads()
