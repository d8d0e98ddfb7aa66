"""The main job from end to end: filed on a phone over a bad line, answered by keyboard, seen live, confirmed, rated."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from accounts.models import Merchant
from tests.factories import make_team, make_user
from tests.factories_tickets import fresh, make_route
from tests.journeys.parts import BODY, Line, photo
from tickets.models import Status, Ticket

pytestmark = pytest.mark.django_db(transaction=True)
SOON = 15_000  # milliseconds: the case page asks every four seconds


def test_from_one_sentence_on_a_phone_to_solved(phone, desk_of, live_server, shop: Merchant, tmp_path: Path) -> None:
    team = make_team("售后一组", lead=make_user("lead", name="王敏"))
    make_route(team)
    agent = make_user(name="周宁", team=team)

    # The customer files with a photo; the line drops once on the way.
    page = phone.new_page()
    page.goto(f"{live_server.url}/f/yunhe/")
    line = Line(phone, page)
    line.is_now(kilobits=50)
    page.get_by_label("说一句话就行").fill(BODY)
    page.get_by_label("手机号").fill("138 0013 6021")
    page.locator("input[type=file]").set_input_files(photo(tmp_path / "a.jpg"))
    expect(page.locator(".shot__state").first).to_be_visible()
    line.is_now(gone=True)
    page.get_by_role("button", name="提交", exact=True).tap()
    expect(page.get_by_text("网络断了：您写的内容和 1 张照片都在这部手机上", exact=False)).to_be_visible()
    line.is_now()
    expect(page.locator(".promise")).to_contain_text("首次回复，最迟", timeout=60_000)
    ticket = Ticket.objects.get()
    assert (ticket.merchant, ticket.team, ticket.status) == (shop, team, Status.NEW)
    assert ticket.messages.get().attachments.count() == 1
    page.evaluate("window.stayed = true")

    # The agent needs no mouse: down, open, answer, send.
    desk = desk_of(agent)
    desk.goto(f"{live_server.url}/queue/")
    expect(desk.locator(".queue__row")).to_have_count(1)
    desk.keyboard.press("j")
    expect(desk.locator(".queue__row.is-current")).to_have_count(1)
    desk.keyboard.press("o")
    desk.wait_for_url(f"**/t/{ticket.number}/**")
    expect(desk.locator("#case-talk")).to_contain_text(BODY)
    expect(desk.locator("#case-talk img")).to_have_count(1)
    desk.keyboard.press("r")
    expect(desk.locator("#text-reply")).to_be_focused()
    desk.keyboard.insert_text("照片看清了。给您退款，今天 18:00 前告诉您怎么寄回。")
    expect(desk.locator("[data-preview]")).to_contain_text("今天 18:00 前告诉您怎么寄回")
    desk.keyboard.press("Control+Enter")
    expect(desk.locator("#case-talk")).to_contain_text("今天 18:00 前告诉您怎么寄回")
    expect(desk.locator("#text-reply")).to_have_value("")
    assert fresh(ticket).assignee == agent

    # The customer sees it come.
    expect(page.locator("#case-talk")).to_contain_text("今天 18:00 前告诉您怎么寄回", timeout=SOON)
    expect(page.locator(".promise")).to_contain_text("周宁正在处理")
    expect(page.locator(".promise__row--met")).to_have_count(1)

    # The result, by keyboard as well.
    desk.locator("body").press("Escape")
    desk.keyboard.press("e")
    proposal = desk.locator("#step-dialog textarea[name=proposal]")
    expect(proposal).to_be_visible()
    proposal.focus()
    desk.keyboard.insert_text("可以退。199.00 元 3 月 11 日 18:00 前退回原账户，运费我们出。")
    desk.keyboard.press("Control+Enter")
    expect(desk.locator("#step-dialog")).to_be_hidden()
    expect(page.locator(".decision")).to_contain_text("运费我们出", timeout=SOON)
    expect(page.get_by_text("这件事解决了吗？")).to_be_visible()

    # Solved, and five of five; up to here nothing was loaded again.
    assert page.evaluate("window.stayed") is True
    page.locator(".decision").get_by_role("button", name="解决了").tap()
    expect(page.get_by_text("这次处理得怎么样？")).to_be_visible()
    page.get_by_role("button", name="满意", exact=False).last.tap()
    expect(page.get_by_text("您打了 5 分（满分 5 分），可以改")).to_be_visible()
    ticket = fresh(ticket)
    assert (ticket.status, ticket.close_reason, ticket.rating) == (Status.CLOSED, "confirmed", 5)
    states = dict(ticket.clocks.values_list("metric", "state"))
    assert states == {"first_response": "met", "resolution": "met"}
