"""`manage.py restore FILE`: bring back what `manage.py backup` wrote."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from django.utils import timezone

from common.backups import BackupRefused, restore
from common.management.commands.backup import here


class Command(BaseCommand):
    help = "Restore a backup into an empty database and an empty folder of uploads. Stop the product first."
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--force", action="store_true", help="delete what is here first; also an expired backup")

    def handle(self, *args: Any, **options: Any) -> None:
        place = here()
        connection.close()
        try:
            manifest = restore(place, options["file"], at=timezone.now(), force=options["force"])
        except BackupRefused as refusal:
            raise CommandError(str(refusal)) from None
        self.stdout.write(
            f"Restored the state of {manifest['made_at'][:16]} with {manifest['uploads']} files. "
            "Now run: python manage.py migrate"
        )
