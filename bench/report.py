"""The figures as one table, beside them the same as JSON, and how a million cases compare with a hundred thousand."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

#: What we promised ourselves (issue 2 of the project): milliseconds, statements, answers per second.
P50, P95, STATEMENTS, PER_SECOND, SEARCH_P95, WRITES, GROWTH = 40, 80, 12, 40, 100, 100, 1.3
BASE = 100_000


def write(figures: dict[str, Any], folder: Path) -> Path:
    """Write `<size>.json` and `<size>.md` into the folder; returns the second."""
    folder.mkdir(parents=True, exist_ok=True)
    size = figures["size"]
    (folder / f"{size}.json").write_text(json.dumps(figures, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    base = folder / f"{BASE}.json"
    before = json.loads(base.read_text(encoding="utf-8")) if size != BASE and base.exists() else None
    path = folder / f"{size}.md"
    path.write_text("\n".join(lines(figures, before)) + "\n", encoding="utf-8")
    return path


def lines(figures: dict[str, Any], before: dict[str, Any] | None = None) -> Iterator[str]:
    """The report in Markdown; a figure beyond its target is bold."""
    size = figures["size"]
    yield f"# {size:,} cases"
    yield ""
    yield ", ".join(f"{name} {value}" for name, value in figures["machine"].items()) + "."
    yield f"Measured {figures['at']}, load of the machine before {figures['load']}. Commit {figures['commit']}."
    if "fill" in figures:
        seconds = figures["fill"].get("everything", 0)
        yield f"Filled in {seconds:,.0f} s ({size / max(seconds, 1):,.0f} cases/s)."
    if figures.get("pages"):
        yield from _pages(figures["pages"], {row["name"]: row for row in (before or {}).get("pages", [])})
    if figures.get("writes"):
        yield from _writes(figures["writes"])
    if figures.get("sweep"):
        yield from _sweep(figures["sweep"])
    if figures.get("memory"):
        yield from _memory(figures["memory"])


def _pages(rows: list[dict[str, Any]], before: dict[str, dict[str, Any]]) -> Iterator[str]:
    yield ""
    yield f"## Pages (targets: p50 {P50}, p95 {P95} ms with one client; {PER_SECOND}/s with eight; {STATEMENTS} statements)"
    yield ""
    yield "| page | p50 ms | p95 ms | with eight /s | p95 of eight ms | statements (at most) | in SQL ms | in Python ms | KB | against 100,000 |"
    yield "|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|"
    for row in rows:
        is_search = row["name"].startswith("search “")
        growth = row["p50"] / before[row["name"]]["p50"] if before.get(row["name"], {}).get("p50") else None
        yield (
            f"| {row['name']} | {_mark(row['p50'], None if is_search else P50)} "
            f"| {_mark(row['p95'], SEARCH_P95 if is_search else P95)} "
            f"| {_mark(row['per_second'], PER_SECOND, least=True)} | {row['p95_together']} "
            f"| {_mark(row['statements'], STATEMENTS)} ({row['statements_most']}) | {row['sql_ms']} | {row['cpu_ms']} | {row['kilobytes']} "
            f"| {_mark(round(growth, 2), GROWTH) if growth else '-'} |{_errors(row)}"
        )


def _writes(rows: list[dict[str, Any]]) -> Iterator[str]:
    yield ""
    yield f"## Writing (target: {WRITES}/s with eight clients)"
    yield ""
    yield "| what | p50 ms | p95 ms | with eight /s | p95 of eight ms | statements (at most) | in SQL ms | in Python ms |"
    yield "|---|---:|---:|---:|---:|---:|---:|---:|"
    for row in rows:
        yield (
            f"| {row['name']} | {row['p50']} | {row['p95']} | {_mark(row['per_second'], WRITES, least=True)} "
            f"| {row['p95_together']} | {row['statements']} ({row['statements_most']}) | {row['sql_ms']} | {row['cpu_ms']} |{_errors(row)}"
        )


def _sweep(row: dict[str, Any]) -> Iterator[str]:
    yield ""
    yield "## Deadlines"
    yield ""
    yield (
        f"{row['recorded']:,} of {row['due']:,} clocks that fell due in one instant among {row['running']:,} running were "
        f"recorded in {_mark(row['recording_took'], 3)} s (the last {row['all_recorded']} s after it was due, of which the "
        f"sweep waits two), told and escalated {_mark(row['told_and_escalated'], 15)} s after they were due. "
        f"A sweep that finds nothing takes {_mark(row['idle_ms'], 10)} ms."
    )


def _memory(rows: list[dict[str, Any]]) -> Iterator[str]:
    yield ""
    yield "## Memory after the run (targets: web 200, worker 250 MB)"
    yield ""
    yield "| program | process | resident MB | own share MB |"
    yield "|---|---|---:|---:|"
    for row in rows:
        limit = {"web": 200, "worker": 250, "sweep": 250}.get(row["program"])
        yield f"| {row['program']} | {row['role']} | {_mark(row['resident'], limit)} | {row['share']} |"


def _mark(value: float, target: float | None, *, least: bool = False) -> str:
    """The value, bold when it misses its target."""
    misses = target is not None and (value < target if least else value > target or value < 0)
    return f"**{value}**" if misses else str(value)


def _errors(row: dict[str, Any]) -> str:
    return f" not as expected: {row['errors']}" if row.get("errors") else ""
