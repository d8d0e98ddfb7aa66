"""`manage.py backup FILE`: database and uploads in one file."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from django.utils import timezone

from common.backups import BackupRefused, Place, back_up


class Command(BaseCommand):
    help = "Write the database and all uploads to one file. The product may go on running meanwhile."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="a file that does not exist yet, such as huiyin-2026-03-09.tar")

    def handle(self, *args: Any, **options: Any) -> None:
        target: Path = options["file"]
        if target.exists():
            raise CommandError(f"{target} exists already; a backup never overwrites another.")
        if not target.resolve().parent.is_dir():
            raise CommandError(f"The folder {target.resolve().parent} does not exist.")
        try:
            manifest = back_up(here(), target, at=timezone.now())
        except BackupRefused as refusal:
            raise CommandError(str(refusal)) from None
        size = target.stat().st_size / 1_000_000
        self.stdout.write(
            f"{target}: {size:.1f} MB, {manifest['uploads']} files. Delete it by {manifest['expires_at'][:10]}. "
            "Keep SECRET_KEY apart from it."
        )


def here() -> Place:
    """The database and the uploads of this product."""
    return Place(connection.get_connection_params(), Path(settings.MEDIA_ROOT))
