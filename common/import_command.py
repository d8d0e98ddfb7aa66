"""What the import commands share: options, a progress line, a rejects file, and one JSON line at the end."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from collections.abc import Iterable
from contextlib import nullcontext
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from common.errors import DomainError
from common.imports import BadRow, Counts, Fields, ImportMap, Rejects, Row, batches, read_rows

#: Rows of one transaction.
BATCH = 500


class ImportCommand(BaseCommand):
    """A command that brings a table in; subclasses say which fields there are and take lists of good rows."""

    fields: Fields

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", help="CSV (.gz allowed) or XLSX")
        parser.add_argument("--map", help="JSON file that says which column is what (see docs/import/)")
        parser.add_argument("--encoding", help="of a CSV file; found by itself when left out (UTF-8 or GB18030)")
        parser.add_argument("--dry-run", action="store_true", help="read and check everything, write nothing")
        parser.add_argument("--rejects", help="CSV file for rows that could not be used, with line and reason")

    def take(self, rows: list[Row]) -> tuple[Iterable[str], list[BadRow]]:
        """Bring good rows in; returns "created", "updated" or "unchanged" for each thing, and rows that don't fit."""
        raise NotImplementedError

    def handle(self, *_args: Any, **options: Any) -> None:
        self.counts, self.began = Counts(), time.monotonic()
        try:
            import_map = ImportMap.read(options["map"], self.fields)
            # Each batch is a transaction of its own and stays; a dry run is one large one that is taken back.
            whole = transaction.atomic() if options["dry_run"] else nullcontext()
            with Rejects(options["rejects"]) as rejects, whole:
                rows = read_rows(options["file"], self.fields, import_map, encoding=options["encoding"])
                for batch in batches(rows, BATCH):
                    self._take(batch, rejects)
                    self._show_progress()
                if options["dry_run"]:
                    transaction.set_rollback(True)
        except DomainError as error:
            raise CommandError(str(error.message)) from None
        self.stderr.write("")
        self.stdout.write(self.counts.line())

    def _take(self, batch: list[Row | BadRow], rejects: Rejects) -> None:
        outcomes, unfit = self.take([row for row in batch if isinstance(row, Row)])
        for outcome in outcomes:
            setattr(self.counts, outcome, getattr(self.counts, outcome) + 1)
        bad = sorted([*unfit, *(row for row in batch if isinstance(row, BadRow))], key=lambda row: row.line)
        for row in bad:
            rejects.add(row.line, row.reason, row.cells)
        self.counts.rows += len(batch)
        self.counts.rejected += len(bad)

    def _show_progress(self) -> None:
        pace = self.counts.rows / max(0.001, time.monotonic() - self.began)
        self.stderr.write(f"\r{self.counts.rows:,} rows, {pace:,.0f} per second", ending="")
