"""The one place that counts time.

A WorkCalendar knows when work is done: weekly hours in a time zone, public holidays, dated overrides and breaks. An
instant is working time when the clock on the wall of that zone shows a time inside an interval of that day. Intervals
are half-open, so an hour that daylight saving skips holds no time and an hour that it repeats holds two.

Time is kept in microseconds since 1970 (UTC) and summed once per block of four weeks. "How much work lies between"
and "when is this much work done" are then look-ups in the same sums: they agree with each other by construction, add
up exactly, and cost the same for a minute as for a year.

Moments go in with any UTC offset and come out in UTC; `local()` shows one on the calendar's wall. No Django in here.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate, pairwise
from typing import Any, NamedTuple, Self
from zoneinfo import ZoneInfo

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
EPOCH_DAY = EPOCH.date().toordinal()
MICROSECOND = timedelta(microseconds=1)
SECOND = 1_000_000
MINUTE = 60 * SECOND
DAY = 24 * 60 * MINUTE
BLOCK = 28 * DAY
HORIZON_YEARS = 50
HORIZON = HORIZON_YEARS * 366 * DAY
NOT_ENOUGH = "there is not enough working time for this in {years} years"
EARLIEST, LATEST = datetime(1900, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
HOLIDAY_RULES = ("none", "public_holiday", "rest_day")
CLOCK_UNITS = {"minutes": MINUTE, "seconds": SECOND}
DAY_UNITS = ("working_days", "calendar_days")

Spans = Sequence[tuple[int, int]]
Pauses = Iterable[tuple[datetime, datetime]]


class BadTime(ValueError):
    """Something about time can't be understood: `field` is the path to it, `reason` says in English what is wrong.

    `sentence` and `facts` are the reason before the facts are filled in, so that a page can translate it.
    """

    def __init__(self, field: str, sentence: str, **facts: Any):
        self.field, self.sentence, self.facts = field, sentence, facts
        self.reason = sentence.format(**facts) if facts else sentence
        super().__init__(f"{field}: {self.reason}" if field else self.reason)


class BadCalendar(BadTime):
    """The definition of a calendar is wrong, or its calendar has too little working time for what is asked."""


class BadTarget(BadTime):
    """A target is wrong."""


class BadMoment(BadTime):
    """A moment has no UTC offset or lies outside 1900-2199, or a pause ends before it starts."""


class Holiday(NamedTuple):
    """One announced day: `is_off` True for a day off, False for a make-up working day."""

    name: str
    is_off: bool


@dataclass(frozen=True)
class Holidays:
    """Announced holidays and make-up days by date, and the years whose notice has been published."""

    days: Mapping[date, Holiday]
    years: frozenset[int]

    @classmethod
    def from_rows(cls, rows: Iterable[tuple[int, date, str, bool]]) -> Self:
        """Build from (notice year, date, name, is off); a notice may cover days of the years beside its own."""
        rows = list(rows)
        return cls({on: Holiday(name, is_off) for _, on, name, is_off in rows}, frozenset(row[0] for row in rows))


@dataclass(frozen=True, slots=True)
class Target:
    """How much time there is: working minutes or seconds, or whole days; see contracts.md.

    `max_elapsed_minutes` caps it on the clock, whatever the calendar and the pauses say. `pauses` False makes a target
    of minutes or seconds deaf to pauses.
    """

    unit: str
    count: int
    holiday_rule: str = "none"
    max_elapsed_minutes: int | None = None
    pauses: bool = True

    def __post_init__(self) -> None:
        if self.unit not in (*CLOCK_UNITS, *DAY_UNITS):
            raise BadTarget("", "give exactly one of minutes, seconds, working_days, calendar_days")
        longest = HORIZON // CLOCK_UNITS.get(self.unit, DAY)
        _check_count(self.count, self.unit, longest)
        if self.max_elapsed_minutes is not None:
            _check_count(self.max_elapsed_minutes, "max_elapsed_minutes", HORIZON // MINUTE)
        if self.holiday_rule not in HOLIDAY_RULES:
            raise BadTarget("holiday_rule", "must be none, public_holiday or rest_day")
        if self.holiday_rule != "none" and self.unit != "calendar_days":
            raise BadTarget("holiday_rule", "only a target in calendar_days has one")
        if not isinstance(self.pauses, bool):
            raise BadTarget("pauses", "must be true or false")
        if not self.pauses and self.in_days:
            raise BadTarget("pauses", "only a target in minutes or seconds can go on through pauses")

    @property
    def in_days(self) -> bool:
        return self.unit in DAY_UNITS

    @classmethod
    def from_json(cls, data: Any) -> Self:
        """Read a TARGET of contracts.md. Raises BadTarget, whose field is the key at fault."""
        if not isinstance(data, Mapping):
            raise BadTarget("", 'must be an object such as {"minutes": 30}')
        units = [key for key in (*CLOCK_UNITS, *DAY_UNITS) if key in data]
        if len(units) != 1:
            raise BadTarget("", "give exactly one of minutes, seconds, working_days, calendar_days")
        options = {key: value for key, value in data.items() if key != units[0]}
        if unknown := options.keys() - {"holiday_rule", "max_elapsed_minutes", "pauses"}:
            raise BadTarget(_shown(unknown.pop()), "is not part of a target")
        if "max_elapsed_minutes" in options and options["max_elapsed_minutes"] is None:
            raise BadTarget("max_elapsed_minutes", "must be a whole number")
        return cls(units[0], data[units[0]], **options)

    def to_json(self) -> dict[str, Any]:
        data: dict[str, Any] = {self.unit: self.count}
        if self.unit == "calendar_days":
            data["holiday_rule"] = self.holiday_rule
        if self.max_elapsed_minutes is not None:
            data["max_elapsed_minutes"] = self.max_elapsed_minutes
        if not self.pauses:
            data["pauses"] = False
        return data


@dataclass(frozen=True, slots=True)
class Due:
    """When something falls due (UTC), what decided it ("target" or "cap"), and the years whose holidays were unknown.

    `ends_day` marks the end of a local day (24:00): it is missed at that very instant; a due time in minutes after it.
    """

    at: datetime
    decided_by: str
    ends_day: bool = False
    unannounced_years: tuple[int, ...] = ()

    def missed_by(self, moment: datetime) -> bool:
        """Say whether something done at this moment is late."""
        return moment >= self.at if self.ends_day else moment > self.at


WHY = {
    "working": "working time",
    "around_the_clock": "counts around the clock",
    "make_up_day": "working time on a make-up working day ({name})",
    "special_hours": "working time by the special hours of this date",
    "off_hours": "outside working hours",
    "midday": "between two working intervals of the day",
    "break": "closed for a break on this date",
    "holiday": "public holiday ({name})",
    "listed_holiday": "holiday",
    "rest_day": "weekly rest day",
    "closed_day": "closed on this date",
    "pause": "the clock is paused",
    "receipt_day": "the day of receipt is not counted",
    "working_day": "counted as a working day",
    "calendar_day": "counted as a calendar day",
    "extension": "the last day was off, so this one is the last",
    "past_due": "after the due time",
}


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of time (UTC), how much of it counted, and why: `code` is a key of WHY, `name` that of a holiday."""

    start: datetime
    end: datetime
    counted: timedelta
    code: str
    name: str = ""

    @property
    def params(self) -> dict[str, str]:
        return {"name": self.name} if self.name else {}

    @property
    def why(self) -> str:
        """The reason in plain English."""
        return WHY[self.code].format(name=self.name)


class Part(NamedTuple):
    """A stretch of a day or of absolute time, in microseconds, all of it counted or none."""

    start: int
    end: int
    counted: bool
    code: str
    name: str = ""


class Block(NamedTuple):
    """Four weeks of absolute time: its working spans, and the work done when each of them ends."""

    opens: list[int]
    closes: list[int]
    sums: list[int]

    @property
    def total(self) -> int:
        return self.sums[-1] if self.sums else 0

    def done(self, at: int) -> int:
        """Work done in this block before an instant of it."""
        last = bisect_right(self.opens, at) - 1
        return self.sums[last] - max(0, self.closes[last] - at) if last >= 0 else 0


class WorkCalendar:
    """When work is done, and the arithmetic on it. Immutable for its users; safe to share between threads."""

    def __init__(
        self,
        zone: ZoneInfo,
        week: Sequence[Spans] | None,
        *,
        announced: Holidays | None = None,
        listed: frozenset[date] = frozenset(),
        overrides: Mapping[date, Spans] | None = None,
        breaks: Mapping[date, Spans] | None = None,
    ):
        """Use `from_definition` for input of people. `week` None means around the clock."""
        self.zone = zone
        self._week = week
        self._announced = announced
        self._listed = listed
        self._overrides = overrides or {}
        self._breaks = breaks or {}
        self._days: dict[int, Sequence[Part]] = {}
        self._blocks: dict[int, Block] = {}

    @classmethod
    def from_definition(cls, definition: Any, holidays: Holidays | None = None) -> Self:
        """Read a CALENDAR of contracts.md; `holidays` is what "cn" stands for.

        Raises BadCalendar, whose field is the path to what is wrong, such as `hours.mon[1]`.
        """
        if not isinstance(definition, Mapping):
            raise BadCalendar("", "must be an object with timezone and hours")
        if unknown := definition.keys() - {"timezone", "hours", "holidays", "overrides", "breaks"}:
            raise BadCalendar(_shown(unknown.pop()), "is not part of a calendar")
        zone = _read_zone(definition.get("timezone"))
        week = _read_week(definition.get("hours"))
        overrides = _read_dates(definition.get("overrides", {}), "overrides")
        breaks = _read_dates(definition.get("breaks", {}), "breaks")
        if week is not None and not any(week) and not any(overrides.values()):
            raise BadCalendar("hours", "holds no working time at all")
        days_off = definition.get("holidays", [])
        if days_off == "cn":
            if holidays is None:
                raise BadCalendar("holidays", "China's holidays are not loaded")
            return cls(zone, week, announced=holidays, overrides=overrides, breaks=breaks)
        if not isinstance(days_off, list):
            raise BadCalendar("holidays", 'must be "cn" or a list of dates')
        listed = frozenset(_read_date(on, f"holidays[{i}]") for i, on in enumerate(days_off))
        return cls(zone, week, listed=listed, overrides=overrides, breaks=breaks)

    # -- the questions ------------------------------------------------------------------------------------------------

    def elapsed(self, start: datetime, end: datetime, pauses: Pauses = ()) -> timedelta:
        """Working time between two moments, without the pauses; none when the end is not after the start.

        Raises BadMoment, and BadCalendar when they lie more than fifty years apart.
        """
        begin, finish = _instant(start), _instant(end)
        worked = self._between(begin, finish)
        for paused_from, resumed in _merged(pauses, begin, finish):
            worked -= self._between(paused_from, resumed)
        return timedelta(microseconds=worked)

    def add(self, start: datetime, worked: timedelta, pauses: Pauses = ()) -> datetime:
        """The first moment by which this much working time has passed since the start, the pauses left out.

        Time that is used up exactly at closing ends at closing, no time at all at the start. Raises BadMoment, and
        BadCalendar when fifty years are not enough.
        """
        begin = _instant(start)
        return _moment(self._add(begin, worked // MICROSECOND, _merged(pauses, begin, begin + HORIZON)))

    def due(self, start: datetime, target: Target, pauses: Pauses = ()) -> Due:
        """When a target falls due that began at `start`.

        Day targets don't count the day of receipt and end at 24:00; a local day that a pause touches is not counted
        either. A cap is on the clock: neither calendar nor pauses move it. Raises BadMoment and BadCalendar as `add`.
        """
        begin = _instant(start)
        cap = None if target.max_elapsed_minutes is None else begin + target.max_elapsed_minutes * MINUTE
        spans = _merged(pauses, begin, begin + HORIZON) if target.pauses else []
        ends_day = target.in_days and target.count > 0
        try:
            if ends_day:
                at = self._first_instant((max(self._count_days(begin, target, spans)) + 1) * DAY)
            else:
                at = self._add(begin, target.count * CLOCK_UNITS.get(target.unit, 0), spans)
        except BadCalendar:
            if cap is None:
                raise
            at = cap + 1
        if capped := cap is not None and cap < at:
            at, ends_day = cap, False
        asks_holidays = target.holiday_rule != "none" if target.unit == "calendar_days" else self._week is not None
        unannounced = self._unannounced(begin, at) if asks_holidays else ()
        return Due(_moment(at), "cap" if capped else "target", ends_day, unannounced)

    def explain(
        self, start: datetime, end: datetime, pauses: Pauses = (), target: Target | None = None
    ) -> list[Segment]:
        """Cut the time between two moments into what counted and what did not, without a gap, and say why.

        Give the target too, to see a day target counted in whole days. Raises BadMoment and BadCalendar.
        """
        begin, finish = _instant(start), _instant(end)
        if finish - begin > HORIZON:
            raise BadCalendar("", "more than {years} years can't be counted", years=HORIZON_YEARS)
        spans = _merged(pauses, begin, finish) if target is None or target.pauses else []
        if target is not None and target.in_days:
            days, after = self._count_days(begin, target, spans), Part(0, DAY, False, "past_due")
            parts = self._wall(begin, finish, lambda day: [days.get(day, after)])
        else:
            parts = _cover(self._wall(begin, finish, self._day), spans, "pause")
        return [
            Segment(_moment(p.start), _moment(p.end), p.counted * (p.end - p.start) * MICROSECOND, p.code, p.name)
            for p in _joined(parts)
        ]

    def unannounced_years(self, start: datetime, end: datetime) -> tuple[int, ...]:
        """The years between two moments whose holidays this calendar needs and nobody has announced."""
        return self._unannounced(_instant(start), _instant(end)) if self._week is not None else ()

    def is_working_day(self, on: date) -> bool:
        """Say whether any work is done on this date."""
        return self._works(on.toordinal() - EPOCH_DAY)

    def local(self, moment: datetime) -> datetime:
        """Show a moment on the calendar's wall clock."""
        return moment.astimezone(self.zone)

    # -- working time -------------------------------------------------------------------------------------------------

    def _between(self, begin: int, finish: int) -> int:
        """Working microseconds between two instants."""
        if finish <= begin:
            return 0
        if finish - begin > HORIZON:
            raise BadCalendar("", "more than {years} years can't be counted", years=HORIZON_YEARS)
        first, last = begin // BLOCK, finish // BLOCK
        whole = sum(self._block(number).total for number in range(first, last))
        return whole - self._block(first).done(begin) + self._block(last).done(finish)

    def _add(self, begin: int, work: int, pauses: Spans) -> int:
        """The first instant by which this many working microseconds have passed outside the pauses."""
        for paused_from, resumed in pauses:
            before = self._between(begin, paused_from)
            if work <= before:
                break
            work -= before
            begin = resumed
        if work <= 0:
            return begin
        number = begin // BLOCK
        block = self._block(number)
        work += block.done(begin)
        while work > block.total:
            work -= block.total
            number += 1
            if number * BLOCK - begin > HORIZON:
                raise BadCalendar("hours", NOT_ENOUGH, years=HORIZON_YEARS)
            block = self._block(number)
        span = bisect_left(block.sums, work)
        return block.closes[span] - (block.sums[span] - work)

    def _block(self, number: int) -> Block:
        block = self._blocks.get(number)
        if block is None:
            wall = self._wall(number * BLOCK, (number + 1) * BLOCK, self._day)
            spans = _joined(Part(part.start, part.end, True, "") for part in wall if part.counted)
            sums = list(accumulate(part.end - part.start for part in spans))
            block = Block([part.start for part in spans], [part.end for part in spans], sums)
            self._blocks[number] = block
        return block

    def _day(self, day: int) -> Sequence[Part]:
        """One local day (0 is 1970-01-01) in parts, from 00:00 to 24:00 on the wall."""
        parts = self._days.get(day)
        if parts is None:
            on = date.fromordinal(day + EPOCH_DAY)
            parts = _laid_out(*self._hours(on))
            if on in self._breaks:
                parts = list(_cover(parts, self._breaks[on], "break"))
            self._days[day] = parts
        return parts

    def _hours(self, on: date) -> tuple[Spans, str, str]:
        """The intervals of a date, a code that says what makes them so, and the name of its holiday."""
        if on in self._overrides:
            hours = self._overrides[on]
            return hours, "special_hours" if hours else "closed_day", ""
        if self._week is None:
            return ((0, DAY),), "around_the_clock", ""
        if on in self._listed:
            return (), "listed_holiday", ""
        holiday = self._announced.days.get(on) if self._announced else None
        if holiday and holiday.is_off:
            return (), "holiday", holiday.name
        if holiday:
            # Notices don't say which weekday is made up for; Monday's hours stand for all.
            return self._week[0], "make_up_day" if self._week[0] else "rest_day", holiday.name
        hours = self._week[on.weekday()]
        return hours, "working" if hours else "rest_day", ""

    # -- days ---------------------------------------------------------------------------------------------------------

    def _count_days(self, begin: int, target: Target, pauses: Spans) -> dict[int, Part]:
        """The local days of a day target, from the day of receipt to the last."""
        paused: set[int] = set()
        for paused_from, resumed in pauses:
            paused.update(range(self._local_day(paused_from), self._local_day(resumed - 1) + 1))
        day = self._local_day(begin)
        days = {day: Part(0, DAY, False, "receipt_day")}
        left, finished = target.count, target.count == 0
        while not finished:
            day += 1
            if len(days) * DAY > HORIZON:
                raise BadCalendar("hours", NOT_ENOUGH, years=HORIZON_YEARS)
            off = self._day_off(day, target.holiday_rule)
            if day in paused:
                counted, code, name = False, "pause", ""
            elif target.unit == "working_days":
                counted, code, name = (True, "working_day", "") if self._works(day) else (False, *self._day(day)[0][3:])
            elif left:
                counted, code, name = True, "calendar_day", ""
            else:
                counted, code, name = False, *(off or ("extension", ""))
            left -= counted
            finished = not left and not off and day not in paused
            days[day] = Part(0, DAY, counted, code, name)
        return days

    def _works(self, day: int) -> bool:
        return any(part.counted for part in self._day(day))

    def _day_off(self, day: int, rule: str) -> tuple[str, str] | None:
        """Why the law calls a day off, if it does: our own hours and closed days don't matter to it."""
        if rule == "none":
            return None
        on = date.fromordinal(day + EPOCH_DAY)
        if self._announced and (holiday := self._announced.days.get(on)):
            return ("holiday", holiday.name) if holiday.is_off else None
        if on in self._listed:
            return "listed_holiday", ""
        # Where holidays are a plain list, a weekend with hours of its own is how a make-up day is written.
        if rule == "rest_day" and on.weekday() >= 5 and not self._overrides.get(on):
            return "rest_day", ""
        return None

    def _unannounced(self, begin: int, finish: int) -> tuple[int, ...]:
        if self._announced is None:
            return ()
        days = (self._local_day(begin), self._local_day(max(begin, finish - 1)))
        first, last = (date.fromordinal(day + EPOCH_DAY).year for day in days)
        return tuple(year for year in range(first, last + 1) if year not in self._announced.years)

    # -- the wall clock -----------------------------------------------------------------------------------------------

    def _wall(self, begin: int, finish: int, parts_of: Callable[[int], Iterable[Part]]) -> Iterator[Part]:
        """Lay the parts of each local day on absolute time: per stretch of constant offset, so that it is exact."""
        for left, right, offset in self._offsets(begin, finish):
            for day in range((left + offset) // DAY, (right - 1 + offset) // DAY + 1):
                midnight = day * DAY - offset
                for part in parts_of(day):
                    start, end = max(left, midnight + part.start), min(right, midnight + part.end)
                    if start < end:
                        yield Part(start, end, *part[2:])

    def _offsets(self, begin: int, finish: int) -> Iterator[tuple[int, int, int]]:
        """Cut a span of absolute time where the zone changes its UTC offset: (begin, finish, offset)."""
        offset = self._offset(begin)
        for day in range(begin, finish, DAY):
            low, high = day, min(day + DAY, finish)
            if (changed := self._offset(high)) == offset:
                continue
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (middle, high) if self._offset(middle) == offset else (low, middle)
            yield begin, high, offset
            begin, offset = high, changed
        if begin < finish:
            yield begin, finish, offset

    def _offset(self, at: int) -> int:
        return (_moment(at).astimezone(self.zone).utcoffset() or timedelta(0)) // MICROSECOND

    def _local_day(self, at: int) -> int:
        return (at + self._offset(at)) // DAY

    def _first_instant(self, local: int) -> int:
        """The first instant at which the wall shows this local time, or the next that exists if it is skipped."""
        for left, right, offset in self._offsets(local - 2 * DAY, local + 2 * DAY):
            if local - offset < right:
                return max(left, local - offset)
        raise AssertionError("no zone is further than a day from UTC")


def _laid_out(hours: Spans, code: str, name: str) -> list[Part]:
    """A whole local day in parts: the hours, what lies between them, and the rest of the day."""
    if not hours:
        return [Part(0, DAY, False, code, name)]
    parts, at = [], 0
    for opens, closes in hours:
        if at < opens:
            parts.append(Part(at, opens, False, "midday" if at else "off_hours"))
        parts.append(Part(opens, closes, True, code, name))
        at = closes
    if at < DAY:
        parts.append(Part(at, DAY, False, "off_hours"))
    return parts


def _cover(parts: Iterable[Part], spans: Spans, code: str) -> Iterator[Part]:
    """Lay spans (sorted, apart) over parts: what lies under them is not counted any more, and this is why."""
    i = 0
    for part in parts:
        at = part.start
        while i < len(spans) and spans[i][0] < part.end:
            start, end = max(spans[i][0], at), min(spans[i][1], part.end)
            if at < start:
                yield Part(at, start, *part[2:])
            if start < end:
                yield Part(start, end, False, code)
                at = end
            if spans[i][1] > part.end:
                break
            i += 1
        if at < part.end:
            yield Part(at, part.end, *part[2:])


def _joined(parts: Iterable[Part]) -> list[Part]:
    """Join parts that touch and are alike."""
    joined: list[Part] = []
    for part in parts:
        if joined and joined[-1].end == part.start and joined[-1][2:] == part[2:]:
            joined[-1] = Part(joined[-1].start, *part[1:])
        else:
            joined.append(part)
    return joined


def _merged(pauses: Pauses, begin: int, finish: int) -> list[tuple[int, int]]:
    """Pauses as instants inside a span: sorted, overlapping and touching ones joined, empty ones gone."""
    merged: list[tuple[int, int]] = []
    spans = []
    for i, (paused_from, resumed) in enumerate(pauses):
        start, end = _instant(paused_from, f"pauses[{i}]"), _instant(resumed, f"pauses[{i}]")
        if end < start:
            raise BadMoment(f"pauses[{i}]", "ends before it starts")
        spans.append((max(start, begin), min(end, finish)))
    for start, end in sorted(spans):
        if start >= end:
            continue
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _instant(moment: datetime, field: str = "") -> int:
    if moment.utcoffset() is None:
        raise BadMoment(field, "needs a UTC offset")
    if not EARLIEST <= moment < LATEST:
        raise BadMoment(field, "must lie between the years 1900 and 2199")
    return (moment - EPOCH) // MICROSECOND


def _moment(instant: int) -> datetime:
    return EPOCH + instant * MICROSECOND


# -- reading definitions ----------------------------------------------------------------------------------------------

CLOCK_TIME = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])|24:00")
CALENDAR_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _read_zone(name: Any) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, TypeError, AttributeError, OSError):
        raise BadCalendar("timezone", "{value} is not a time zone such as Asia/Shanghai", value=_shown(name)) from None


def _read_week(hours: Any) -> tuple[Spans, ...] | None:
    if hours == "24x7":
        return None
    if not isinstance(hours, Mapping):
        raise BadCalendar("hours", 'must be "24x7" or an object of weekdays')
    if unknown := hours.keys() - set(WEEKDAYS):
        raise BadCalendar(
            "hours", "{value} is not a weekday (mon tue wed thu fri sat sun)", value=_shown(unknown.pop())
        )
    return tuple(_read_intervals(hours.get(weekday, []), f"hours.{weekday}") for weekday in WEEKDAYS)


def _read_dates(dates: Any, field: str) -> dict[date, Spans]:
    if not isinstance(dates, Mapping):
        raise BadCalendar(field, "must be an object of dates")
    return {_read_date(on, field): _read_intervals(spans, f"{field}.{_shown(on)}") for on, spans in dates.items()}


def _read_date(text: Any, field: str) -> date:
    try:
        if CALENDAR_DATE.fullmatch(text):
            return date.fromisoformat(text)
    except (TypeError, ValueError):
        pass
    raise BadCalendar(field, "{value} is not a date written YYYY-MM-DD", value=_shown(text))


def _read_intervals(intervals: Any, field: str) -> Spans:
    if not isinstance(intervals, list):
        raise BadCalendar(field, 'must be a list such as [["09:00", "12:00"], ["13:30", "18:00"]]')
    spans = []
    for i, interval in enumerate(intervals):
        where = f"{field}[{i}]"
        if not isinstance(interval, list | tuple) or len(interval) != 2:
            raise BadCalendar(where, 'must be two times such as ["09:00", "18:00"]')
        opens, closes = (_read_clock(text, where) for text in interval)
        if opens == DAY:
            raise BadCalendar(where, "24:00 may close an interval, not open one")
        if closes <= opens:
            raise BadCalendar(where, "ends before it starts; split hours that cross midnight at 24:00")
        spans.append((opens, closes))
    spans.sort()
    for (_, closes), (opens, _) in pairwise(spans):
        if opens < closes:
            raise BadCalendar(field, "has intervals that overlap")
    return tuple(spans)


def _read_clock(text: Any, field: str) -> int:
    if not isinstance(text, str) or not CLOCK_TIME.fullmatch(text):
        raise BadCalendar(field, "{value} is not a time written HH:MM", value=_shown(text))
    return (int(text[:2]) * 60 + int(text[3:])) * MINUTE


def _check_count(count: Any, field: str, longest: int) -> None:
    if not isinstance(count, int) or isinstance(count, bool):
        raise BadTarget(field, "must be a whole number")
    if count < 0:
        raise BadTarget(field, "can't be negative")
    if count > longest:
        raise BadTarget(field, "is more than {years} years", years=HORIZON_YEARS)


def _shown(value: Any) -> str:
    """A value from outside, short enough for a message."""
    text = str(value)
    return text if len(text) <= 40 else text[:40] + "..."
