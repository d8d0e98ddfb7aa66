"""The queue as people see it."""

from __future__ import annotations

import csv
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Role
from sla import figures
from tests.factories import make_merchant, make_team, make_user
from tests.factories_tickets import fresh, make_category, make_many, make_ticket, make_ticket_in, set_due
from tickets import actions
from tickets.models import Ticket
from tickets.queues import PAGE

pytestmark = pytest.mark.django_db
QUEUE = "/queue/"


@pytest.fixture
def agent(client):
    user = make_user(team=make_team())
    client.force_login(user)
    return user


def numbers(client, address: str) -> list[str]:
    """What stands in the queue, in its order."""
    page = client.get(address)
    assert page.status_code == 200, address
    return [row.number for section in page.context["sections"] for row in section["rows"]]


def test_the_most_urgent_case_stands_first_under_its_heading(client, agent):
    now = timezone.now()
    calm = set_due(make_ticket("包装破了", at=now), now + timedelta(days=3))
    late = set_due(make_ticket("锅盖炸裂", at=now), now - timedelta(minutes=38))
    soon = set_due(make_ticket("退款没到账", at=now), now + timedelta(minutes=9))
    page = client.get(QUEUE).content.decode()
    places = [page.index(ticket.subject) for ticket in (late, soon, calm)]
    assert places == sorted(places)
    assert page.index("queue__sec--late") < places[0] < page.index("queue__sec--risk") < places[1]
    assert "sla--late" in page
    assert "clock-exclamation" in page


def test_lists_show_no_full_name_and_no_full_number(client, agent):
    make_ticket(name="何秀英", phone="+8613800136021")
    page = client.get(QUEUE).content.decode()
    assert "何**" in page
    assert "秀英" not in page
    assert "13800136021" not in page


def test_what_a_customer_typed_is_text_and_never_markup(client, agent):
    make_ticket("<script>alert(1)</script> 坏了", name="<b>何")
    page = client.get(QUEUE).content.decode()
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_every_view_holds_what_its_name_says(client, agent):
    now = timezone.now()
    colleague = make_user()
    mine = set_due(make_ticket_in("open", actor=agent, at=now), now + timedelta(days=2))
    theirs = set_due(make_ticket_in("open", actor=colleague, at=now), now - timedelta(minutes=5))
    nobodys = set_due(make_ticket(at=now), now + timedelta(minutes=20))
    waiting = set_due(make_ticket_in("pending", actor=colleague, at=now))
    handed = make_ticket(channel="12315", at=now)
    danger = make_ticket(category=make_category(is_safety=True), at=now)
    closed = make_ticket_in("closed", at=now)
    answered = theirs
    actions.reply(answered, "明天 12:00 前答复。", actor=colleague)
    every = {t.number for t in (mine, theirs, nobodys, waiting, handed, danger)}
    expected = {
        "mine": {mine, nobodys, waiting, handed, danger},
        "late": {theirs},
        "hour": {nobodys},
        "nobody": {nobodys, waiting, handed, danger},
        "waiting": {waiting},
        "12315": {handed},
        "safety": {danger},
    }
    # What the clocks wrote meanwhile is another test's matter.
    for ticket in (mine, handed, danger):
        set_due(ticket, now + timedelta(days=2))
    set_due(theirs, now - timedelta(minutes=5))
    set_due(nobodys, now + timedelta(minutes=20))
    set_due(waiting)
    for view, tickets in expected.items():
        assert set(numbers(client, f"{QUEUE}?view={view}")) == {t.number for t in tickets}, view
    assert set(numbers(client, f"{QUEUE}?view=open")) == every
    assert set(numbers(client, f"{QUEUE}?view=all")) == every | {closed.number}
    assert theirs.number not in numbers(client, f"{QUEUE}?view=spoke")


def test_the_tabs_count_what_the_views_hold_and_stop_at_a_thousand(client, agent, monkeypatch):
    monkeypatch.setattr("tickets.queues.MOST", 3)
    monkeypatch.setattr("tickets.counts.MOST", 3)
    make_many(6)
    page = client.get(f"{QUEUE}?view=open")
    assert {view.slug: number for view, _a, _c, number in page.context["views"]}["open"] == 4
    assert "2+" in page.content.decode()


def test_pages_follow_one_another_in_both_directions_and_skip_nothing(client, agent):
    tickets = make_many(PAGE * 2 + 7, at=timezone.now())
    Ticket.objects.filter(pk__in=[t.pk for t in tickets[10:70]]).update(due_at=tickets[10].due_at)  # ties
    for view in ("open", "all", "mine", "nobody", "spoke"):
        seen: list[str] = []
        addresses = [f"{QUEUE}?view={view}"]
        while True:
            page = client.get(addresses[-1])
            seen += [row.number for row in page.context["rows"]]
            older = page.context.get("older_url")
            if not older:
                break
            addresses.append(QUEUE + older)
        assert len(seen) == len(set(seen)) == len(tickets), view
        back = QUEUE + page.context["newer_url"]
        assert numbers(client, back) == seen[PAGE : PAGE * 2], view
        first = client.get(back).context["newer_url"]
        assert numbers(client, QUEUE + first) == seen[:PAGE], view


@pytest.mark.parametrize(
    "tail",
    [
        "?after=x-y",
        "?after=-",
        "?before=99999999999999999999-1",
        "?page=abc&q=水",
        "?view=nothing",
        "?after=1&before=2",
        "?team=x",
        "?merchant=0x",
        "?opened_from=yesterday",
        "?status=nowhere",
        "?category=99999999999999999999999",
    ],
)
def test_an_address_that_makes_no_sense_still_opens_the_queue(client, agent, tail):
    make_ticket()
    assert client.get(QUEUE + tail).status_code == 200


def test_filters_narrow_the_view_and_can_be_removed(client, agent):
    shop, root = make_merchant("云禾旗舰店"), make_category("质量")
    leaf = make_category("漏水", parent=make_category("密封", parent=root))
    wanted = make_ticket(merchant=shop, category=leaf, priority="high", channel="phone", kind="warranty")
    make_ticket(merchant=make_merchant(), category=make_category("物流"))
    today = timezone.localdate()
    Ticket.objects.update(opened_at=timezone.now())
    tails = [
        f"merchant={shop.pk}", f"category={root.pk}", f"category={leaf.pk}", "priority=high", "channel=phone",
        "kind=warranty",
        f"opened_from={today}&opened_to={today}&priority=high", "priority=high&priority=urgent",
        "status=new&priority=high",
    ]  # fmt: skip
    for tail in tails:
        assert numbers(client, f"{QUEUE}?view=open&{tail}") == [wanted.number], tail
    assert numbers(client, f"{QUEUE}?view=open&priority=low") == []
    page = client.get(f"{QUEUE}?view=open&merchant={shop.pk}&priority=high")
    pills = {pill.name: pill for pill in page.context["pills"] if pill.value}
    assert pills["merchant"].value == "云禾旗舰店"
    assert pills["merchant"].without == "?view=open&priority=high"


def test_filters_by_person_team_and_deadline(client, agent):
    now = timezone.now()
    mine = set_due(make_ticket_in("open", actor=agent, at=now), now - timedelta(hours=1))
    risky = set_due(make_ticket(at=now), now + timedelta(minutes=30))
    idle = set_due(make_ticket(at=now))
    assert numbers(client, f"{QUEUE}?view=open&assignee=me") == [mine.number]
    assert set(numbers(client, f"{QUEUE}?view=open&assignee=none")) == {risky.number, idle.number}
    assert numbers(client, f"{QUEUE}?view=open&team={agent.team_id}") == [mine.number]
    assert numbers(client, f"{QUEUE}?view=open&sla=late") == [mine.number]
    assert numbers(client, f"{QUEUE}?view=open&sla=risk") == [risky.number]
    assert numbers(client, f"{QUEUE}?view=open&sla=none") == [idle.number]


def test_due_within_four_hours_is_the_list_behind_the_managers_count(client, agent):
    now = timezone.now()
    near = set_due(make_ticket("退款没到账", at=now), now + timedelta(hours=3, minutes=59))
    set_due(make_ticket("包装破了", at=now), now + timedelta(hours=4, minutes=1))
    set_due(make_ticket("锅盖炸裂", at=now), now - timedelta(minutes=1))
    assert numbers(client, f"{QUEUE}?view=open&sla=4h") == [near.number]
    assert figures.now(agent, at=now).soon == 1


def test_a_case_that_waits_says_for_whom_how_long_and_until_when(client, agent):
    now = timezone.now()
    ticket = make_ticket_in("pending", at=now - timedelta(hours=13, minutes=28))
    set_due(ticket)
    page = client.get(f"{QUEUE}?view=waiting").content.decode()
    assert "等客户 <b>14 小时</b>" in page
    assert timezone.localtime(ticket.wait_until).strftime("%H:%M").removeprefix("0") in page


def test_asking_for_closed_cases_leaves_the_open_views(client, agent):
    closed = make_ticket_in("closed")
    make_ticket()
    assert numbers(client, f"{QUEUE}?status=closed") == [closed.number]


def test_search_finds_by_number_phone_order_and_words_across_all_views(client, agent):
    closed = make_ticket_in("closed", body="蒸格少了一个", order_number="YH-2602-88140", phone="+8613712340099")
    make_ticket("水壶漏水", phone="+8613911112222")
    for text in (closed.number, closed.number[2:], "0099", "13712340099", "88140", "蒸格"):
        assert numbers(client, f"{QUEUE}?q={text}") == [closed.number], text
    assert numbers(client, f"{QUEUE}?q=没有这个词") == []
    assert numbers(client, f"{QUEUE}?q=蒸格&priority=high") == []


def test_search_pages_both_ways_and_ends_at_a_thousand(client, agent):
    tickets = make_many(PAGE + 5)
    first = client.get(f"{QUEUE}?q=漏水")
    assert [row.pk for row in first.context["rows"]] == sorted((t.pk for t in tickets), reverse=True)[:PAGE]
    second = client.get(QUEUE + first.context["older_url"])
    assert len(second.context["rows"]) == 5
    assert numbers(client, QUEUE + second.context["newer_url"]) == [row.number for row in first.context["rows"]]


def test_a_merchant_agent_sees_finds_counts_and_exports_only_their_shop(client):
    ours, theirs = make_merchant(), make_merchant()
    client.force_login(make_user(merchants=[ours]))
    own = make_ticket(merchant=ours)
    foreign = make_ticket(merchant=theirs)
    make_ticket()
    for tail in ("?view=all", "?view=open", "?q=漏水", f"?q={foreign.number}", f"?view=all&merchant={theirs.pk}"):
        assert foreign.number not in client.get(QUEUE + tail).content.decode().replace(
            f"q={foreign.number}", ""
        ).replace(f'value="{foreign.number}"', "").replace(f"<b>{foreign.number}</b>", ""), tail
    page = client.get(f"{QUEUE}?view=all")
    assert {v.slug: n for v, _a, _c, n in page.context["views"]}["all"] == 1
    text = b"".join(client.get("/queue/tickets.csv?view=all").streaming_content).decode()
    assert own.number in text
    assert foreign.number not in text


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.FINANCE])
def test_readers_see_everything_and_nothing_to_press(client, role):
    client.force_login(make_user(role))
    ticket = make_ticket()
    page = client.get(QUEUE)
    assert ticket.number in page.content.decode()
    assert b"take-next" not in page.content
    assert b"data-many" not in page.content
    assert client.post("/queue/take-next/").status_code == 403
    assert fresh(ticket).assignee is None


@pytest.mark.parametrize(
    "address", [QUEUE, "/queue/tickets.csv", "/queue/filter/", "/queue/assign/", "/t/new/", "/settings/categories/"]
)
def test_customers_find_nothing_and_guests_are_asked_to_sign_in(client, address):
    make_ticket()
    assert client.get(address).status_code == 302
    client.force_login(make_user(Role.CUSTOMER))
    assert client.get(address).status_code == 404


def test_take_next_takes_the_most_urgent_and_opens_it(client, agent):
    now = timezone.now()
    set_due(make_ticket(at=now), now + timedelta(hours=5))
    urgent = set_due(make_ticket(at=now), now + timedelta(minutes=5))
    answer = client.post("/queue/take-next/")
    assert answer["Location"].startswith(f"/t/{urgent.number}/")
    assert fresh(urgent).assignee == agent


def test_take_next_says_so_when_there_is_nothing(client, agent):
    answer = client.post("/queue/take-next/", {"back": "/queue/?view=nobody"}, follow=True)
    assert answer.redirect_chain[-1][0] == "/queue/?view=nobody"
    assert "没有等人接的工单" in answer.content.decode()


def test_back_leads_to_no_other_site(client, agent):
    assert client.post("/queue/take-next/", {"back": "https://evil.test/"})["Location"] == "/queue/"


@pytest.mark.parametrize("verb", ["assign", "categorise", "prioritise"])
def test_several_cases_are_changed_at_once_and_what_can_not_is_named(client, agent, verb):
    colleague, category = make_user(name="王敏"), make_category("物流")
    open_one, closed = make_ticket(), make_ticket_in("closed")
    field = {
        "assign": {"assignee": colleague.pk},
        "categorise": {"category": category.pk},
        "prioritise": {"priority": "urgent"},
    }[verb]
    data = {"number": [open_one.number, closed.number], "back": QUEUE, **field}
    assert client.get(f"/queue/{verb}/?number={open_one.number}").status_code == 200
    page = client.post(f"/queue/{verb}/", data, follow=True).content.decode()
    assert "已改 1 单" in page
    assert closed.number in page
    now = fresh(open_one)
    assert (now.assignee == colleague, now.category == category, now.priority == "urgent").count(True) == 1
    assert ("assign", "categorise", "prioritise")[
        (now.assignee == colleague, now.category == category, now.priority == "urgent").index(True)
    ] == verb


def test_foreign_cases_are_not_changed_by_a_made_up_list(client):
    client.force_login(make_user(merchants=[make_merchant()]))
    foreign = make_ticket(merchant=make_merchant())
    assert client.post("/queue/prioritise/", {"number": [foreign.number], "priority": "urgent"}).status_code == 422
    assert fresh(foreign).priority == "normal"


def test_the_file_holds_what_the_view_shows_and_no_formulas(client, agent):
    make_ticket('=HYPERLINK("http://evil")', name="何秀英")
    make_ticket_in("closed")
    answer = client.get("/queue/tickets.csv?view=open")
    text = b"".join(answer.streaming_content).decode()
    rows = list(csv.reader(text.removeprefix("\ufeff").splitlines()))
    assert len(rows) == 2
    assert rows[1][4].startswith("'=")
    assert "秀英" not in text
    assert answer["Content-Disposition"].startswith("attachment")


def test_the_refresh_is_the_same_list_without_the_frame(client, agent):
    ticket = make_ticket()
    part = client.get(QUEUE, headers={"HX-Request": "true"}).content.decode()
    assert ticket.number in part
    assert "<html" not in part
    assert part.strip().startswith('<div id="queue"')


def test_the_longest_wait_stands_in_every_staff_header(client, agent):
    now = timezone.now()
    make_ticket(at=now - timedelta(hours=1))
    oldest = make_ticket(at=now - timedelta(days=1, hours=3))
    for address in (QUEUE, "/t/new/"):
        page = client.get(address).content.decode()
        assert "1 天 3 小时" in page
        assert oldest.number in page


def test_empty_views_say_what_is_next(client, agent):
    assert "没有等您处理的" in client.get(QUEUE).content.decode()
    assert "没有超时的" in client.get(f"{QUEUE}?view=late").content.decode()
    assert "没有找到" in client.get(f"{QUEUE}?q=水").content.decode()
    assert "没有符合筛选的工单" in client.get(f"{QUEUE}?view=open&priority=high").content.decode()
