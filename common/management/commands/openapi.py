from typing import Any

from drf_spectacular.management.commands.spectacular import Command as Generate


class Command(Generate):
    help = "Print the OpenAPI document of the API as YAML (--format openapi-json: as JSON; --file: into a file)."

    def handle(self, *args: Any, **options: Any) -> None:
        """The same document that /api/v1/schema/ answers with."""
        super().handle(*args, **options)
