"""Run a policy over past cases: when would each have been due, and was it late? No Django in here.

Both clocks are stopwatches. first_response runs from `opened` to the first `replied` and never pauses. resolution runs
from `opened` to `resolved` (or `closed`, where nothing was resolved), stands still from `waiting` to `resumed`, and
goes on at `reopened` with what was left: the time between does not count. Events before `opened`, a second `opened`, a
`resumed` without `waiting` and the like change nothing.

A clock that was never met is judged at `as_of`: it is breached when that is past its due time, its elapsed time runs
up to there, and a wait that never ended lasts until there.
"""

import csv
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple, Self, TextIO

from calendars.worktime import EARLIEST, LATEST, BadTime, Holidays, Target, WorkCalendar

METRICS = ("first_response", "resolution")
EVENTS = frozenset({"opened", "replied", "waiting", "resumed", "resolved", "reopened", "closed"})
COLUMNS = ("case_id", "at", "event")
OUT_COLUMNS = ("case_id", "metric", "started_at", "due_at", "met_at", "elapsed_minutes", "breached")
MINUTE = timedelta(minutes=1)
#: Characters of one cell; a longer one is a quotation mark that nobody closed.
LONGEST_CELL = 131_072

Report = Callable[[str], None]
Happening = tuple[datetime, str]
Spans = list[tuple[datetime, datetime]]


class BadPolicy(ValueError):
    """The policy can't be used; the message is a sentence that names the part at fault."""


class BadEvents(ValueError):
    """The file of events can't be read at all; the message is a sentence."""


@dataclass(frozen=True)
class BacktestPolicy:
    """A calendar and what is promised by it."""

    calendar: WorkCalendar
    targets: dict[str, Target]

    @classmethod
    def from_json(cls, data: Any, holidays: Holidays | None, report: Report = lambda sentence: None) -> Self:
        """Read a POLICY of contracts.md; `holidays` is what "cn" stands for. Raises BadPolicy."""
        if not isinstance(data, dict):
            raise BadPolicy("The policy must be an object with calendar and targets.")
        for key in data.keys() - {"calendar", "targets"}:
            report(f"policy: {key!r} is not part of a policy and was left out")
        targets = data.get("targets")
        if not isinstance(targets, dict) or not targets:
            raise BadPolicy("The policy's targets must be an object with first_response, resolution or both.")
        if unknown := targets.keys() - set(METRICS):
            raise BadPolicy(f"The policy's target {unknown.pop()!r} is not known: use first_response and resolution.")
        read = {}
        for metric in METRICS:
            if metric not in targets:
                continue
            try:
                read[metric] = Target.from_json(targets[metric])
            except BadTime as bad:
                raise BadPolicy(f"The policy's target {metric} is wrong: {bad}.") from bad
            if not read[metric].count or read[metric].max_elapsed_minutes == 0:
                raise BadPolicy(f"The policy's target {metric} must leave some time: zero is no promise.")
        try:
            return cls(WorkCalendar.from_definition(data.get("calendar"), holidays), read)
        except BadTime as bad:
            raise BadPolicy(f"The policy's calendar is wrong: {bad}.") from bad


class Judged(NamedTuple):
    """One clock of one case; moments in UTC."""

    case_id: str
    metric: str
    started_at: datetime
    due_at: datetime
    met_at: datetime | None
    elapsed: timedelta
    breached: bool


def read_events(file: TextIO, calendar: WorkCalendar, report: Report) -> tuple[dict[str, list[Happening]], int]:
    """Read CSV lines into cases, in the order in which they are first seen; bad lines are reported and left out.

    Returns the cases and the number of bad lines. Raises BadEvents when there are no such columns.
    """
    cases: dict[str, list[Happening]] = {}
    bad = 0
    rows = _rows(file, report)
    header = next(rows, None)
    if header is None:
        raise BadEvents("The file of events is empty.")
    names = [name.strip().lstrip("\ufeff").lower() for name in header[1] or []]
    if set(COLUMNS) - set(names):
        raise BadEvents(f"The first line of the file must name the columns {', '.join(COLUMNS)}.")
    case_column, at_column, event_column = (names.index(name) for name in COLUMNS)
    for line, row in rows:
        try:
            if row is None:
                raise ValueError("can't be read as CSV")
            if len(row) != len(names):
                raise ValueError(f"has {len(row)} columns instead of {len(names)}")
            case_id, event = row[case_column].strip(), row[event_column].strip()
            if not case_id:
                raise ValueError("has no case_id")
            if "\ufffd" in case_id:
                raise ValueError("is not written in UTF-8")
            if event not in EVENTS:
                raise ValueError(f"has an unknown event {event[:40]!r}")
            cases.setdefault(case_id, []).append((read_moment(row[at_column].strip(), calendar), event))
        except ValueError as problem:
            bad += 1
            report(f"line {line}: {problem}")
    return cases, bad


def _rows(file: TextIO, report: Report) -> Iterator[tuple[int, list[str] | None]]:
    """The rows of a CSV file with their line numbers, without empty lines; None for one that can't be read."""
    reader = csv.reader(file)
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield reader.line_num, None
        else:
            if row:
                yield reader.line_num, row if max(map(len, row)) <= LONGEST_CELL else None


def read_moment(text: str, calendar: WorkCalendar) -> datetime:
    """Read ISO 8601; without an offset it is in the calendar's time zone. Raises ValueError."""
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=calendar.zone)
        moment = moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError(f"has no time in ISO 8601: {text[:40]!r}") from None
    if not EARLIEST <= moment < LATEST:
        raise ValueError(f"has a time outside the years 1900 to 2199: {text[:40]!r}")
    return moment


def judge(case_id: str, events: list[Happening], policy: BacktestPolicy, as_of: datetime) -> Iterator[Judged]:
    """Judge the clocks of one case. Raises ValueError when it was never opened, or the calendar can't answer."""
    events = sorted(events, key=lambda happening: happening[0])  # stable: equal instants keep the order of the file
    first = next((i for i, (_, event) in enumerate(events) if event == "opened"), None)
    if first is None:
        raise ValueError("was never opened")
    started_at, events = events[first][0], events[first + 1 :]
    for metric, target in policy.targets.items():
        pauses: Spans = []
        if metric == "first_response":
            met_at = next((at for at, event in events if event == "replied"), None)
        else:
            met_at, waits, stops = _resolution(events, as_of)
            pauses = waits + stops if target.pauses else stops
        due = policy.calendar.due(started_at, replace(target, pauses=True), pauses)
        end = met_at or max(as_of, started_at)
        elapsed = policy.calendar.elapsed(started_at, end, pauses)
        yield Judged(case_id, metric, started_at, due.at, met_at, elapsed, due.missed_by(met_at or as_of))


def _resolution(events: list[Happening], as_of: datetime) -> tuple[datetime | None, Spans, Spans]:
    """When a case was resolved for good, its waits, and the spans in which it was done before it was reopened."""
    waits: Spans = []
    stops: Spans = []
    waiting = resolved = closed = None
    for at, event in events:
        if event == "waiting" and not resolved:
            waiting = waiting or at
        elif event == "resumed" and waiting:
            waits.append((waiting, at))
            waiting = None
        elif event == "closed":
            closed = closed or at
        elif event == "resolved":
            resolved = resolved or at
        elif event == "reopened" and (stop := resolved or closed):
            if waiting and waiting < stop:
                waits.append((waiting, stop))
            stops.append((stop, at))
            waiting = resolved = closed = None
    met_at = resolved or closed
    if waiting and waiting < (until := met_at or as_of):
        waits.append((waiting, until))
    return met_at, waits, stops


class Summary(NamedTuple):
    cases: int
    clocks: int
    breached: int
    bad_lines: int
    unjudged_cases: int


def run(file: TextIO, policy: BacktestPolicy, out: TextIO, report: Report, as_of: datetime | None = None) -> Summary:
    """Judge a file of events and write OUT of contracts.md, a case at a time. Raises BadEvents.

    `as_of` is when clocks that were never met are judged; without it the last instant in the file.
    """
    cases, bad_lines = read_events(file, policy.calendar, report)
    if as_of is None:
        as_of = max((at for events in cases.values() for at, _ in events), default=EARLIEST)
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(OUT_COLUMNS)
    clocks = breached = unjudged = 0
    for case_id, events in cases.items():
        try:
            judged = list(judge(case_id, events, policy, as_of))
        except ValueError as problem:
            unjudged += 1
            report(f"case {case_id}: {problem}")
            continue
        clocks += len(judged)
        breached += sum(clock.breached for clock in judged)
        writer.writerows(_written(judged, policy.calendar))
    return Summary(len(cases), clocks, breached, bad_lines, unjudged)


def _written(judged: Iterable[Judged], calendar: WorkCalendar) -> Iterator[tuple[str, ...]]:
    for clock in judged:
        yield (
            clock.case_id,
            clock.metric,
            calendar.local(clock.started_at).isoformat(),
            calendar.local(clock.due_at).isoformat(),
            calendar.local(clock.met_at).isoformat() if clock.met_at else "",
            f"{clock.elapsed / MINUTE:.2f}",
            "true" if clock.breached else "false",
        )
