"""The pages and panels about promises, and their doors for programs."""

from datetime import datetime, timedelta

import pytest
from django.core.cache import cache
from django.template.loader import render_to_string
from django.test import Client
from django.utils import timezone, translation

from common import panels
from sla import figures, promises
from sla.actions.sweep import sweep
from sla.actions.workflow import run_steps
from sla.models import Breach, Clock
from tests.factories import SHANGHAI, make_merchant, make_team, make_user
from tests.factories_tickets import fresh, make_route, make_ticket
from tickets import actions
from tickets.models import Ticket

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 9, 14, 30, tzinfo=SHANGHAI)


def client_for(role: str, **fields) -> Client:
    client = Client()
    client.force_login(make_user(role, **fields))
    return client


def late_case() -> Ticket:
    """A case whose first answer was missed just now, told and escalated."""
    lead = make_user("lead", name="王敏")
    make_route(make_team(lead=lead))
    at = timezone.now() - timedelta(hours=1)
    ticket = make_ticket(at=at, priority="urgent")
    sweep(at=at + timedelta(minutes=31))
    run_steps(at=at + timedelta(minutes=31))
    cache.clear()
    return fresh(ticket)


def test_the_form_says_by_when_before_sending() -> None:
    make_merchant()
    promise = promises.promise_for(None, NOW)
    assert promise.answer_at == datetime(2026, 3, 9, 18, 30, tzinfo=SHANGHAI)
    assert promise.result_at == NOW + timedelta(hours=72)
    assert "file__promise" in panels.render("file.promise", None, merchant=None)


def test_a_shop_with_its_own_hours_promises_by_them() -> None:
    from calendars.models import Calendar

    shop = make_merchant(calendar=Calendar.objects.get(code="office"))
    friday = datetime(2026, 3, 13, 17, 0, tzinfo=SHANGHAI)
    # One hour on Friday; the cap of 24 hours on the clock comes before Monday.
    assert promises.promise_for(shop, friday).answer_at == friday + timedelta(hours=24)


def test_a_new_case_shows_answer_and_result() -> None:
    ticket = make_ticket(at=NOW)
    promise = promises.case_promise(ticket, NOW + timedelta(minutes=10))
    assert [row["state"] for row in promise["rows"]] == ["next", ""]
    assert promise["why"]["segments"]
    assert promise["turn"]["kind"] == ""


def test_a_late_case_leads_with_the_apology_and_the_new_time() -> None:
    ticket = late_case()
    promise = promises.case_promise(ticket, timezone.now() - timedelta(minutes=20))
    assert promise["turn"]["kind"] == "late"
    assert [row["state"] for row in promise["rows"]] == ["next", "late", ""]
    assert promise["rows"][0]["due_at"] == Clock.objects.get(metric="recovery").due_at


def test_an_answered_case_shows_what_was_kept() -> None:
    ticket = make_ticket(at=NOW)
    actions.resolve(ticket, "已退款 199.00 元。", actor=make_user(), at=NOW + timedelta(hours=1))
    promise = promises.case_promise(fresh(ticket), NOW + timedelta(hours=2))
    assert [row["state"] for row in promise["rows"]] == ["met", "met"]


def test_an_answer_that_came_late_has_no_tick() -> None:
    ticket = make_ticket(at=NOW)
    first = Clock.objects.get(metric="first_response")
    actions.resolve(ticket, "已退款 199.00 元。", actor=make_user(), at=first.due_at + timedelta(minutes=20))
    with translation.override("zh-hans"):
        row = promises.case_promise(fresh(ticket), first.due_at + timedelta(hours=1))["rows"][0]
    assert (row["state"], row["aside"]) == ("missed", "晚了20 分")
    assert "我们没做到" in row["note"]
    page = render_to_string("components/_promise_row.html", {"row": row})
    assert "#circle-check" not in page
    assert "#clock-exclamation" in page


def test_asking_another_person_shows_who_and_by_when() -> None:
    lead = make_user("lead", name="王敏")
    make_route(make_team(lead=lead))
    ticket = make_ticket(at=NOW)
    actions.resolve(ticket, "不能退。", actor=make_user(), at=NOW + timedelta(minutes=10))
    actions.request_review(fresh(ticket), at=NOW + timedelta(hours=1))
    promise = promises.case_promise(fresh(ticket), NOW + timedelta(hours=1))
    row = next(row for row in promise["rows"] if row["state"] == "next")
    with translation.override("zh-hans"):
        assert promises.case_promise(fresh(ticket), NOW + timedelta(hours=1))["rows"][1]["what"] == (
            "王敏重新看，答复您最迟"
        )
    assert row["due_at"] == NOW + timedelta(hours=5)


def test_the_ticket_page_shows_every_clock_and_why() -> None:
    html = panels.render("ticket.clocks", None, ticket=late_case())
    assert html.count('class="clock"') == 3
    assert "why__seg" in html


@pytest.mark.parametrize("days", [1, 7, 30])
def test_the_dashboard_opens(days: int) -> None:
    ticket = late_case()
    actions.reply(ticket, "在办", actor=make_user())
    cache.clear()
    response = client_for("manager").get(f"/sla/?days={days}")
    assert response.status_code == 200
    assert ticket.number[-1] in response.content.decode()


def test_attainment_counts_what_was_decided() -> None:
    on_time, late, _open = (make_ticket(at=NOW) for _ in range(3))
    agent = make_user()
    actions.reply(on_time, "好", actor=agent, at=NOW + timedelta(hours=1))
    actions.reply(late, "好", actor=agent, at=NOW + timedelta(hours=5))
    found = figures.attainment(make_user("manager"), 1, at=NOW + timedelta(hours=6))
    assert found.totals["first_response"] == figures.Share(kept=1, judged=2)
    assert found.before == {}
    assert found.by_day["first_response", NOW.date()] == figures.Share(1, 2)
    assert found.by_merchant == {None: {"first_response": figures.Share(1, 2)}}


def test_the_dashboard_has_a_fixed_number_of_queries(django_assert_max_num_queries) -> None:
    for _ in range(5):
        make_ticket(at=timezone.now() - timedelta(minutes=5), priority="urgent")
    client = client_for("manager")
    client.get("/sla/")
    cache.clear()
    with django_assert_max_num_queries(30):
        client.get("/sla/")


@pytest.mark.parametrize(
    ("role", "expected"),
    [
        ("customer", 404),
        ("agent", 403),
        ("finance", 403),
        ("lead", 200),
        ("manager", 200),
        ("admin", 200),
        ("auditor", 200),
    ],
)
def test_who_sees_the_dashboard(role: str, expected: int) -> None:
    assert client_for(role).get("/sla/").status_code == expected
    assert client_for(role).get("/sla/figures.csv").status_code == expected


def test_a_merchant_agent_sees_only_their_shop() -> None:
    mine, other = make_merchant(), make_merchant()
    at = timezone.now() - timedelta(hours=1)
    for shop in (mine, other):
        make_ticket(at=at, merchant=shop, priority="urgent")
    sweep()
    client = client_for("lead", merchants=[mine])
    shown = client.get("/sla/missed/?days=1").content.decode()
    numbers = {ticket.merchant_id: ticket.number for ticket in Ticket.objects.all()}
    assert f"/t/{numbers[mine.pk]}/" in shown
    assert f"/t/{numbers[other.pk]}/" not in shown


def test_the_board_and_acknowledging() -> None:
    late_case()
    breach = Breach.objects.get()
    client = Client()
    client.force_login(breach.escalated_to)
    assert client.get("/breaches/").status_code == 200
    assert client.post(f"/breaches/{breach.pk}/acknowledge/").status_code == 302
    breach.refresh_from_db()
    assert breach.acknowledged_by == breach.escalated_to
    assert client_for("agent").post(f"/breaches/{breach.pk}/acknowledge/").status_code == 403


@pytest.mark.parametrize(
    "query", ["", "?days=7&metric=recovery", "?on=2026-13-45&team=x&before=zz", "?team=none&format=csv"]
)
def test_the_list_of_missed_promises_takes_any_address(query: str) -> None:
    late_case()
    response = client_for("manager").get(f"/sla/missed/{query}")
    assert response.status_code == 200
    b"".join(response) if response.streaming else response.content


def test_everybody_may_read_what_we_promise() -> None:
    make_ticket(at=NOW)
    for path in ("/promise/", "/promise/1/"):
        response = Client().get(path)
        assert response.status_code == 200
        assert "4 " in response.content.decode()
    assert Client().get("/promise/99/").status_code == 404


def test_the_api_explains_each_clock() -> None:
    ticket = make_ticket(at=NOW)
    answer = client_for("agent").get(f"/api/v1/tickets/{ticket.number}/clocks/")
    assert answer.status_code == 200
    first = answer.json()[0]
    assert (first["metric"], first["due_at"], first["target"]) == (
        "first_response",
        "2026-03-09T18:30:00+08:00",
        {"minutes": 240, "max_elapsed_minutes": 1440},
    )
    assert sum(segment["counted_minutes"] for segment in first["segments"]) == 240
    assert client_for("customer").get(f"/api/v1/tickets/{ticket.number}/clocks/").status_code == 404


def test_the_api_lists_and_acknowledges_breaches() -> None:
    ticket = late_case()
    client = client_for("manager")
    listed = client.get("/api/v1/breaches/").json()["results"]
    assert [row["ticket"] for row in listed] == [ticket.number]
    answer = client.post(f"/api/v1/breaches/{listed[0]['id']}/acknowledge/")
    assert (answer.status_code, answer.json()["step"]) == (200, "acknowledged")
    assert client_for("customer").get("/api/v1/breaches/").status_code == 403
