"""A promise is missed, and missed again: what the customer, the lead and the manager see of it, in real browsers."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import Merchant
from notifications.models import SinkMessage
from sla.models import Breach, BreachStep, Clock
from tests.factories import SHANGHAI, make_team, make_user
from tests.factories_tickets import fresh, make_route
from tests.journeys.parts import BODY, miss, send_everything
from tickets import actions
from tickets.links import path_of

pytestmark = pytest.mark.django_db(transaction=True)
SOON = 15_000  # milliseconds: the case page asks every four seconds


def hour(moment) -> str:
    return moment.astimezone(SHANGHAI).strftime("%H:%M")


def rung(page: Page) -> None:
    expect(page.locator("#bell-count")).to_contain_text("1")


def texts() -> list[str]:
    return list(SinkMessage.objects.filter(channel="sms").order_by("id").values_list("text", flat=True))


def test_a_promise_is_missed_twice_and_people_take_over(phone, desk_of, live_server, shop: Merchant) -> None:
    lead, manager = make_user("lead", name="王敏"), make_user("manager", name="赵海")
    make_route(make_team("售后一组", lead=lead))
    ticket = actions.open_ticket(actions.Filing(body=BODY, phone="+8613800136021", merchant=shop))
    path = path_of(ticket.links.get())
    page = phone.new_page()
    page.goto(live_server.url + path)
    expect(page.locator(".promise")).to_contain_text("首次回复，最迟")
    page.evaluate("window.stayed = true")

    # Nobody answers. The customer hears it from us: what was missed, why, who knows of it and the new time.
    first = miss(ticket, "first_response")
    recovery = Clock.objects.get(metric="recovery")
    expect(page.locator(".promise__sorry")).to_contain_text(f"{hour(first.due_at)} 前", timeout=SOON)
    expect(page.locator(".promise__sorry")).to_contain_text("对不起")
    apology = page.locator(".msg--late .bubble")
    expect(apology).to_contain_text("还没有同事接手")
    expect(apology).to_contain_text("王敏")
    expect(apology).to_contain_text(hour(recovery.due_at))
    expect(page.locator(".promise__row--next")).to_contain_text("王敏回复您，最迟")
    expect(page.locator(".promise__row--next")).to_contain_text(hour(recovery.due_at))
    expect(page.locator(".promise__row--late")).to_contain_text("没做到")
    send_everything()
    (_receipt, told) = texts()
    assert told.startswith("【云禾电器旗舰店】")
    assert "对不起" in told
    assert "王敏" in told
    assert told.endswith(path)

    # The lead hears the bell, goes to the case, opens the board and looks after it.
    desk = desk_of(lead)
    desk.goto(f"{live_server.url}/queue/?view=open")
    rung(desk)
    desk.locator(".bell summary").click()
    desk.locator(".bell__line", has_text="首次回复").click()
    desk.wait_for_url(f"**/t/{ticket.number}/**")
    desk.locator("#nav").get_by_role("link", name="超时").click()
    card = desk.locator("#escalated .breach")
    expect(card).to_contain_text("王敏")
    card.get_by_role("button", name="我来负责").click()
    expect(desk.get_by_text("已认领，由您负责。")).to_be_visible()
    expect(desk.locator("#acknowledged .breach")).to_have_count(1)
    breach = Breach.objects.get()
    assert (breach.acknowledged_by, breach.step) == (lead, BreachStep.ACKNOWLEDGED)

    # The new time passes as well: no third automatic promise. A person has it, and the way outside is shown.
    miss(ticket, "recovery")
    expect(page.locator(".promise__sorry")).to_contain_text("两次没按时回复您", timeout=SOON)
    expect(page.locator(".promise__sorry")).to_contain_text("王敏")
    expect(page.locator(".promise__sorry")).to_contain_text("12315")
    expect(page.locator(".promise__row", has_text="回复您，最迟")).to_have_count(0)
    assert fresh(ticket).assignee == lead
    assert Clock.objects.filter(metric="recovery").count() == 1
    office = desk_of(manager)
    office.goto(f"{live_server.url}/sla/")
    rung(office)
    office.locator(".bell summary").click()
    expect(office.locator(".bell__line")).to_contain_text("第二次")

    # The lead names a time on the board; the customer sees the name, the time and 12315, still without loading again.
    by_when = (timezone.localtime() + timedelta(hours=2)).replace(second=0, microsecond=0)
    desk.goto(f"{live_server.url}/queue/")
    desk.locator("#nav").get_by_role("link", name="超时").click()
    card = desk.locator("#handed_over .breach")
    card.get_by_label("我最迟回复的时间").fill(by_when.strftime("%Y-%m-%dT%H:%M"))
    card.get_by_role("button", name="承诺这个时间").click()
    expect(desk.get_by_text("已承诺，客户会看到您的名字和时间。")).to_be_visible()
    person = Clock.objects.get(promised_by=lead)
    assert person.due_at == by_when
    expect(page.locator(".promise__row--next")).to_contain_text("王敏回复您，最迟", timeout=SOON)
    expect(page.locator(".promise__row--next")).to_contain_text(hour(by_when))
    expect(page.locator("#case-talk")).to_contain_text("12315")
    assert page.evaluate("window.stayed") is True
    send_everything()
    assert "王敏" in texts()[-1]
    assert hour(by_when) in texts()[-1]

    # She answers in time: what was missed stays said, and what she promised is kept.
    actions.reply(fresh(ticket), "今天给您全额退款，明天 12:00 前到账。", actor=lead)
    expect(page.locator("#case-talk")).to_contain_text("明天 12:00 前到账", timeout=SOON)
    expect(page.locator(".promise__sorry")).to_have_count(0)
    person.refresh_from_db()
    assert (person.state, person.is_breached) == ("met", False)
