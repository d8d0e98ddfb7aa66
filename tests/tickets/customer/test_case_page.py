"""The case as its customer sees it, and each step they can take there."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.factories import make_customer, make_merchant, make_order, make_team, make_user
from tests.tickets.customer.conftest import BODY, picture
from tickets import actions, files
from tickets.links import path_of
from tickets.models import Attachment, CaseLink, Message, Route, Status, Ticket

SCRIPT = {"X-Requested-With": "XMLHttpRequest"}


def a_case(**fields: object) -> Ticket:
    return actions.open_ticket(actions.Filing(**{"body": BODY, "phone": "+8613800136021", **fields}))


def link_of(ticket: Ticket) -> str:
    return path_of(ticket.links.latest("id"))


def key_on(client: Client, path: str) -> str:
    found = re.search(r'id="write".*?name="key" value="([^"]+)"', client.get(path).content.decode(), re.S)
    assert found
    return found[1]


def write(client: Client, path: str, body: str, step: str = "write", **fields: object):
    fields.setdefault("key", key_on(client, path))
    return client.post(f"{path}{step}/", {"body": body, **fields})


def a_result(ticket: Ticket, text: str = "可以退，运费我们出。") -> None:
    actions.resolve(ticket, text, actor=make_user(name="周宁"))


# --- who gets in -----------------------------------------------------------------------------------------------------


def test_a_guessed_expired_or_revoked_link_looks_missing(client: Client) -> None:
    ticket = a_case()
    path = link_of(ticket)
    assert client.get(path).status_code == 200
    guesses = ["/c/2222222222222/", "/c/x/", path[:-2] + "x/", "/c/%00/", f"/c/{ticket.number}/"]
    pages = [client.get(guess) for guess in guesses]
    assert [page.status_code for page in pages] == [404] * 5
    CaseLink.objects.update(revoked_at=timezone.now())
    for rest in ("", "fresh/", "withdraw/", "review/"):
        assert client.get(path + rest).status_code == 404
    CaseLink.objects.update(revoked_at=None, created_at=timezone.now() - timedelta(days=400), expires_at=timezone.now())
    assert client.get(path).status_code == 404
    assert client.post(path + "withdraw/").status_code == 404
    assert Ticket.objects.get().status == Status.NEW


def test_one_s_own_case_by_its_number_and_another_s_looks_missing(client: Client) -> None:
    mine, theirs = make_user("customer"), make_user("customer")
    own, other = a_case(requester=mine), a_case(requester=theirs)
    client.force_login(mine)
    assert client.get(f"/my/{own.number}/").status_code == 200
    for number in (other.number, "HY000000000", "x", "%00", "1' or 1=1"):
        assert client.get(f"/my/{number}/").status_code == 404
    assert client.post(f"/my/{other.number}/withdraw/").status_code == 404
    listed = client.get("/my/").content.decode()
    assert f"/my/{own.number}/" in listed
    assert other.number not in listed


def test_who_is_not_signed_in_is_asked_to(client: Client) -> None:
    number = a_case(requester=make_user("customer")).number
    for path in ("/my/", f"/my/{number}/"):
        response = client.get(path)
        assert response.status_code == 302
        assert response["Location"].endswith(f"?next={path}")


def test_notes_and_their_files_stay_inside(client: Client) -> None:
    ticket, agent = a_case(), make_user()
    key = actions.new_upload_key()
    actions.keep_upload(key, files.check("inside.jpg", picture()))
    actions.note(ticket, "这个客户很急", actor=agent, uploads=key)
    path, hidden = link_of(ticket), Attachment.objects.get()
    assert "这个客户很急" not in client.get(path).content.decode()
    assert client.get(f"{path}files/{hidden.pk}/").status_code == 404
    assert client.get(f"{path}previews/{hidden.pk}/").status_code == 404


def test_files_leave_as_downloads_and_pictures_as_our_own_small_ones(client: Client) -> None:
    key = actions.new_upload_key()
    actions.keep_upload(key, files.check("壶底.jpg", picture()))
    path, photo = link_of(a_case(uploads=key)), Attachment.objects.get()
    original, small = client.get(f"{path}files/{photo.pk}/"), client.get(f"{path}previews/{photo.pk}/")
    assert original["Content-Disposition"].startswith("attachment;")
    assert small["Content-Type"] == "image/jpeg"
    for response in (original, small):
        assert response["Content-Security-Policy"] == "sandbox; default-src 'none'"
        assert response["X-Content-Type-Options"] == "nosniff"
    other = link_of(a_case(body="另一件事"))
    assert client.get(f"{other}files/{photo.pk}/").status_code == 404


def test_staff_fetch_files_of_the_cases_they_may_see(client: Client) -> None:
    shop, other = make_merchant(), make_merchant()
    key = actions.new_upload_key()
    actions.keep_upload(key, files.check("x.jpg", picture()))
    a_case(uploads=key, merchant=shop)
    photo = Attachment.objects.get()
    assert client.get(f"/files/{photo.pk}/").status_code == 302
    for merchants, status in (([], 200), ([shop], 200), ([other], 404)):
        client.force_login(make_user(merchants=merchants))
        assert client.get(f"/files/{photo.pk}/").status_code == status
        assert client.get(f"/files/{photo.pk}/preview/").status_code == status


# --- what it shows ---------------------------------------------------------------------------------------------------


def test_it_shows_number_turn_conversation_and_what_happened(client: Client) -> None:
    team = make_team("售后一组")
    Route.objects.create(team=team)
    ticket, agent = a_case(), make_user(name="周宁", team=team)
    path = link_of(ticket)
    page = client.get(path).content.decode()
    head, digits = ticket.number[:2], ticket.number[2:]
    assert f"编号 {head} {digits[:4]} {digits[4:8]} {digits[8:]}" in page
    assert "售后一组，还没有同事接手" in page
    assert "收到了。进展发到 138****6021，也更新在这里。" in page
    assert "13800136021" not in page
    actions.reply(ticket, "照片看清了，明天 12:00 前告诉您怎么退。", actor=agent)
    page = client.get(path).content.decode()
    assert "周宁正在处理" in page
    assert "明天 12:00 前告诉您怎么退。" in page
    assert "<b>首次回复</b>，周宁" in page
    actions.wait(ticket, actor=agent, reason="customer_facts")
    assert "轮到您" in client.get(path).content.decode()


def test_it_speaks_english_to_who_reads_english(client: Client) -> None:
    client.cookies["huiyin_language"] = "en"
    page = client.get(link_of(a_case())).content.decode()
    assert "Our turn" in page
    assert 'lang="en"' in page


def test_on_a_marketplace_the_shop_speaks(client: Client) -> None:
    from accounts.models import Organisation

    Organisation.objects.update(mode="marketplace")
    Organisation.forget()
    page = client.get(link_of(a_case(merchant=make_merchant("云禾旗舰店", hotline="021-555")))).content.decode()
    assert "</svg>云禾旗舰店</a>" in page
    assert "tel:021-555" in page


def test_an_open_page_asks_once_and_gets_304_until_something_happens(client: Client) -> None:
    ticket = a_case()
    path = link_of(ticket)
    fresh = client.get(f"{path}fresh/")
    etag = fresh["ETag"]
    assert [
        part in fresh.content.decode()
        for part in ('id="case-top"', 'id="case-talk"', 'id="case-send"', 'id="case-side"')
    ] == [True] * 4
    with CaptureQueriesContext(connection) as asked:
        assert client.get(f"{path}fresh/", headers={"If-None-Match": etag}).status_code == 304
    assert len(asked) == 1
    actions.reply(ticket, "明天 12:00 前答复。", actor=make_user())
    news = client.get(f"{path}fresh/", headers={"If-None-Match": etag})
    assert news.status_code == 200
    assert "明天 12:00 前答复。" in news.content.decode()


def test_the_page_asks_the_database_at_most_twelve_times(client: Client) -> None:
    shop = make_merchant()
    team = make_team()
    key = actions.new_upload_key()
    for colour in ("red", "blue"):
        actions.keep_upload(key, files.check("x.jpg", picture(colour=colour)))
    ticket = a_case(merchant=shop, order_line=make_order(shop).lines.get(), uploads=key)
    for number in range(5):
        actions.reply(ticket, f"第 {number} 次回复", actor=make_user(team=team))
        actions.write(ticket, f"第 {number} 次追问")
    path = link_of(ticket)
    client.get(path)
    with CaptureQueriesContext(connection) as asked:
        client.get(path)
    assert len(asked) <= 12, [query["sql"][:120] for query in asked]


# --- what they do ----------------------------------------------------------------------------------------------------


def test_writing_adds_a_message_and_a_double_click_only_one(client: Client) -> None:
    ticket = a_case()
    path = link_of(ticket)
    key = key_on(client, path)
    for _ in range(2):
        assert write(client, path, "补充：底座也湿了", key=key)["Location"] == f"{path}#write"
    assert list(ticket.messages.order_by("id").values_list("body", flat=True)) == [BODY, "补充：底座也湿了"]


def test_a_refused_text_stays_on_the_page(client: Client) -> None:
    path = link_of(a_case())
    long = "水" * 20_001
    response = write(client, path, long)
    assert response.status_code == 422
    assert long in response.content.decode()
    assert "最多 20,000 个" in response.content.decode()
    empty = write(client, path, "  ")
    assert (empty.status_code, "请先写点内容。" in empty.content.decode()) == (422, True)
    assert Message.objects.count() == 1


def test_a_script_gets_a_new_key_or_the_sentence(client: Client) -> None:
    path = link_of(a_case())
    said = client.post(f"{path}write/", {"body": "还在漏", "key": key_on(client, path)}, headers=SCRIPT)
    assert said.json()["moved"] is False
    assert said.json()["key"] != ""
    forged = client.post(f"{path}write/", {"body": "还在漏", "key": "x"}, headers=SCRIPT)
    assert (forged.status_code, forged.json()["message"]) == (422, "这一页过期了，请刷新；您写的内容还在。")


def test_files_alone_are_a_message(client: Client) -> None:
    ticket = a_case()
    photo = SimpleUploadedFile("a.jpg", picture(), "image/jpeg")
    write(client, link_of(ticket), "", files=[photo])
    assert ticket.messages.latest("id").body == "（只发了文件）"
    assert ticket.messages.latest("id").attachments.count() == 1


def test_an_answer_sets_a_waiting_case_going(client: Client) -> None:
    ticket, agent = a_case(), make_user()
    actions.reply(ticket, "请问订单号？", actor=agent)
    actions.wait(ticket, actor=agent, reason="customer_facts")
    write(client, link_of(ticket), "2603000077")
    ticket.refresh_from_db()
    assert ticket.status == Status.OPEN


def test_a_result_is_shown_and_solved_closes_with_what_was_typed(client: Client) -> None:
    ticket = a_case()
    a_result(ticket)
    path = link_of(ticket)
    page = client.get(path).content.decode()
    assert "这件事解决了吗？" in page
    assert "可以退，运费我们出。" in page
    write(client, path, "收到退款了，谢谢", "confirm")
    ticket.refresh_from_db()
    assert (ticket.status, ticket.close_reason) == (Status.CLOSED, "confirmed")
    assert ticket.messages.latest("id").body == "收到退款了，谢谢"
    assert write(client, path, "", "confirm").status_code == 302


def test_not_solved_opens_it_again_with_what_is_still_wrong(client: Client) -> None:
    ticket = a_case()
    a_result(ticket)
    write(client, link_of(ticket), "退款没到账", "decline")
    ticket.refresh_from_db()
    assert (ticket.status, ticket.reopen_count) == (Status.OPEN, 1)
    assert ticket.messages.latest("id").body == "退款没到账"


def test_confirming_without_a_result_is_refused_and_the_text_stays(client: Client) -> None:
    ticket = a_case()
    response = write(client, link_of(ticket), "行吧", "confirm")
    assert response.status_code == 409
    assert "还没有处理结果，等有了结果再确认。" in response.content.decode()
    assert "行吧" in response.content.decode()
    assert ticket.messages.count() == 1


def test_a_closed_case_opens_by_writing_and_an_old_one_is_followed_by_another(client: Client) -> None:
    ticket = a_case()
    a_result(ticket)
    actions.confirm(ticket)
    path = link_of(ticket)
    assert "发送并重新打开" in client.get(path).content.decode()
    write(client, path, "又漏了")
    ticket.refresh_from_db()
    assert ticket.status == Status.OPEN
    actions.withdraw(ticket)
    Ticket.objects.update(closed_at=timezone.now() - timedelta(days=31))
    assert "会接着这件事开一件新的" in client.get(path).content.decode()
    response = write(client, path, "还是漏")
    new = Ticket.objects.latest("id")
    assert new.follows == ticket
    assert response["Location"] == f"{link_of(new)}#write"


def test_rating_comes_after_the_end_and_may_change(client: Client) -> None:
    ticket = a_case()
    path = link_of(ticket)
    assert client.post(f"{path}rate/", {"rating": "5"}).status_code == 409
    a_result(ticket)
    actions.confirm(ticket)
    for rating in ("4", "2"):
        assert client.post(f"{path}rate/", {"rating": rating}).status_code == 302
    ticket.refresh_from_db()
    assert ticket.rating == 2
    for wrong in ("0", "6", "x", ""):
        assert client.post(f"{path}rate/", {"rating": wrong}).status_code == 422
    ticket.refresh_from_db()
    assert ticket.rating == 2


def test_withdrawing_asks_first_and_twice_is_once(client: Client) -> None:
    ticket = a_case()
    path = link_of(ticket)
    assert "撤回后我们停止处理" in client.get(f"{path}withdraw/").content.decode()
    assert Ticket.objects.get().status == Status.NEW
    for _ in range(2):
        assert client.post(f"{path}withdraw/")["Location"] == path
    ticket.refresh_from_db()
    assert (ticket.status, ticket.close_reason) == (Status.CLOSED, "withdrawn")
    assert ticket.messages.filter(template="ticket.withdrawn").count() == 1
    assert "您撤回了这件投诉。" in client.get(path).content.decode()


def test_asking_another_person_hands_it_to_the_lead_once(client: Client) -> None:
    lead = make_user("lead", name="王敏")
    Route.objects.create(team=make_team(lead=lead))
    ticket = a_case()
    a_result(ticket)
    path = f"{link_of(ticket)}review/"
    key = re.search(r'name="key" value="([^"]+)"', client.get(path).content.decode())[1]
    for _ in range(2):
        client.post(path, {"key": key, "body": "没看我的照片"})
    ticket.refresh_from_db()
    assert (ticket.status, ticket.assignee) == (Status.OPEN, lead)
    assert ticket.events.filter(kind="ticket.review_requested").count() == 1
    assert ticket.messages.filter(body="没看我的照片").count() == 1


def test_one_tap_says_what_is_wanted_and_an_order_number_ties_the_case(client: Client) -> None:
    shop = make_merchant()
    order = make_order(shop, external_id="2603000077")
    ticket = a_case(merchant=shop)
    path = link_of(ticket)
    assert "您想怎么解决？" in client.get(path).content.decode()
    client.post(f"{path}tell-more/", {"demand": "refund"})
    client.post(f"{path}tell-more/", {"order_number": "2603000077", "name": "何女士"})
    ticket.refresh_from_db()
    assert (ticket.demand, ticket.order_number, ticket.order_line) == ("refund", "2603000077", order.lines.get())
    assert ticket.customer.name == "何女士"
    told = ticket.events.filter(kind="ticket.described").order_by("id")
    assert [(event.actor_kind, event.data["fields"]) for event in told] == [
        ("customer", ["demand"]),
        ("customer", ["order_number", "name"]),
    ]
    assert "您想怎么解决？" not in client.get(path).content.decode()
    assert client.post(f"{path}tell-more/", {"demand": "a horse"}).status_code == 422


# --- back to it ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("contact", "sent"), [("138 0013 6021", 1), ("139 0013 6021", 0)])
def test_finding_says_the_same_whether_there_is_such_a_case_or_not(client: Client, contact: str, sent: int) -> None:
    ticket = a_case()
    response = client.post("/find/", {"contact": contact, "number": ticket.number})
    assert response.status_code == 200
    assert "如果这个联系方式名下有投诉，链接已经发过去了。为了保护您，这里不说有没有。" in response.content.decode()
    assert CaseLink.objects.count() == 1 + sent


def test_finding_needs_a_contact_and_a_number_of_ours_and_is_limited(client: Client) -> None:
    make_customer()
    assert "请填投诉时留的手机号或邮箱。" in client.post("/find/", {"contact": ""}).content.decode()
    wrong = client.post("/find/", {"contact": "13800136021", "number": "HY123456789"}).content.decode()
    assert "这不是我们的编号：HY 加 9 位数字。不记得可以不填。" in wrong
    for _ in range(3):
        assert client.post("/find/", {"contact": "13800136021"}).status_code == 200
    refused = client.post("/find/", {"contact": "13800136021"})
    assert refused.status_code == 429
    assert "一小时内已经往这个联系方式发过几次链接，请先去那里找找。" in refused.content.decode()


# --- links to the form -----------------------------------------------------------------------------------------------


def test_a_merchant_agent_makes_links_for_their_own_shops_only(client: Client) -> None:
    mine, other = make_merchant("云禾电器", slug="yunhe"), make_merchant(slug="other")
    order = make_order(mine, external_id="2603000077")
    client.force_login(make_user(merchants=[mine]))
    page = client.get("/entry-links/", {"shop": "yunhe", "order_number": "2603000077"}).content.decode()
    address = re.search(r'href="http://127.0.0.1:8000(/f/yunhe/\?o=[^"]+)"', page)[1]
    assert order.lines.get().name in Client().get(address).content.decode()
    svg = re.search(r'src="(/entry-links/yunhe.svg[^"]+)"', page)[1].replace("&amp;", "&")
    assert client.get(svg)["Content-Type"] == "image/svg+xml"
    assert client.get(svg.replace(".svg", ".png")).content.startswith(b"\x89PNG")
    assert client.get("/entry-links/other.svg").status_code == 404
    assert client.get("/entry-links/", {"shop": other.slug}).status_code == 422
    assert (
        "这家店没有这个订单号。" in client.get("/entry-links/", {"shop": "yunhe", "order_number": "1"}).content.decode()
    )


def test_customers_make_no_links(client: Client) -> None:
    client.force_login(make_user("customer"))
    assert client.get("/entry-links/").status_code == 403
