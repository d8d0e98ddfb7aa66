"""`manage.py announce_holidays NOTICE.csv`: take over the State Council's notice of a new year, or a correction."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from calendars.actions import announce_holidays
from calendars.presets import announced_days


class Command(BaseCommand):
    help = "Take over a holiday notice: CSV with notice_year, date, name, is_off (1 or 0), papers."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="NOTICE.csv", type=Path)

    def handle(self, *, file: Path, **options: Any) -> None:
        try:
            rows = list(announced_days(file))
        except OSError as trouble:
            raise CommandError(f"{file}: {trouble.strerror}") from trouble
        except ValueError as bad:
            raise CommandError(f"{file}: {bad}") from bad
        changed = announce_holidays(rows)
        self.stdout.write(f"{len(rows)} days read, {changed} new or changed.")
