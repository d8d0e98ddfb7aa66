"""Celery and the whole timetable of the product, to be read from top to bottom."""

import os

from celery import Celery
from celery.schedules import crontab
from celery.signals import beat_init, setup_logging

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("huiyin")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def keep_our_logging(**_kwargs) -> None:
    """Celery would set up logging of its own; ours (config/logs.py) is already there."""


@beat_init.connect
def note_first_beat(**_kwargs) -> None:
    """Beat is alive from its first second, ten seconds before its first entry is due."""
    from common.tasks import beat_heartbeat

    beat_heartbeat()


# name: (task, every how many seconds, or a crontab in the product's time zone)
TIMETABLE = {
    "note that beat is alive": ("common.tasks.beat_heartbeat", 10.0),
    # --- promises (sla): the sweep has a queue and a worker of its own ---
    "record what fell due, warn about what soon will": ("sla.tasks.sweep", 2.0),
    "do what missed promises ask for": ("sla.tasks.run_steps", 3.0),
    "resume cases whose wait is over": ("tickets.tasks.resume_expired", 20.0),
    "close cases whose customers said nothing for 7 days": ("tickets.tasks.close_silent", 300.0),
    "throw away files whose text never came": ("tickets.tasks.discard_uploads", crontab(minute=25)),
    "forget whose cases were closed three years ago": ("tickets.tasks.forget_old", crontab(hour=4, minute=30)),
    "send messages that nobody woke a sender for": ("notifications.tasks.send_waiting", 5.0),
    "forget messages past their time": ("notifications.tasks.forget_old", crontab(hour=4, minute=20)),
    "forget drafts and keys past their time": ("common.tasks.forget_old_rows", crontab(hour=4, minute=10)),
}

app.conf.beat_schedule = {
    name: {
        "task": task,
        "schedule": every,
        # A run that nobody could start in time is pointless: the next one does the same work.
        "options": {"expires": every if isinstance(every, float) else 3600.0},
    }
    for name, (task, every) in TIMETABLE.items()
}
