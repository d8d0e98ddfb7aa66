"""`make bench`: fill a database in bulk, run the product on it with production settings, measure, write a report.

python -m bench --size 1000000 --data .data/bench --only pages,writes
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import django

from bench import report, stack
from config.addresses import ROOT
from stack.processes import run, say

#: Who works there and how long the fill took, beside the data: written when the fill is complete.
KEPT = "filled.json"
PARTS = ("pages", "writes", "memory", "sweep")


def main(words: list[str] | None = None) -> int:
    """Measure what was asked for; 1 when an answer was not as expected (a slow one is a figure, not a failure)."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--size", type=int, default=100_000, help="how many cases (100000)")
    parser.add_argument("--data", type=Path, default=ROOT / ".data" / "bench", help="folder of the database")
    parser.add_argument("--out", type=Path, default=ROOT / "bench" / "results", help="folder of the report")
    parser.add_argument("--only", default=",".join(PARTS), help=f"of {', '.join(PARTS)}")
    parser.add_argument("--fresh", action="store_true", help="fill again even if this size stands there already")
    parser.add_argument("--fill-only", action="store_true", help="fill and measure nothing")
    parser.add_argument("--brief", action="store_true", help="ask each page a few times only, with one client")
    options = parser.parse_args(words)
    parts = [part for part in PARTS if part in options.only.split(",")]
    folder = (options.data / str(options.size)).resolve()

    stack.prepare_environment(folder)
    if options.fill_only:
        fill(folder, options.size)
        return 0
    if options.fresh or not (folder / KEPT).exists():
        # A process of its own: the servers are started again afterwards, with settings that forget nothing.
        here = [sys.executable, "-m", "bench", "--fill-only", "--size", str(options.size), "--data", str(options.data)]
        run(here, env=dict(os.environ), folder=ROOT)
    else:
        say(f"{options.size:,} cases stand in {folder} already")
    figures: dict[str, Any] = {"size": options.size} | kept_figures(folder)
    with stack.product(folder) as (env, processes):
        figures |= measure(folder, env, processes, parts, options)
    path = report.write(figures, options.out)
    print(path.read_text(encoding="utf-8"))
    return 1 if any(row["errors"] for part in ("pages", "writes") for row in figures.get(part, [])) else 0


def kept_figures(folder: Path) -> dict[str, Any]:
    """How long the fill took, when it was made."""
    return {"fill": json.loads((folder / KEPT).read_text(encoding="utf-8"))["fill"]}


def fill(folder: Path, size: int) -> None:
    """Fill a new database, with settings that are allowed to forget."""
    stack.throw_away(folder)
    with stack.database(folder, forgetful=True):
        django.setup()
        from django.db import connections

        from bench.fill import fill as fill_database

        company, seconds = fill_database(size, say=say)
        kept = {"company": company.to_json(), "fill": seconds}
        (folder / KEPT).write_text(json.dumps(kept), encoding="utf-8")
        connections.close_all()


def measure(folder: Path, env: dict[str, str], processes: Any, parts: list[str], options: Any) -> dict[str, Any]:
    """Everything that is measured on the running product."""
    django.setup()
    from django.db import connections

    from bench import machine
    from bench.fill import Company
    from bench.memory import held
    from bench.pages import pages
    from bench.sweep import sweep
    from bench.writes import writes

    company = Company(**json.loads((folder / KEPT).read_text(encoding="utf-8"))["company"])
    port = int(env["PORT"])
    found: dict[str, Any] = {
        "at": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "commit": commit(),
        "load": machine.load(),
        "machine": machine.facts(),
    }
    if "pages" in parts:
        found["pages"] = [asdict(row) for row in pages(port, company, options.size, say=say, brief=options.brief)]
    if "writes" in parts:
        found["writes"] = [asdict(row) for row in writes(port, company, options.size, say=say, brief=options.brief)]
    if "sweep" in parts:
        running, due = (20_000, 20) if options.brief else (1_000_000, 10_000)
        found["sweep"] = asdict(sweep(running=running, due=due, say=say))
    if "memory" in parts:
        found["memory"] = [asdict(row) for row in held(processes)]
    connections.close_all()
    return found


def commit() -> str:
    """What was measured."""
    done = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return done.stdout.strip() or "unknown"


if __name__ == "__main__":
    sys.exit(main())
