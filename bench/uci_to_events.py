"""Turn the UCI incident log (dataset 498, Amaral, Fantinato, Peres) into events for `manage.py sla_backtest`.

    python bench/uci_to_events.py incident_event_log.csv.gz events.csv

A row there is one update of an incident. Read as: `opened` at opened_at; `replied` at the first update that leaves the
state New (the log keeps no messages: the moment somebody took it up is the nearest thing); `waiting` and `resumed` on
entering and leaving an Awaiting state; `resolved` and `closed` on entering those states; `reopened` on leaving them.
Times have no zone: they are in the policy's. A date is day/month/year. `-100` is an unknown state and changes nothing.
"""

import csv
import gzip
import io
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path


def moment(text: str) -> str:
    return datetime.strptime(text, "%d/%m/%Y %H:%M").isoformat()  # noqa: DTZ007 (the log has no zone)


def kind(state: str) -> str:
    if state.startswith("Awaiting"):
        return "waiting"
    return {"Resolved": "resolved", "Closed": "closed", "New": "new", "-100": ""}.get(state, "working")


def events(rows: Iterator[dict[str, str]]) -> Iterator[tuple[str, str, str]]:
    """Rows of one incident follow each other, oldest update first."""
    number = before = None
    replied = False
    for row in rows:
        now, at = kind(row["incident_state"]), moment(row["sys_updated_at"])
        if row["number"] != number:
            number, before, replied = row["number"], "new", False
            yield number, moment(row["opened_at"]), "opened"
        if not now or now == before:
            continue
        if before in ("resolved", "closed") and now not in ("resolved", "closed"):
            yield number, at, "reopened"
        if before == "waiting":
            yield number, at, "resumed"
        if not replied:
            yield number, at, "replied"
            replied = True
        if now in ("waiting", "resolved", "closed"):
            yield number, at, now
        before = now


def main(source: str, target: str) -> None:
    raw = Path(source).open("rb")  # noqa: SIM115 (closed by the wrapper below)
    unpacked = gzip.GzipFile(fileobj=raw) if source.endswith(".gz") else raw
    with io.TextIOWrapper(unpacked, encoding="utf-8") as file, Path(target).open("w", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(("case_id", "at", "event"))
        writer.writerows(events(csv.DictReader(file)))


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("Give the log and the file to write: uci_to_events.py LOG.csv[.gz] EVENTS.csv")
    main(*sys.argv[1:])
