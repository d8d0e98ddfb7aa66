"""`POST /api/v1/sla/explain/`: worked cases through the door, and everything that may be thrown at it."""

import json
import time
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rest_framework.test import APIClient, APIRequestFactory, force_authenticate

from calendars.api import ExplainView

pytestmark = pytest.mark.django_db

CASES = json.loads((Path(__file__).parent / "cases" / "sla_cases.json").read_text(encoding="utf-8"))
WEEK = {day: [["09:00", "12:00"], ["13:30", "18:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}
CALENDAR = {"timezone": "Asia/Shanghai", "hours": WEEK, "holidays": "cn"}
START = "2026-03-13T17:00:00+08:00"


class Anybody:
    """A signed-in person; the door asks no more of them."""

    pk, is_authenticated, is_active = 1, True, True


def ask(body, **kwargs):
    request = APIRequestFactory().post("/api/v1/sla/explain/", body, format="json", **kwargs)
    force_authenticate(request, user=Anybody())
    response = ExplainView.as_view()(request)
    response.render()
    return response


def question(**more):
    body = {"calendar": CALENDAR, "start": START, "target": {"minutes": 90}} | more
    return {key: value for key, value in body.items() if value is not None}


def of_case(case, **more):
    keys = ("timezone", "hours", "holidays", "overrides", "breaks")
    body = {"calendar": {key: case[key] for key in keys if key in case}, "start": case["start"]} | more
    return body | ({"pauses": case["pauses"]} if "pauses" in case else {})


def test_it_needs_a_sign_in():
    assert APIClient().post("/api/v1/sla/explain/", question(), format="json").status_code == 401


def test_due_time_comes_with_its_segments():
    answer = ask(question())
    assert answer.status_code == 200
    assert json.loads(answer.content) == {
        "due_at": "2026-03-16T09:30:00+08:00",
        "decided_by": "target",
        "segments": [
            {
                "start": "2026-03-13T17:00:00+08:00",
                "end": "2026-03-13T18:00:00+08:00",
                "counted_minutes": 60,
                "why": "working time",
                "code": "working",
                "params": {},
            },
            {
                "start": "2026-03-13T18:00:00+08:00",
                "end": "2026-03-14T00:00:00+08:00",
                "counted_minutes": 0,
                "why": "outside working hours",
                "code": "off_hours",
                "params": {},
            },
            {
                "start": "2026-03-14T00:00:00+08:00",
                "end": "2026-03-16T00:00:00+08:00",
                "counted_minutes": 0,
                "why": "weekly rest day",
                "code": "rest_day",
                "params": {},
            },
            {
                "start": "2026-03-16T00:00:00+08:00",
                "end": "2026-03-16T09:00:00+08:00",
                "counted_minutes": 0,
                "why": "outside working hours",
                "code": "off_hours",
                "params": {},
            },
            {
                "start": "2026-03-16T09:00:00+08:00",
                "end": "2026-03-16T09:30:00+08:00",
                "counted_minutes": 30,
                "why": "working time",
                "code": "working",
                "params": {},
            },
        ],
        "unannounced_years": [],
    }


@pytest.mark.parametrize("case", [*CASES["due"], *CASES["paused_due"], *CASES["own_extra"]], ids=lambda c: c["id"])
def test_worked_case_falls_due(case):
    answer = ask(of_case(case, target={"minutes": case["minutes"]})).data
    assert datetime.fromisoformat(answer["due_at"]) == datetime.fromisoformat(case.get("due_close", case["due"]))
    assert sum(segment["counted_minutes"] for segment in answer["segments"]) == pytest.approx(case["minutes"])


@pytest.mark.parametrize("case", [*CASES["elapsed"], *CASES["paused_elapsed"]], ids=lambda c: c["id"])
def test_worked_case_counts_elapsed_time(case):
    assert ask(of_case(case, end=case["end"])).data["elapsed_minutes"] == case["minutes"]


def test_seconds_days_cap_and_an_unannounced_year():
    assert ask(question(target={"seconds": 30})).data["due_at"] == "2026-03-13T17:00:30+08:00"
    capped = ask(question(target={"minutes": 240, "max_elapsed_minutes": 1440})).data
    assert (capped["due_at"], capped["decided_by"]) == ("2026-03-14T17:00:00+08:00", "cap")
    days = ask(question(target={"calendar_days": 1, "holiday_rule": "rest_day"})).data
    assert days["due_at"] == "2026-03-17T00:00:00+08:00"
    assert [s["code"] for s in days["segments"]] == ["receipt_day", "calendar_day", "rest_day", "extension"]
    assert ask(question(start="2026-12-31T17:30:00+08:00")).data["unannounced_years"] == [2027]
    for nothing in ("minutes", "working_days", "calendar_days"):
        assert ask(question(target={nothing: 0})).data == {
            "due_at": START,
            "decided_by": "target",
            "segments": [],
            "unannounced_years": [],
        }


def test_moment_without_an_offset_is_on_the_calendars_wall():
    assert ask(question(start="2026-03-13T17:00:00")).data["due_at"] == "2026-03-16T09:30:00+08:00"
    assert ask(question(start="2026-03-13T09:00:00Z")).data["due_at"] == "2026-03-16T09:30:00+08:00"


LONG_AGO, FAR = "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ([], None),
        ("x", None),
        ({}, "calendar"),
        (question(target=None), "target"),
        (question(end=START), "target"),
        (question(colour="red"), "colour"),
        (question(calendar=None), "calendar"),
        (question(calendar=5), "calendar"),
        (question(calendar={}), "calendar.timezone"),
        (question(calendar=CALENDAR | {"hours": {"mon": [["x", "y"]]}}), "calendar.hours.mon[0]"),
        (question(calendar=CALENDAR | {"colour": 1}), "calendar.colour"),
        (question(calendar=CALENDAR | {"hours": {"mon": []}}), "calendar.hours"),
        (question(start=5), "start"),
        (question(start="yesterday"), "start"),
        (question(start=LONG_AGO), "start"),
        (question(start=FAR), "start"),
        (question(start="0001-01-01T00:00:00"), "start"),
        (question(start="9999-12-31T23:59:59"), "start"),
        (question(start={}), "start"),
        (question(target=[]), "target"),
        (question(target={"minutes": 10**40}), "target.minutes"),
        (question(target={"minutes": -5}), "target.minutes"),
        (question(target={"minutes": 1e300}), "target.minutes"),
        (question(target={"minutes": 20_000_000}), "calendar.hours"),
        (question(target={"calendar_days": 1, "holiday_rule": {}}), "target.holiday_rule"),
        (question(target=None, end="2026-03-13T16:59:59+08:00"), "end"),
        (question(target=None, end=FAR), "end"),
        (question(target=None, end="2150-01-01T00:00:00+08:00"), "end"),
        (question(pauses=5), "pauses"),
        (question(pauses=[5]), "pauses[0]"),
        (question(pauses=[[START]]), "pauses[0]"),
        (question(pauses=[[START, None]]), "pauses[0]"),
        (question(pauses=[[START, "2026-03-13T16:00:00+08:00"]]), "pauses[0]"),
        (question(pauses=[[START, START]] * 10_000), "pauses"),
    ],
)
def test_hostile_question_is_refused_by_the_name_of_the_field(body, field):
    began = time.thread_time()  # work, not waiting: other tests run beside this one
    answer = ask(body)
    assert answer.status_code == 422, answer.data
    assert answer["Content-Type"].startswith("application/problem+json")
    assert answer.data["detail"]
    if field:
        assert list(answer.data["errors"]) == [field]
        assert answer.data["errors"][field][0]
    assert time.thread_time() - began < 1


@pytest.mark.parametrize("body", [b"", b"{", b"null", b"\xff\xfe", b"[" * 100_000, b'{"a":' * 100_000, b"1" * 5000])
def test_what_is_no_question_is_refused(body):
    request = APIRequestFactory().post("/api/v1/sla/explain/", body, content_type="application/json")
    force_authenticate(request, user=Anybody())
    assert ExplainView.as_view()(request).status_code in (400, 422)


def test_thousand_pauses_are_counted():
    pauses = [
        [f"2026-03-{d:02}T{h:02}:{m:02}:00Z", f"2026-03-{d:02}T{h:02}:{m:02}:30Z"]
        for d in range(14, 24)
        for h in range(0, 20, 2)
        for m in range(0, 50, 5)
    ]
    began = time.thread_time()
    answer = ask(question(pauses=pauses, target={"minutes": 10_000}))
    assert len(pauses) == 1000
    assert answer.status_code == 200
    assert time.thread_time() - began < 1


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.just(START),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(["calendar", "start", "target", "end", "pauses", "hours", "holidays", "overrides"]), ANYTHING)
def test_nothing_makes_it_fall_over(key, value):
    if key in ("hours", "holidays", "overrides"):
        body = question(calendar=CALENDAR | {key: value})
    else:
        body = question() | {key: value}
    request = APIRequestFactory().post(
        "/api/v1/sla/explain/", json.dumps(body).encode(), content_type="application/json"
    )
    force_authenticate(request, user=Anybody())
    answer = ExplainView.as_view()(request)
    assert answer.status_code in (200, 400, 422)
