from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from common.import_command import ImportCommand
from common.imports import BadRow, Row
from tickets.actions.importing import Names, import_many
from tickets.imports import FIELDS, conversations


class Command(ImportCommand):
    help = "Bring cases in from a CSV or XLSX file. Nobody is told anything, and running it twice creates nothing new."
    fields = FIELDS

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--source", default="import", help="name of the system the cases come from")

    def handle(self, *args: Any, **options: Any) -> None:
        self.names, self.source = Names(), options["source"]
        super().handle(*args, **options)

    def take(self, rows: list[Row]) -> tuple[list[str], list[BadRow]]:
        good, bad = conversations(rows)
        return import_many([c for _rows, c in good], names=self.names, source=self.source), bad
