"""`sla_backtest`: a policy over past cases, as contracts.md says."""

import csv
import gzip
import io
import json
import time
from datetime import datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from hypothesis import given, settings
from hypothesis import strategies as st

from sla.backtest import BacktestPolicy, BadPolicy, run

WEEK = {day: [["09:00", "12:00"], ["13:00", "18:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}
CALENDAR = {"timezone": "Asia/Shanghai", "hours": WEEK, "holidays": []}
POLICY = {"calendar": CALENDAR, "targets": {"first_response": {"minutes": 60}, "resolution": {"minutes": 480}}}
RESOLUTION = {"calendar": CALENDAR, "targets": {"resolution": {"minutes": 480}}}


def events(*lines: str) -> str:
    """Monday 9 March 2026 is day 9."""
    return "case_id,at,event\n" + "".join(f"{line}\n" for line in lines)


def backtest(text: str, policy=POLICY, as_of: str | None = None):
    reports: list[str] = []
    out = io.StringIO()
    moment = datetime.fromisoformat(as_of) if as_of else None
    run(io.StringIO(text), BacktestPolicy.from_json(policy, None), out, reports.append, moment)
    return list(csv.DictReader(io.StringIO(out.getvalue()))), reports


def only(text: str, policy=RESOLUTION, as_of: str | None = None) -> tuple[str, str, str, str]:
    rows, reports = backtest(text, policy, as_of)
    assert reports == []
    (row,) = rows
    return tuple(
        row[key].removeprefix("2026-03-").removesuffix(":00+08:00")
        for key in ("due_at", "met_at", "elapsed_minutes", "breached")
    )


def test_both_clocks_of_a_case_are_judged_in_the_policys_time_zone():
    rows, reports = backtest(
        events(
            "A1,2026-03-09T17:30:00,opened",
            "A1,2026-03-10T01:30:30Z,replied",
            "A1,2026-03-10T18:00:00+08:00,resolved",
            "A1,2026-03-12T10:00:00,closed",
        )
    )
    assert reports == []
    assert [list(row.values()) for row in rows] == [
        [
            "A1",
            "first_response",
            "2026-03-09T17:30:00+08:00",
            "2026-03-10T09:30:00+08:00",
            "2026-03-10T09:30:30+08:00",
            "60.50",
            "true",
        ],
        [
            "A1",
            "resolution",
            "2026-03-09T17:30:00+08:00",
            "2026-03-10T17:30:00+08:00",
            "2026-03-10T18:00:00+08:00",
            "510.00",
            "true",
        ],
    ]


def test_met_at_the_due_instant_is_in_time():
    assert only(events("A,2026-03-09T09:00,opened", "A,2026-03-09T18:00,resolved")) == (
        "09T18:00",
        "09T18:00",
        "480.00",
        "false",
    )


def test_day_target_is_late_at_midnight():
    policy = {"calendar": CALENDAR, "targets": {"resolution": {"working_days": 1}}}
    due = "11T00:00"
    assert only(events("A,2026-03-09T09:00,opened", "A,2026-03-10T23:59,resolved"), policy)[::3] == (due, "false")
    assert only(events("A,2026-03-09T09:00,opened", "A,2026-03-11T00:00,resolved"), policy)[::3] == (due, "true")


def test_waiting_pauses_resolution_and_not_first_response():
    text = events(
        "A,2026-03-09T09:00,opened",
        "A,2026-03-09T10:00,waiting",
        "A,2026-03-09T11:00,waiting",
        "A,2026-03-10T10:00,resumed",
        "A,2026-03-10T11:00,resumed",
        "A,2026-03-10T11:30,replied",
        "A,2026-03-10T18:00,resolved",
    )
    first, resolution = backtest(text)[0]
    assert (first["due_at"], first["elapsed_minutes"], first["breached"]) == (
        "2026-03-09T10:00:00+08:00",
        "630.00",
        "true",
    )
    assert (resolution["due_at"], resolution["elapsed_minutes"]) == ("2026-03-10T18:00:00+08:00", "480.00")
    deaf = RESOLUTION | {"targets": {"resolution": {"minutes": 480, "pauses": False}}}
    assert only(text, deaf) == ("09T18:00", "10T18:00", "960.00", "true")


def test_reopened_goes_on_with_what_was_left():
    text = events(
        "A,2026-03-09T09:00,opened",
        "A,2026-03-09T11:00,resolved",  # 2 of 8 hours used
        "A,2026-03-09T12:00,closed",
        "A,2026-03-11T14:00,reopened",
        "A,2026-03-11T15:00,waiting",
        "A,2026-03-11T16:00,resolved",  # a wait ends with the resolution
        "A,2026-03-12T09:00,reopened",
        "A,2026-03-12T10:00,resolved",
    )
    assert only(text) == ("12T15:00", "12T10:00", "240.00", "false")
    deaf = RESOLUTION | {"targets": {"resolution": {"minutes": 480, "pauses": False}}}
    assert only(text, deaf) == ("12T14:00", "12T10:00", "300.00", "false")


def test_closed_counts_where_nothing_was_resolved():
    assert only(events("A,2026-03-09T09:00,opened", "A,2026-03-09T10:00,closed"))[1] == "09T10:00"
    both = events("A,2026-03-09T09:00,opened", "A,2026-03-09T10:00,closed", "A,2026-03-09T11:00,resolved")
    assert only(both)[1] == "09T11:00"
    again = events(
        "A,2026-03-09T09:00,opened",
        "A,2026-03-09T09:30,waiting",
        "A,2026-03-09T10:00,closed",
        "A,2026-03-09T11:00,reopened",
        "A,2026-03-09T12:00,closed",
    )
    assert only(again) == ("10T10:30", "09T12:00", "90.00", "false")


def test_clock_never_met_is_judged_at_the_last_instant_or_as_of():
    text = events("A,2026-03-09T09:00,opened", "A,2026-03-09T10:00,replied")
    assert only(text) == ("09T18:00", "", "60.00", "false")
    assert only(text, as_of="2026-03-09T18:00+08:00") == ("09T18:00", "", "480.00", "false")
    assert only(text, as_of="2026-03-09T18:01+08:00") == ("09T18:00", "", "480.00", "true")
    assert only(text, as_of="2026-03-01T00:00+08:00") == ("09T18:00", "", "0.00", "false")
    waits = text + "A,2026-03-09T11:00,waiting\n"
    assert only(waits, as_of="2026-03-10T09:00+08:00") == ("10T16:00", "", "120.00", "false")


def test_cases_keep_the_order_of_the_file_and_events_that_of_time():
    rows, _ = backtest(
        events(
            "B,2026-03-10T10:00,resolved",
            "A,2026-03-09T09:00,opened",
            "B,2026-03-10T09:00,opened",
            "A,2026-03-09T09:00,resolved",
            "A,2026-03-08T09:00,resolved",
        ),
        RESOLUTION,
    )
    assert [(row["case_id"], row["elapsed_minutes"]) for row in rows] == [("B", "60.00"), ("A", "0.00")]


def test_bad_lines_are_named_and_the_rest_goes_on():
    rows, reports = backtest(
        events(
            "A,2026-03-09T09:00,opened",
            "A,2026-02-30T09:00,replied",
            "A,yesterday,replied",
            "A,2026-03-09T09:00",
            "A,2026-03-09T09:00,shouted",
            ",2026-03-09T09:00,replied",
            "A,9999-12-31T23:59:59-10:00,replied",
            "A,0001-01-01T00:00:00+10:00,replied",
            "",
            "\ufffd,2026-03-09T09:00,opened",
            '"' + "x" * 140_000 + '",2026-03-09T09:00,opened',
            "Z,2026-03-09T09:10,replied",
            "A,2026-03-09T09:30,replied",
        )
    )
    assert [(row["case_id"], row["elapsed_minutes"]) for row in rows] == [("A", "30.00"), ("A", "30.00")]
    assert [report.split(":")[0] for report in reports] == [f"line {n}" for n in (3, 4, 5, 6, 7, 8, 9, 11, 12)] + [
        "case Z"
    ]


@pytest.mark.parametrize(
    ("policy", "part"),
    [
        ([], "must be an object"),
        ({}, "targets"),
        ({"calendar": CALENDAR, "targets": {}}, "targets"),
        ({"calendar": CALENDAR, "targets": {"next_response": {"minutes": 5}}}, "'next_response'"),
        ({"calendar": CALENDAR, "targets": {"resolution": {"minutes": 0}}}, "zero"),
        ({"calendar": CALENDAR, "targets": {"resolution": {"minutes": 5, "max_elapsed_minutes": 0}}}, "zero"),
        ({"calendar": CALENDAR, "targets": {"resolution": {"minutes": "5"}}}, "minutes: must be a whole number"),
        ({"calendar": CALENDAR | {"timezone": "Mars"}, "targets": {"resolution": {"minutes": 5}}}, "timezone: Mars"),
        ({"targets": {"resolution": {"minutes": 5}}}, "calendar is wrong"),
    ],
)
def test_wrong_policy_is_refused_with_a_sentence(policy, part):
    with pytest.raises(BadPolicy, match=part):
        BacktestPolicy.from_json(policy, None)


HAPPENINGS = st.lists(
    st.tuples(
        st.integers(0, 4000), st.sampled_from(["replied", "waiting", "resumed", "resolved", "reopened", "closed"])
    ),
    max_size=8,
)


@settings(max_examples=80, deadline=None)
@given(HAPPENINGS, st.integers(1, 900))
def test_resolution_agrees_with_a_clerk_who_looks_every_minute(happenings, budget):
    """The clerk keeps a stopwatch: it runs in working hours while the case is open and nobody waits."""
    start = datetime.fromisoformat("2026-03-12T08:00+08:00")  # a Thursday
    happenings.sort(key=lambda happening: happening[0])
    wanted = [(at, event) for at, event in happenings if event != "closed"]  # closing has a test of its own
    lines = [f"A,{(start + timedelta(minutes=at)).isoformat()},{event}" for at, event in wanted]
    policy = RESOLUTION | {"targets": {"resolution": {"minutes": budget}}}
    (row,), _ = backtest(events(f"A,{start.isoformat()},opened", *lines), policy)
    worked, used_up, met, waiting = 0, None, None, False
    last = wanted[-1][0] if wanted else 0
    for minute in range(last + 1):
        for _at, event in (happening for happening in wanted if happening[0] == minute):
            if event == "resolved" and met is None:
                met, waiting = minute, False
            elif event == "reopened":
                met, waiting = None, waiting if met is None else False
            elif met is None and event in ("waiting", "resumed"):
                waiting = event == "waiting"
        clock = start + timedelta(minutes=minute)
        hours = any(a <= f"{clock:%H:%M}" < b for a, b in WEEK.get(f"{clock:%a}".lower(), []))
        if minute < last and hours and met is None and not waiting:
            worked += 1
            if worked == budget:
                used_up = minute + 1
    assert row["elapsed_minutes"] == f"{worked}.00"
    assert row["met_at"] == ("" if met is None else (start + timedelta(minutes=met)).isoformat())
    if used_up is not None:
        assert row["due_at"] == (start + timedelta(minutes=used_up)).isoformat()
    end = last if met is None else met
    assert row["breached"] == ("true" if used_up is not None and end > used_up else "false")


def test_twenty_thousand_cases_take_seconds():
    lines = []
    for i in range(20_000):
        day, hour = 1 + i % 28, i % 24
        lines += [
            f"C{i},2026-03-{day:02}T{hour:02}:00,opened",
            f"C{i},2026-03-{day:02}T{hour:02}:20,waiting",
            f"C{i},2026-04-{day:02}T{hour:02}:00,resumed",
            f"C{i},2026-04-{day:02}T{hour:02}:30,resolved",
        ]
    began = time.process_time()
    rows, _ = backtest(events(*lines))
    assert len(rows) == 40_000
    assert time.process_time() - began < 15


# -- the command ------------------------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "policy.json").write_text(json.dumps(POLICY | {"calendar": CALENDAR | {"holidays": "cn"}}))
    text = events("A,2026-02-14T17:30,opened", "A,2026-02-24T09:10,replied", "A,oops,resolved")
    (tmp_path / "events.csv").write_text(text, encoding="utf-8")
    (tmp_path / "events.csv.gz").write_bytes(gzip.compress(text.encode()))
    return tmp_path


def command(folder, name="events.csv", **options) -> tuple[list[str], str, dict]:
    out, err = io.StringIO(), io.StringIO()
    options = {"policy": str(folder / "policy.json"), "out": str(folder / "out.csv")} | options
    call_command("sla_backtest", str(folder / name), stdout=out, stderr=err, no_color=True, **options)
    return (folder / "out.csv").read_text().splitlines(), err.getvalue(), json.loads(out.getvalue())


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["events.csv", "events.csv.gz"])
def test_command_writes_the_clocks_and_names_the_bad_lines(folder, name):
    lines, err, summary = command(folder, name)
    assert lines == [
        "case_id,metric,started_at,due_at,met_at,elapsed_minutes,breached",
        "A,first_response,2026-02-14T17:30:00+08:00,2026-02-24T09:30:00+08:00,2026-02-24T09:10:00+08:00,40.00,false",
        "A,resolution,2026-02-14T17:30:00+08:00,2026-02-24T17:30:00+08:00,,40.00,false",
    ]
    assert err.splitlines() == ["line 4: has no time in ISO 8601: 'oops'"]
    assert summary == {"cases": 1, "clocks": 2, "breached": 0, "bad_lines": 1, "unjudged_cases": 0}


@pytest.mark.django_db
def test_command_judges_as_of_the_moment_given(folder):
    lines, _, summary = command(folder, as_of="2026-02-25")
    assert lines[2].endswith(",,510.00,true")
    assert summary["breached"] == 1
    with pytest.raises(CommandError, match="--as-of"):
        command(folder, as_of="soon")


@pytest.mark.django_db
def test_command_refuses_with_a_sentence_and_leaves_the_old_file(folder):
    (folder / "out.csv").write_text("old")
    (folder / "empty.csv").write_text("")
    (folder / "other.csv").write_text("a,b\n1,2\n")
    (folder / "cut.csv").write_bytes((folder / "events.csv.gz").read_bytes()[:-12])
    (folder / "latin.json").write_bytes(b'{"\xe9": 1}')
    (folder / "half.json").write_text("{")
    for name, options, sentence in (
        ("nowhere.csv", {}, "No such file"),
        ("", {}, "directory"),
        ("empty.csv", {}, "is empty"),
        ("other.csv", {}, "must name the columns"),
        ("cut.csv", {}, "damaged gzip"),
        ("events.csv", {"policy": str(folder / "nowhere.json")}, "No such file"),
        ("events.csv", {"policy": str(folder / "latin.json")}, "UTF-8"),
        ("events.csv", {"policy": str(folder / "half.json")}, "is not JSON"),
        ("events.csv", {"out": str(folder / "no" / "out.csv")}, "No such file"),
    ):
        with pytest.raises(CommandError, match=sentence):
            command(folder, name, **options)
        assert (folder / "out.csv").read_text() == "old"
    assert not list(folder.glob("*.part"))
