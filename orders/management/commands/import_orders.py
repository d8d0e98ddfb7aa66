import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils.translation import gettext as _

from common.errors import DomainError
from common.events import Origin
from common.imports import BadRow, Counts, ImportMap, Rejects, read_rows
from orders.actions import push_orders
from orders.imports import FIELDS, Group, facts, groups

PROGRESS_EVERY = 2.0  # seconds


class Command(BaseCommand):
    help = (
        "Import orders from CSV (gzip allowed) or XLSX. Prints one JSON line last: rows and rejected count rows of the "
        "file, created, updated and unchanged count orders. Running it twice creates nothing new."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file")
        parser.add_argument("--map", help="JSON: which column is which field; see docs/import/")
        parser.add_argument("--encoding", help="if it can't be found: utf-8, gb18030 ...")
        parser.add_argument("--dry-run", action="store_true", help="do everything and take it back at the end")
        parser.add_argument("--rejects", help="file for the rows that did not go in, with line and reason")

    def handle(self, *args: Any, **options: Any) -> None:
        counts = Counts()
        try:
            import_map = ImportMap.read(options["map"], FIELDS, timezone=settings.TIME_ZONE)
            with Rejects(options["rejects"]) as rejects:
                if options["dry_run"]:
                    with transaction.atomic():
                        self.read(options, import_map, counts, rejects)
                        transaction.set_rollback(True)
                else:
                    self.read(options, import_map, counts, rejects)
        except DomainError as refused:
            raise CommandError(str(refused.message)) from None
        self.stdout.write(counts.line())

    def read(self, options: dict[str, Any], import_map: ImportMap, counts: Counts, rejects: Rejects) -> None:
        """Every order of the file, about a thousand rows per transaction."""
        said = time.monotonic()
        for batch in groups(read_rows(options["file"], FIELDS, import_map, encoding=options["encoding"])):
            for item in batch:
                if isinstance(item, BadRow):
                    counts.rows += 1
                    counts.rejected += 1
                    rejects.add(item.line, item.reason, item.cells)
            self.push([item for item in batch if isinstance(item, Group)], counts, rejects)
            if time.monotonic() - said > PROGRESS_EVERY:
                said = time.monotonic()
                self.stderr.write(_("%(count)d rows read") % {"count": counts.rows})

    def push(self, batch: list[Group], counts: Counts, rejects: Rejects) -> None:
        """All at once; if one of them can't be kept, one by one, so that it stays behind alone."""
        if not batch:
            return
        try:
            pushed = push_orders([facts(group) for group in batch], actor=None, origin=Origin.IMPORT)
        except DomainError as refused:
            if len(batch) > 1:
                for group in batch:
                    self.push([group], counts, rejects)
                return
            for row in batch[0].rows:
                counts.rows += 1
                counts.rejected += 1
                rejects.add(row.line, str(refused.message), row.cells)
            return
        counts.rows += sum(len(group.rows) for group in batch)
        for result in pushed:
            setattr(counts, result.outcome, getattr(counts, result.outcome) + 1)
