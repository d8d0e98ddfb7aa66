from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.urls import reverse

from accounts.actions import make_setup_link
from common.errors import Conflict


class Command(BaseCommand):
    help = (
        "Print the one-time address at which an empty product asks for its first administrator. "
        "With --if-empty it prints nothing, and fails at nothing, once there are people."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--if-empty", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            token = make_setup_link()
        except Conflict as people:
            if not options["if_empty"]:
                self.stderr.write(str(people.message))
                raise SystemExit(1) from None
            return
        self.stdout.write(f"{settings.BASE_URL}{reverse('accounts:setup')}?key={token}")
