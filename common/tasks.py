"""Housekeeping by the timetable (config/celery.py). Each is safe to run twice."""

from celery import shared_task
from django.core.cache import cache
from django.utils import timezone

from common.health import BEAT_KEY
from common.models import Draft, IdempotencyKey


@shared_task
def beat_heartbeat() -> None:
    """Note that beat sends and a worker takes; /readyz reads it."""
    cache.set(BEAT_KEY, timezone.now().isoformat(), 3600)


@shared_task
def forget_old_rows() -> None:
    """Drop idempotency keys and drafts that are past the time they are kept."""
    now = timezone.now()
    IdempotencyKey.objects.filter(created_at__lt=now - IdempotencyKey.KEPT).delete()
    Draft.objects.filter(saved_at__lt=now - Draft.KEPT).delete()
