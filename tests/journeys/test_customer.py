"""Customers in a real browser: a small phone, a bad line, no scripts, and a page that stays fresh."""

from __future__ import annotations

import io
import time
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, expect

from tests.factories import make_team, make_user
from tests.journeys.parts import BODY, PHONE, Line, photo
from tickets import actions
from tickets.links import path_of
from tickets.models import Attachment, Route, Ticket

pytestmark = pytest.mark.django_db(transaction=True)


def test_from_the_link_to_the_promise_in_four_taps(phone: BrowserContext, live_server) -> None:
    page = phone.new_page()
    begun = time.monotonic()
    page.goto(f"{live_server.url}/f/yunhe/")
    page.get_by_label("说一句话就行").tap()
    page.keyboard.insert_text(BODY)
    page.get_by_label("手机号").tap()
    page.keyboard.type("13800136021")
    page.get_by_role("button", name="提交", exact=True).tap()
    expect(page.get_by_text("轮到我们")).to_be_visible()
    assert time.monotonic() - begun < 15
    expect(page.locator("h1")).to_have_text("水壶用了两次，壶底就开始漏水，想退")
    assert Ticket.objects.get().merchant.slug == "yunhe"


def test_photos_over_a_bad_line_with_three_drop_outs(phone: BrowserContext, live_server, tmp_path: Path) -> None:
    page = phone.new_page()
    page.goto(f"{live_server.url}/f/yunhe/")
    line = Line(phone, page)
    line.is_now(kilobits=50)
    page.get_by_label("说一句话就行").fill(BODY)
    page.get_by_label("手机号").fill("138 0013 6021")
    # Gone while the first photo is on its way.
    page.locator("input[type=file]").set_input_files([photo(tmp_path / "a.jpg"), photo(tmp_path / "b.jpg", shade=90)])
    expect(page.get_by_text("上传", exact=False).first).to_be_visible()
    line.is_now(gone=True)
    expect(page.get_by_role("button", name="重试").first).to_be_visible(timeout=15_000)
    # Sending without a network keeps everything and says so.
    page.get_by_role("button", name="提交", exact=True).tap()
    expect(page.get_by_text("网络断了：您写的内容和 2 张照片都在这部手机上，连上后点“继续提交”。")).to_be_visible()
    expect(page.get_by_label("说一句话就行")).to_have_value(BODY)
    assert not Ticket.objects.exists()
    # Back, gone and back again: it goes on by itself.
    for _ in range(2):
        line.is_now(kilobits=50)
        page.wait_for_timeout(1_500)
        line.is_now(gone=True)
        page.wait_for_timeout(500)
    line.is_now(kilobits=400)
    if page.get_by_role("button", name="继续提交").is_visible():
        page.get_by_role("button", name="继续提交").tap()
    expect(page.get_by_text("轮到我们")).to_be_visible(timeout=60_000)
    message = Ticket.objects.get().messages.get()
    assert message.body == BODY
    kept = list(message.attachments.order_by("id"))
    assert len(kept) == 2
    assert {(file.width, file.height) for file in kept} == {(1600, 1200)}
    for file in kept:
        assert not Image.open(io.BytesIO(file.file.read())).getexif()


def test_an_answer_that_got_lost_on_the_way_is_not_a_second_case(phone: BrowserContext, live_server) -> None:
    page = phone.new_page()
    page.goto(f"{live_server.url}/f/yunhe/")
    lost = []

    def lose_the_first_answer(route) -> None:
        if route.request.method == "POST" and not lost:
            lost.append(route.fetch())
            route.abort("connectionreset")
        else:
            route.continue_()

    page.route("**/f/yunhe/", lose_the_first_answer)
    page.get_by_label("说一句话就行").fill(BODY)
    page.get_by_label("手机号").fill("13800136021")
    page.get_by_role("button", name="提交", exact=True).tap()
    expect(page.get_by_text("轮到我们")).to_be_visible(timeout=20_000)
    assert lost[0].status == 201
    assert Ticket.objects.count() == 1


def test_what_was_typed_and_its_photos_are_there_after_the_page_was_closed(
    phone: BrowserContext, live_server, tmp_path: Path
) -> None:
    page = phone.new_page()
    page.goto(f"{live_server.url}/f/yunhe/")
    page.get_by_label("说一句话就行").fill(BODY)
    page.locator("input[type=file]").set_input_files(photo(tmp_path / "a.jpg"))
    expect(page.get_by_role("button", name="删除 a.jpg")).to_be_visible()
    expect(page.locator(".shot__state")).to_have_count(0)
    page.close()
    page = phone.new_page()
    page.goto(f"{live_server.url}/f/yunhe/")
    expect(page.get_by_label("说一句话就行")).to_have_value(BODY)
    expect(page.locator(".shot img")).to_have_count(1)
    page.get_by_label("手机号").fill("13800136021")
    page.get_by_role("button", name="提交", exact=True).tap()
    expect(page.get_by_text("轮到我们")).to_be_visible()
    assert Attachment.objects.get().ticket == Ticket.objects.get()
    # Sent is sent: the next form is empty.
    page.goto(f"{live_server.url}/f/yunhe/")
    expect(page.get_by_label("说一句话就行")).to_have_value("")


def test_a_file_that_is_no_picture_is_told_and_can_be_left_out(
    phone: BrowserContext, live_server, tmp_path: Path
) -> None:
    (tmp_path / "x.jpg").write_bytes(b"<html>no picture</html>")
    page = phone.new_page()
    page.goto(f"{live_server.url}/f/yunhe/")
    page.locator("input[type=file]").set_input_files(tmp_path / "x.jpg")
    expect(page.get_by_text("“x.jpg”打不开。", exact=False)).to_be_visible()
    page.get_by_label("说一句话就行").fill(BODY)
    page.get_by_label("手机号").fill("13800136021")
    page.get_by_role("button", name="提交", exact=True).tap()
    expect(page.get_by_text("有 1 个文件不能用，已经标出。再点一次，就不带它们提交。")).to_be_visible()
    page.get_by_role("button", name="提交", exact=True).tap()
    expect(page.get_by_text("轮到我们")).to_be_visible()


def test_wrong_input_is_told_beside_its_field(phone: BrowserContext, live_server) -> None:
    page = phone.new_page()
    page.goto(f"{live_server.url}/f/yunhe/")
    page.get_by_role("button", name="提交", exact=True).tap()
    expect(page.get_by_text("请用一句话说说遇到了什么问题。")).to_be_visible()
    page.get_by_label("说一句话就行").fill(BODY)
    page.get_by_label("手机号").fill("138 0013 602")
    page.get_by_role("button", name="提交", exact=True).tap()
    expect(page.locator(".field--wrong")).to_have_count(1)
    expect(page.get_by_label("手机号")).to_be_focused()
    page.get_by_role("button", name="改用邮箱").tap()
    page.get_by_label("邮箱").fill("mei@example.com")
    page.get_by_role("button", name="提交", exact=True).tap()
    expect(page.get_by_text("进展发到 m***@example.com")).to_be_visible()


def test_everything_works_without_scripts(browser: Browser, live_server, tmp_path: Path) -> None:
    context = browser.new_context(**PHONE, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{live_server.url}/f/yunhe/")
    page.get_by_label("说一句话就行").fill(BODY)
    page.locator("input[type=file]").set_input_files(photo(tmp_path / "a.jpg", size=(800, 600)))
    page.get_by_role("button", name="提交", exact=True).click()
    expect(page.get_by_text("请留手机号或邮箱，不然我们回复不到您。")).to_be_visible()
    page.get_by_label("手机号").fill("13800136021")
    page.get_by_role("button", name="提交", exact=True).click()
    expect(page.get_by_text("轮到我们")).to_be_visible()
    page.get_by_label("给我们留言").fill("底座也湿了")
    page.get_by_role("button", name="发送").click()
    expect(page.locator(".bubble", has_text="底座也湿了")).to_be_visible()
    ticket = Ticket.objects.get()
    assert Attachment.objects.get().ticket == ticket
    actions.resolve(ticket, "可以退，运费我们出。", actor=make_user(name="周宁"))
    page.reload()
    page.get_by_role("button", name="解决了").first.click()
    expect(page.get_by_text("您确认已解决").first).to_be_visible()
    context.close()


def test_an_answer_appears_by_itself_while_the_customer_goes_on_typing(phone: BrowserContext, live_server) -> None:
    Route.objects.create(team=make_team("售后一组"))
    ticket = actions.open_ticket(actions.Filing(body=BODY, phone="+8613800136021"))
    agent = make_user(name="周宁")
    page = phone.new_page()
    page.goto(live_server.url + path_of(ticket.links.get()))
    page.evaluate("window.stayed = true")
    page.get_by_label("给我们留言").fill("我还想问")
    actions.reply(ticket, "照片看清了，明天 12:00 前告诉您怎么退。", actor=agent)
    expect(page.get_by_text("明天 12:00 前告诉您怎么退。")).to_be_visible(timeout=7_000)
    expect(page.get_by_text("周宁正在处理")).to_be_visible()
    expect(page.get_by_label("给我们留言")).to_have_value("我还想问")
    page.get_by_role("button", name="发送").tap()
    expect(page.locator(".msg--mine .bubble", has_text="我还想问")).to_be_visible()
    expect(page.get_by_label("给我们留言")).to_have_value("")
    actions.resolve(ticket, "可以退，运费我们出。", actor=agent)
    expect(page.get_by_text("这件事解决了吗？")).to_be_visible(timeout=7_000)
    assert page.evaluate("window.stayed") is True
    page.get_by_role("button", name="解决了").first.tap()
    expect(page.get_by_text("这次处理得怎么样？")).to_be_visible()
    page.get_by_role("button", name="满意", exact=False).last.tap()
    expect(page.get_by_text("您打了 5 分（满分 5 分），可以改")).to_be_visible()


def test_not_solved_is_said_in_the_message_box(phone: BrowserContext, live_server) -> None:
    ticket = actions.open_ticket(actions.Filing(body=BODY, phone="+8613800136021"))
    actions.resolve(ticket, "可以退，运费我们出。", actor=make_user(name="周宁"))
    page = phone.new_page()
    page.goto(live_server.url + path_of(ticket.links.get()))
    page.get_by_role("link", name="还没有").tap()
    expect(page.get_by_label("给我们留言")).to_be_focused()
    page.keyboard.insert_text("退款没到账")
    page.get_by_role("button", name="还没有").tap()
    expect(page.locator(".msg--mine .bubble", has_text="退款没到账")).to_be_visible()
    expect(page.get_by_text("周宁正在处理")).to_be_visible()
    ticket.refresh_from_db()
    assert ticket.reopen_count == 1


def test_a_hidden_page_asks_nothing(phone: BrowserContext, live_server) -> None:
    ticket = actions.open_ticket(actions.Filing(body=BODY, phone="+8613800136021"))
    page = phone.new_page()
    page.goto(live_server.url + path_of(ticket.links.get()))
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/fresh/" in request.url else None)
    page.evaluate(
        "Object.defineProperty(document, 'hidden', {value: true, configurable: true});"
        "document.dispatchEvent(new Event('visibilitychange'))"
    )
    page.wait_for_timeout(5_000)
    assert asked == []
    page.evaluate("delete document.hidden; document.dispatchEvent(new Event('visibilitychange'))")
    page.wait_for_timeout(1_000)
    assert len(asked) == 1
