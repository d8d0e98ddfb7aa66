"""`manage.py sla_backtest EVENTS.csv --policy POLICY.json --out OUT.csv`; see sla/backtest.py for what it counts."""

import gzip
import io
import json
import zlib
from argparse import ArgumentParser
from pathlib import Path
from typing import Any, TextIO

from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError

from calendars.models import holidays
from calendars.presets import shipped_holidays
from calendars.worktime import Holidays
from sla.backtest import BacktestPolicy, BadEvents, BadPolicy, read_moment, run


class Command(BaseCommand):
    help = "Run a draft policy over past cases: due times and breaches."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("events", metavar="EVENTS.csv", help="case_id,at,event; gzip allowed")
        parser.add_argument("--policy", required=True, metavar="POLICY.json")
        parser.add_argument("--out", required=True, metavar="OUT.csv")
        parser.add_argument("--as-of", help="when clocks never met are judged; default: the last instant in EVENTS")

    def handle(self, *, events: str, policy: str, out: str, as_of: str | None, **options: Any) -> None:
        try:
            read_policy = BacktestPolicy.from_json(_json(policy), self._holidays(), self.stderr.write)
            moment = read_moment(as_of, read_policy.calendar) if as_of else None
        except BadPolicy as bad:
            raise CommandError(str(bad)) from bad
        except ValueError as bad:
            raise CommandError(f"--as-of {bad}") from bad
        # What is written takes the place of an older file only when it is whole; a pipe or device is written to as is.
        target = Path(out)
        part = target if target.exists() and not target.is_file() else target.with_name(target.name + ".part")
        try:
            with _opened(events) as file, part.open("w", encoding="utf-8", newline="") as written:
                summary = run(file, read_policy, written, self.stderr.write, moment)
            if part != target:
                part.replace(target)
        except BadEvents as bad:
            _forget(part, target)
            raise CommandError(str(bad)) from bad
        except (EOFError, zlib.error, gzip.BadGzipFile) as broken:
            _forget(part, target)
            raise CommandError(f"{events} is a damaged gzip file. Copy it again.") from broken
        except OSError as trouble:
            _forget(part, target)
            raise CommandError(f"{trouble.filename or out}: {trouble.strerror or trouble}") from trouble
        self.stdout.write(json.dumps(summary._asdict()))

    def _holidays(self) -> Holidays:
        """What the product knows; without a running product what it came with."""
        try:
            return holidays()
        except OperationalError:
            self.stderr.write("No database can be reached: counting with the holidays that came with the product.")
            return shipped_holidays()


def _json(path: str) -> Any:
    try:
        return json.loads(Path(path).read_text(encoding="utf-8-sig"))
    except OSError as trouble:
        raise CommandError(f"{path}: {trouble.strerror}") from trouble
    except UnicodeDecodeError as bad:
        raise CommandError(f"{path} is not written in UTF-8.") from bad
    except (json.JSONDecodeError, RecursionError) as bad:
        raise CommandError(f"{path} is not JSON: {bad}.") from bad


def _opened(path: str) -> TextIO:
    """Open a file, unpacking gzip whatever it is called. Bytes that aren't UTF-8 spoil their line, not the file."""
    raw = Path(path).open("rb")  # noqa: SIM115 (closed with the wrapper that is returned)
    binary = gzip.GzipFile(fileobj=raw) if raw.peek(2)[:2] == b"\x1f\x8b" else raw
    return io.TextIOWrapper(binary, encoding="utf-8", errors="replace", newline="")


def _forget(part: Path, target: Path) -> None:
    if part != target:
        part.unlink(missing_ok=True)
