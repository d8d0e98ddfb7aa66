"""`manage.py build_messages`: compile the translation catalogues without GNU gettext."""

from typing import Any

from django.core.management.base import BaseCommand

from common.catalogues import build


class Command(BaseCommand):
    help = "Compile every .po file that changed; needs no GNU gettext."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        written = build()
        if options["verbosity"]:
            self.stdout.write(f"{len(written)} catalogues written")
