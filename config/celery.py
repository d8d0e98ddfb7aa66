"""Celery and the whole timetable of the product, to be read from top to bottom."""

import os

from celery import Celery
from celery.schedules import crontab  # noqa: F401  (used by the timetable as it grows)

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("huiyin")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

SECOND = 1.0

# name: (task, every how many seconds or a crontab in the product's time zone)
TIMETABLE = {
    "note that beat is alive": ("common.tasks.beat_heartbeat", 10 * SECOND),
}

app.conf.beat_schedule = {
    name: {
        "task": task,
        "schedule": every,
        # A run nobody could start in time is pointless: the next one does the same work.
        "options": {"expires": every if isinstance(every, float) else 3600},
    }
    for name, (task, every) in TIMETABLE.items()
}
