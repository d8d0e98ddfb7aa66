"""Counting time: worked cases of other products, the rules of contracts.md, and laws that always hold."""

import csv
import itertools
import json
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calendars.worktime import BadCalendar, BadMoment, BadTarget, Holidays, Target, WorkCalendar

HERE = Path(__file__).parent
CASES = json.loads((HERE / "cases" / "sla_cases.json").read_text(encoding="utf-8"))
DATA = HERE.parents[1] / "calendars" / "data" / "cn_holidays_2007_2026.csv"
SHANGHAI = ZoneInfo("Asia/Shanghai")
OFFICE_DAY = [["09:00", "12:00"], ["13:30", "18:00"]]
WORKWEEK = ("mon", "tue", "wed", "thu", "fri")


def holidays() -> Holidays:
    with DATA.open(encoding="utf-8", newline="") as file:
        return Holidays.from_rows(
            (int(r["notice_year"]), date.fromisoformat(r["date"]), r["name"], r["is_off"] == "1")
            for r in csv.DictReader(file)
        )


CHINA = holidays()
OFFICE = WorkCalendar.from_definition(
    {"timezone": "Asia/Shanghai", "hours": dict.fromkeys(WORKWEEK, OFFICE_DAY), "holidays": "cn"}, CHINA
)
ALWAYS = WorkCalendar.from_definition({"timezone": "Asia/Shanghai", "hours": "24x7", "holidays": "cn"}, CHINA)


def calendar(hours, zone="UTC", **more) -> WorkCalendar:
    return WorkCalendar.from_definition({"timezone": zone, "hours": hours, **more}, CHINA)


def of_case(case) -> WorkCalendar:
    keys = ("timezone", "hours", "holidays", "overrides", "breaks")
    return WorkCalendar.from_definition({key: case[key] for key in keys if key in case})


def when(text: str) -> datetime:
    return datetime.fromisoformat(text)


def cn(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def spans(pairs) -> list[tuple[datetime, datetime]]:
    return [(when(a), when(b)) for a, b in pairs]


DUE_CASES = [*CASES["due"], *CASES["paused_due"], *CASES["due_seconds"], *CASES["own_extra"]]
ELAPSED_CASES = [*CASES["elapsed"], *CASES["paused_elapsed"]]


@pytest.mark.parametrize("case", DUE_CASES, ids=lambda case: case["id"])
def test_worked_case_falls_due(case):
    target = Target("minutes", case["minutes"]) if "minutes" in case else Target("seconds", case["seconds"])
    due = of_case(case).due(when(case["start"]), target, spans(case.get("pauses", [])))
    assert due.at == when(case.get("due_close", case["due"]))


@pytest.mark.parametrize("case", ELAPSED_CASES, ids=lambda case: case["id"])
def test_worked_case_counts_elapsed_time(case):
    elapsed = of_case(case).elapsed(when(case["start"]), when(case["end"]), spans(case.get("pauses", [])))
    assert elapsed == timedelta(minutes=case["minutes"])


# -- rules ------------------------------------------------------------------------------------------------------------


def test_make_up_day_uses_the_hours_of_monday_and_an_off_day_has_none():
    # S017, S018: Saturday 14 February 2026 is worked, the 15th to the 23rd are off.
    plain = calendar({key: [["09:00", "18:00"]] for key in WORKWEEK}, "Asia/Shanghai", holidays="cn")
    eight = Target("minutes", 480)
    assert plain.due(cn("2026-03-13 16:00"), eight).at == cn("2026-03-16 15:00")  # S016
    assert plain.due(cn("2026-02-13 16:00"), eight).at == cn("2026-02-14 15:00")
    assert plain.due(cn("2026-02-14 16:00"), eight).at == cn("2026-02-24 15:00")
    no_monday = calendar({"tue": [["09:00", "18:00"]]}, "Asia/Shanghai", holidays="cn")
    assert not no_monday.is_working_day(date(2026, 2, 14))


def test_around_the_clock_has_no_holidays():
    assert ALWAYS.due(cn("2026-02-15 10:00"), Target("minutes", 72 * 60)).at == cn("2026-02-18 10:00")
    assert ALWAYS.due(cn("2026-03-09 10:00"), Target("minutes", 48 * 60)).at == cn("2026-03-11 10:00")  # S010


def test_override_goes_before_holiday_and_week_and_a_break_is_taken_out():
    opened = calendar(
        dict.fromkeys(WORKWEEK, OFFICE_DAY),
        "Asia/Shanghai",
        holidays="cn",
        overrides={"2026-10-01": [["10:00", "11:00"]], "2026-09-30": []},
        breaks={"2026-10-01": [["10:15", "10:45"]]},
    )
    assert opened.elapsed(cn("2026-09-30 00:00"), cn("2026-10-02 00:00")) == timedelta(minutes=30)


def test_budget_that_ends_at_closing_is_due_at_closing_and_zero_at_the_start():
    assert OFFICE.due(cn("2026-03-13 17:00"), Target("minutes", 60)).at == cn("2026-03-13 18:00")
    assert OFFICE.due(cn("2026-03-13 11:30"), Target("minutes", 30)).at == cn("2026-03-13 12:00")
    assert OFFICE.due(cn("2026-03-14 03:00"), Target("minutes", 0)).at == cn("2026-03-14 03:00")
    assert OFFICE.due(cn("2026-03-14 03:00"), Target("working_days", 0)).at == cn("2026-03-14 03:00")


def test_budget_used_up_when_a_pause_begins_is_due_there():
    pause = [(cn("2026-03-13 10:00"), cn("2026-03-13 15:00"))]
    assert OFFICE.due(cn("2026-03-13 09:00"), Target("minutes", 60), pause).at == cn("2026-03-13 10:00")
    assert OFFICE.due(cn("2026-03-13 09:00"), Target("minutes", 61), pause).at == cn("2026-03-13 15:01")


def test_target_of_seconds_counts_seconds():
    assert OFFICE.due(cn("2026-03-13 11:59:50"), Target("seconds", 15)).at == cn("2026-03-13 13:30:05")


def test_working_days_leave_out_the_day_of_receipt_and_end_at_midnight():
    # G003: seven working days across National Day with the working Saturday 10 October.
    due = OFFICE.due(cn("2026-09-29 10:00"), Target("working_days", 7))
    assert due.at == cn("2026-10-15 00:00")
    assert not due.missed_by(cn("2026-10-14 23:59:59"))
    assert due.missed_by(cn("2026-10-15 00:00"))


def test_minutes_are_met_at_the_due_instant_itself():
    due = OFFICE.due(cn("2026-03-13 17:00"), Target("minutes", 30))
    assert not due.missed_by(cn("2026-03-13 17:30"))
    assert due.missed_by(cn("2026-03-13 17:30:01"))


@pytest.mark.parametrize(
    ("start", "days", "rule", "due"),
    [
        ("2026-03-09 10:00", 7, "none", "2026-03-17 00:00"),  # S013
        ("2025-01-21 12:00", 7, "none", "2025-01-29 00:00"),  # W037
        ("2025-01-21 12:00", 7, "public_holiday", "2025-02-06 00:00"),
        ("2025-01-21 12:00", 7, "rest_day", "2025-02-06 00:00"),
        ("2026-03-07 12:00", 7, "public_holiday", "2026-03-15 00:00"),  # ends on an ordinary Saturday
        ("2026-03-07 12:00", 7, "rest_day", "2026-03-17 00:00"),
        ("2026-05-02 12:00", 7, "rest_day", "2026-05-10 00:00"),  # ends on a make-up Saturday
        ("2026-09-28 12:00", 7, "rest_day", "2026-10-09 00:00"),
        ("2026-09-24 12:00", 5, "none", "2026-09-30 00:00"),  # holidays inside change nothing
        ("2026-09-24 12:00", 5, "rest_day", "2026-09-30 00:00"),
    ],
)
def test_calendar_days_move_a_last_day_that_is_off(start, days, rule, due):
    assert OFFICE.due(cn(start), Target("calendar_days", days, rule)).at == cn(due)


def test_weekend_with_hours_of_its_own_is_a_working_day_where_holidays_are_a_list():
    week = dict.fromkeys(WORKWEEK, OFFICE_DAY)
    listed = calendar(week, "Asia/Shanghai", holidays=["2026-03-13"], overrides={"2026-03-14": OFFICE_DAY})
    assert listed.due(cn("2026-03-06 12:00"), Target("calendar_days", 7, "rest_day")).at == cn("2026-03-15 00:00")
    assert listed.due(cn("2026-03-12 12:00"), Target("working_days", 1)).at == cn("2026-03-15 00:00")


def test_days_touched_by_a_pause_are_added():
    # G011: ten days of appraisal are added to sixty.
    appraisal = [(cn("2026-05-06 09:00"), cn("2026-05-15 17:00"))]
    assert OFFICE.due(cn("2026-04-20 10:00"), Target("calendar_days", 60), appraisal).at == cn("2026-06-30 00:00")
    monday = cn("2026-03-09 10:00")
    short = [(cn("2026-03-10 23:59"), cn("2026-03-11 00:00"))]  # touches the 10th alone
    assert OFFICE.due(monday, Target("working_days", 2), short).at == cn("2026-03-13 00:00")
    over_a_weekend = [(cn("2026-03-14 09:00"), cn("2026-03-15 09:00"))]
    assert OFFICE.due(monday, Target("working_days", 5), over_a_weekend).at == cn("2026-03-17 00:00")


def test_cap_on_the_clock_decides_when_it_is_earlier():
    target = Target("minutes", 240, max_elapsed_minutes=24 * 60)
    assert OFFICE.due(cn("2026-03-13 17:00"), target).at == cn("2026-03-14 17:00")
    assert OFFICE.due(cn("2026-03-13 17:00"), target).decided_by == "cap"
    assert OFFICE.due(cn("2026-03-12 17:00"), target).at == cn("2026-03-13 12:00")
    assert OFFICE.due(cn("2026-03-12 17:00"), target).decided_by == "target"
    days = OFFICE.due(cn("2026-03-13 17:00"), Target("working_days", 5, max_elapsed_minutes=60))
    assert (days.at, days.decided_by, days.ends_day) == (cn("2026-03-13 18:00"), "cap", False)


def test_cap_answers_where_the_calendar_never_would():
    once = calendar({}, overrides={"2020-01-01": [["09:00", "10:00"]]})
    due = once.due(when("2026-01-01T00:00Z"), Target("minutes", 5, max_elapsed_minutes=60))
    assert (due.at, due.decided_by) == (when("2026-01-01T01:00Z"), "cap")


def test_target_may_go_on_through_pauses():
    pause = [(cn("2026-03-13 09:30"), cn("2026-03-13 15:00"))]
    assert OFFICE.due(cn("2026-03-13 09:00"), Target("minutes", 60, pauses=False), pause).at == cn("2026-03-13 10:00")


def test_year_not_announced_uses_weekends_and_says_so():
    due = OFFICE.due(cn("2026-12-31 17:00"), Target("minutes", 120))
    assert due.at == cn("2027-01-01 10:00")
    assert due.unannounced_years == (2027,)
    assert OFFICE.due(cn("2026-12-30 17:00"), Target("minutes", 120)).unannounced_years == ()
    assert OFFICE.due(cn("2026-12-30 17:00"), Target("working_days", 1)).unannounced_years == ()
    assert ALWAYS.due(cn("2026-12-31 23:00"), Target("minutes", 120)).unannounced_years == ()
    assert OFFICE.due(cn("2026-12-31 17:00"), Target("calendar_days", 7)).unannounced_years == ()
    assert OFFICE.due(cn("2026-12-31 17:00"), Target("calendar_days", 7, "rest_day")).unannounced_years == (2027,)
    assert OFFICE.unannounced_years(cn("2026-12-01 00:00"), cn("2028-01-02 00:00")) == (2027, 2028)


# -- daylight saving --------------------------------------------------------------------------------------------------


def test_hour_that_is_skipped_holds_no_time_and_one_that_is_repeated_holds_two():
    new_york = calendar({"sun": [["01:00", "02:30"]]}, "America/New_York")
    # 10 March 2024: 02:00 becomes 03:00. 3 November 2024: 02:00 becomes 01:00.
    assert new_york.elapsed(when("2024-03-10T00:00Z"), when("2024-03-11T00:00Z")) == timedelta(minutes=60)
    assert new_york.elapsed(when("2024-11-03T00:00Z"), when("2024-11-04T00:00Z")) == timedelta(minutes=150)
    night = calendar({"sun": [["01:00", "01:30"]]}, "America/New_York")
    segments = night.explain(when("2024-11-03T05:00Z"), when("2024-11-03T07:00Z"))
    assert [s.counted for s in segments] == [timedelta(minutes=30), timedelta(0)] * 2


def test_day_ends_when_its_next_day_begins_even_where_midnight_is_skipped():
    beirut = calendar("24x7", "Asia/Beirut")  # 31 March 2024 begins at 01:00
    due = beirut.due(when("2024-03-29T12:00+02:00"), Target("calendar_days", 1))
    assert due.at == when("2024-03-30T22:00Z")
    assert beirut.local(due.at).isoformat() == "2024-03-31T01:00:00+03:00"
    apia = calendar("24x7", "Pacific/Apia")  # 30 December 2011 never was
    assert apia.due(when("2011-12-29T12:00-10:00"), Target("calendar_days", 2)).at == when("2012-01-01T00:00+14:00")


# -- explanations -----------------------------------------------------------------------------------------------------


def told(calendar, start, end, pauses=(), target=None):
    return [
        (
            f"{calendar.local(s.start):%d %H:%M}-{calendar.local(s.end):%d %H:%M}",
            s.counted // timedelta(minutes=1),
            s.code,
            s.name,
        )
        for s in calendar.explain(start, end, pauses, target)
    ]


def test_explanation_tells_hours_lunch_holiday_make_up_day_and_pause():
    start = cn("2026-02-13 11:00")
    pauses = [(cn("2026-02-14 09:30"), cn("2026-02-14 10:00"))]
    due = OFFICE.due(start, Target("minutes", 14 * 60), pauses)
    assert due.at == cn("2026-02-24 10:30")
    assert told(OFFICE, start, due.at, pauses) == [
        ("13 11:00-13 12:00", 60, "working", ""),
        ("13 12:00-13 13:30", 0, "midday", ""),
        ("13 13:30-13 18:00", 270, "working", ""),
        ("13 18:00-14 09:00", 0, "off_hours", ""),
        ("14 09:00-14 09:30", 30, "make_up_day", "春节"),
        ("14 09:30-14 10:00", 0, "pause", ""),
        ("14 10:00-14 12:00", 120, "make_up_day", "春节"),
        ("14 12:00-14 13:30", 0, "midday", ""),
        ("14 13:30-14 18:00", 270, "make_up_day", "春节"),
        ("14 18:00-15 00:00", 0, "off_hours", ""),
        ("15 00:00-24 00:00", 0, "holiday", "春节"),
        ("24 00:00-24 09:00", 0, "off_hours", ""),
        ("24 09:00-24 10:30", 90, "working", ""),
    ]
    assert OFFICE.explain(start, due.at)[-2].why == "outside working hours"


def test_explanation_of_around_the_clock_is_one_line():
    assert told(ALWAYS, cn("2026-02-13 11:00"), cn("2026-02-16 11:00")) == [
        ("13 11:00-16 11:00", 4320, "around_the_clock", "")
    ]


def test_explanation_of_a_day_target_counts_whole_days():
    start = cn("2026-02-12 11:00")
    target = Target("working_days", 2)
    due = OFFICE.due(start, target)
    assert told(OFFICE, start, due.at, (), target) == [
        ("12 11:00-13 00:00", 0, "receipt_day", ""),
        ("13 00:00-15 00:00", 2880, "working_day", ""),
    ]
    week = Target("calendar_days", 7, "rest_day")
    begun = cn("2025-01-21 12:00")
    pause = [(cn("2025-01-23 12:00"), cn("2025-01-23 13:00"))]
    assert told(OFFICE, begun, OFFICE.due(begun, week, pause).at, pause, week) == [
        ("21 12:00-22 00:00", 0, "receipt_day", ""),
        ("22 00:00-23 00:00", 1440, "calendar_day", ""),
        ("23 00:00-24 00:00", 0, "pause", ""),
        ("24 00:00-30 00:00", 8640, "calendar_day", ""),
        ("30 00:00-05 00:00", 0, "holiday", "春节"),
        ("05 00:00-06 00:00", 0, "extension", ""),
    ]


# -- what is refused --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("definition", "field"),
    [
        ([], ""),
        ({}, "timezone"),
        ({"timezone": "Mars/Olympus", "hours": "24x7"}, "timezone"),
        ({"timezone": "../etc/passwd", "hours": "24x7"}, "timezone"),
        ({"timezone": "Asia", "hours": "24x7"}, "timezone"),
        ({"timezone": "a" * 5000, "hours": "24x7"}, "timezone"),
        ({"timezone": "\0", "hours": "24x7"}, "timezone"),
        ({"timezone": 8, "hours": "24x7"}, "timezone"),
        ({"timezone": "UTC"}, "hours"),
        ({"timezone": "UTC", "hours": {}}, "hours"),
        ({"timezone": "UTC", "hours": {"mon": []}}, "hours"),
        ({"timezone": "UTC", "hours": {"monday": []}}, "hours"),
        ({"timezone": "UTC", "hours": {"mon": "9-17"}}, "hours.mon"),
        ({"timezone": "UTC", "hours": {"mon": [["09:00"]]}}, "hours.mon[0]"),
        ({"timezone": "UTC", "hours": {"mon": [["9:00", "17:00"]]}}, "hours.mon[0]"),
        ({"timezone": "UTC", "hours": {"mon": [["09:00", "17:60"]]}}, "hours.mon[0]"),
        ({"timezone": "UTC", "hours": {"mon": [[9, 17]]}}, "hours.mon[0]"),
        ({"timezone": "UTC", "hours": {"mon": [["24:00", "24:00"]]}}, "hours.mon[0]"),
        ({"timezone": "UTC", "hours": {"mon": [["17:00", "09:00"]]}}, "hours.mon[0]"),
        ({"timezone": "UTC", "hours": {"mon": [["09:00", "09:00"]]}}, "hours.mon[0]"),
        ({"timezone": "UTC", "hours": {"mon": [["09:00", "12:00"], ["11:59", "13:00"]]}}, "hours.mon"),
        ({"timezone": "UTC", "hours": "24x7", "holidays": "us"}, "holidays"),
        ({"timezone": "UTC", "hours": "24x7", "holidays": ["2026-02-30"]}, "holidays[0]"),
        ({"timezone": "UTC", "hours": "24x7", "holidays": ["20260201"]}, "holidays[0]"),
        ({"timezone": "UTC", "hours": "24x7", "holidays": [None]}, "holidays[0]"),
        ({"timezone": "UTC", "hours": "24x7", "overrides": {"tomorrow": []}}, "overrides"),
        ({"timezone": "UTC", "hours": "24x7", "overrides": {"2026-01-01": None}}, "overrides.2026-01-01"),
        ({"timezone": "UTC", "hours": "24x7", "breaks": []}, "breaks"),
        ({"timezone": "UTC", "hours": "24x7", "colour": "red"}, "colour"),
    ],
)
def test_wrong_calendar_is_refused_by_the_name_of_the_field(definition, field):
    with pytest.raises(BadCalendar) as refusal:
        WorkCalendar.from_definition(definition, CHINA)
    assert refusal.value.field == field
    assert len(str(refusal.value)) < 160


@pytest.mark.parametrize(
    ("target", "field"),
    [
        (None, ""),
        ({}, ""),
        ({"minutes": 1, "seconds": 1}, ""),
        ({"minutes": -1}, "minutes"),
        ({"minutes": 1.5}, "minutes"),
        ({"minutes": True}, "minutes"),
        ({"minutes": "60"}, "minutes"),
        ({"minutes": 10**30}, "minutes"),
        ({"working_days": 10**6}, "working_days"),
        ({"minutes": 1, "max_elapsed_minutes": -1}, "max_elapsed_minutes"),
        ({"minutes": 1, "max_elapsed_minutes": None}, "max_elapsed_minutes"),
        ({"minutes": 1, "holiday_rule": "none", "days": 2}, "days"),
        ({"minutes": 1, "holiday_rule": "rest_day"}, "holiday_rule"),
        ({"calendar_days": 1, "holiday_rule": "sunday"}, "holiday_rule"),
        ({"calendar_days": 1, "holiday_rule": []}, "holiday_rule"),
        ({"calendar_days": 1, "pauses": False}, "pauses"),
        ({"minutes": 1, "pauses": 0}, "pauses"),
    ],
)
def test_wrong_target_is_refused_by_the_name_of_the_field(target, field):
    with pytest.raises(BadTarget) as refusal:
        Target.from_json(target)
    assert refusal.value.field == field


@pytest.mark.parametrize(
    "data",
    [
        {"minutes": 30},
        {"seconds": 5, "pauses": False},
        {"working_days": 7, "max_elapsed_minutes": 90},
        {"calendar_days": 7, "holiday_rule": "rest_day"},
    ],
)
def test_target_is_written_as_it_was_read(data):
    assert Target.from_json(data).to_json() == data


def test_moments_need_an_offset_and_a_sensible_year():
    for bad in (datetime(2026, 1, 1), datetime(1, 1, 1, tzinfo=UTC), datetime.max.replace(tzinfo=UTC)):
        with pytest.raises(BadMoment):
            OFFICE.add(bad, timedelta(minutes=1))
    with pytest.raises(BadMoment, match=r"pauses\[0\]"):
        OFFICE.elapsed(cn("2026-01-05 09:00"), cn("2026-01-06"), [(cn("2026-01-05 11:00"), cn("2026-01-05 10:00"))])


def test_search_for_working_time_ends():
    once = calendar({}, overrides={"2020-01-01": [["09:00", "10:00"]]})
    with pytest.raises(BadCalendar, match="not enough working time"):
        once.due(when("2026-01-01T00:00Z"), Target("minutes", 1))
    with pytest.raises(BadCalendar, match="not enough working time"):
        once.due(when("2026-01-01T00:00Z"), Target("working_days", 1))
    seldom = calendar({"mon": [["09:00", "09:01"]]})
    with pytest.raises(BadCalendar, match="not enough working time"):
        seldom.due(when("2026-01-01T00:00Z"), Target("minutes", 3000))
    with pytest.raises(BadCalendar, match="50 years"):
        OFFICE.elapsed(cn("1950-01-01"), cn("2100-01-01"))


# -- laws that always hold --------------------------------------------------------------------------------------------

ZONES = ["Asia/Shanghai", "America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "America/Havana", "Asia/Beirut"]


@st.composite
def intervals(draw):
    cuts = sorted(draw(st.sets(st.integers(0, 96), min_size=0, max_size=6)))
    cuts = cuts[: len(cuts) // 2 * 2]
    text = [f"{c // 4:02}:{c % 4 * 15:02}" for c in cuts]
    return [[a, b] for a, b in zip(text[::2], text[1::2], strict=True)]


# Around both changes of daylight saving and China's Spring Festival of 2024.
DATES = st.sampled_from(["2024-02-10", "2024-02-18", "2024-03-10", "2024-03-31", "2024-11-03", "2024-10-27"])


@st.composite
def calendars(draw):
    hours = {day: draw(intervals()) for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}
    hours["wed"] = hours["wed"] or [["08:00", "20:00"]]
    return {
        "timezone": draw(st.sampled_from(ZONES)),
        "hours": draw(st.sampled_from([hours, hours, hours, "24x7"])),
        "holidays": draw(st.sampled_from(["cn", ["2024-03-12", "2024-11-04"]])),
        "overrides": draw(st.dictionaries(DATES, intervals(), max_size=2)),
        "breaks": draw(st.dictionaries(DATES, intervals(), max_size=2)),
    }


STARTS = st.sampled_from(["2024-02-08", "2024-03-08", "2024-03-29", "2024-10-25", "2024-11-01"])


@st.composite
def moments(draw):
    return when(draw(STARTS) + "T00:00Z") + timedelta(minutes=draw(st.integers(0, 6 * 1440)))


@st.composite
def pause_lists(draw):
    starts = draw(st.lists(moments(), max_size=3))
    return [(a, a + timedelta(minutes=draw(st.integers(0, 2000)))) for a in starts]


def on_the_wall(definition, minute: datetime) -> bool:
    """Slow and plain: is this minute worked, by the letter of contracts.md?"""
    local = minute.astimezone(ZoneInfo(definition["timezone"]))
    on, clock = local.date().isoformat(), f"{local:%H:%M}"
    week = definition["hours"]
    around = week == "24x7"
    listed = definition["holidays"] if definition["holidays"] != "cn" else []
    announced = CHINA.days.get(local.date()) if definition["holidays"] == "cn" else None
    if on in definition["overrides"]:
        hours = definition["overrides"][on]
    elif around:
        hours = [["00:00", "24:00"]]
    elif on in listed or (announced and announced.is_off):
        hours = []
    elif announced:
        hours = week["mon"]
    else:
        hours = week[local.strftime("%a").lower()]
    inside = any(a <= clock < b for a, b in hours)
    return inside and not any(a <= clock < b for a, b in definition["breaks"].get(on, []))


@settings(max_examples=40, deadline=None)
@given(calendars(), moments(), st.integers(0, 5000), pause_lists(), st.integers(1, 1500))
def test_agrees_with_stepping_minute_by_minute(definition, start, length, pauses, budget):
    subject = WorkCalendar.from_definition(definition, CHINA)
    counted = 0
    due = None
    for i in range(length):
        minute = start + timedelta(minutes=i)
        paused = any(a <= minute < b for a, b in pauses)
        counted += not paused and on_the_wall(definition, minute)
        if counted == budget and due is None:
            due = minute + timedelta(minutes=1)
    end = start + timedelta(minutes=length)
    assert subject.elapsed(start, end, pauses) == timedelta(minutes=counted)
    segments = subject.explain(start, end, pauses)
    assert sum((s.counted for s in segments), timedelta(0)) == timedelta(minutes=counted)
    assert all(a.end == b.start for a, b in itertools.pairwise(segments))
    assert not segments or (segments[0].start, segments[-1].end) == (start, end)
    assert all(s.why for s in segments)
    if due is not None:
        assert subject.add(start, timedelta(minutes=budget), pauses) == due


SECONDS = st.integers(0, 200_000)


@settings(max_examples=60, deadline=None)
@given(calendars(), moments(), SECONDS, SECONDS, pause_lists())
def test_elapsed_is_additive_and_monotone(definition, start, first, second, pauses):
    subject = WorkCalendar.from_definition(definition, CHINA)
    middle = start + timedelta(seconds=first)
    end = middle + timedelta(seconds=second)
    whole = subject.elapsed(start, end, pauses)
    assert subject.elapsed(start, middle, pauses) + subject.elapsed(middle, end, pauses) == whole
    assert timedelta(0) <= subject.elapsed(middle, end, pauses) <= end - middle


@settings(max_examples=60, deadline=None)
@given(calendars(), moments(), SECONDS, SECONDS, pause_lists())
def test_add_is_the_inverse_of_elapsed_and_monotone(definition, start, less, more, pauses):
    subject = WorkCalendar.from_definition(definition, CHINA)
    first = subject.add(start, timedelta(seconds=less), pauses)
    second = subject.add(start, timedelta(seconds=less + more), pauses)
    assert start <= first <= second
    assert subject.elapsed(start, first, pauses) == timedelta(seconds=less)
    assert subject.elapsed(start, second, pauses) == timedelta(seconds=less + more)
    # The first such moment: one microsecond earlier there was less.
    if less:
        assert subject.elapsed(start, first - timedelta(microseconds=1), pauses) < timedelta(seconds=less)
    # In two steps as in one.
    assert subject.add(first, timedelta(seconds=more), pauses) == second or more == 0


@settings(max_examples=60, deadline=None)
@given(calendars(), moments(), st.integers(1, 12), pause_lists(), st.sampled_from(["working_days", "calendar_days"]))
def test_a_later_start_or_a_longer_day_target_is_never_due_earlier(definition, start, days, pauses, unit):
    subject = WorkCalendar.from_definition(definition, CHINA)
    due = subject.due(start, Target(unit, days), pauses).at
    assert due <= subject.due(start, Target(unit, days + 1), pauses).at
    assert subject.due(start, Target(unit, days)).at <= due
    assert subject.due(start, Target(unit, days)).at <= subject.due(start + timedelta(hours=5), Target(unit, days)).at
    assert f"{subject.local(due):%H:%M}" in ("00:00", "01:00")


def test_fifty_thousand_due_times_take_a_few_seconds():
    start = cn("2025-01-01 00:00")
    target = Target("minutes", 3000)
    begun = time.process_time()
    for i in range(50_000):
        OFFICE.due(start + timedelta(minutes=i * 10), target)
    assert time.process_time() - begun < 5


def test_an_explanation_takes_under_five_milliseconds():
    begun = time.process_time()
    for i in range(20):
        fresh = calendar(dict.fromkeys(WORKWEEK, OFFICE_DAY), "Asia/Shanghai", holidays="cn")
        start = cn("2026-02-13 11:00") + timedelta(hours=i)
        due = fresh.due(start, Target("minutes", 1200))
        fresh.explain(start, due.at)
    assert (time.process_time() - begun) / 20 < 0.005
