"""`manage.py check_messages`: every text has a finished Chinese translation that says the same and puts nobody off."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import translation

from common.catalogues import faults, uses


class Command(BaseCommand):
    help = "List texts without a Chinese translation, placeholders that differ, and words we do not say to customers."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        found = faults(provided=provided_by_packages())
        for sentence in found:
            self.stdout.write(sentence)
        if found:
            raise CommandError(f"{len(found)} faults in the translations")
        self.stdout.write(f"{len({(use.context, use.text) for use in uses()})} texts, all translated")


def provided_by_packages() -> frozenset[str]:
    """English texts without a context that Django or a package translates already."""
    with translation.override("zh-hans"):
        return frozenset(use.text for use in uses() if not use.context and translation.gettext(use.text) != use.text)
