"""The complaint form: what it asks, what it keeps, what it refuses and with which sentence."""

from __future__ import annotations

import gzip
import re
from datetime import timedelta
from pathlib import Path
from threading import Barrier, Thread
from urllib.parse import quote

import pillow_heif
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import PrivacyNotice
from tests.factories import NOW, make_merchant, make_order, make_user
from tests.tickets.customer.conftest import BODY, PHONE, file_with, key_of, picture
from tickets import entry, limits
from tickets.models import Attachment, Ticket
from tickets.once import new_form_key

STATIC = Path(__file__).resolve().parents[3] / "static"


def test_the_first_page_says_what_we_promise_and_offers_two_ways(client: Client) -> None:
    page = client.get("/").content.decode()
    assert "事事有回音" in page
    assert "到点没做到，系统先向客户说明，再一级级找到负责的人，查清原因，改了才算完。" in page
    assert 'href="/file/"' in page
    assert 'href="/find/"' in page
    assert "400-800-1234" in page


def test_staff_go_from_the_first_page_to_their_queue(client: Client) -> None:
    client.force_login(make_user())
    assert client.get("/")["Location"] == "/queue/"


def test_one_sentence_and_a_phone_number_are_enough(client: Client) -> None:
    response = file_with(client)
    ticket = Ticket.objects.select_related("customer").get()
    assert response.status_code == 302
    assert re.fullmatch(r"/c/\w{13}/", response["Location"])
    assert ticket.messages.get().body == BODY
    assert ticket.customer.phone == "+8613800136021"
    assert ticket.channel == "form"
    assert ticket.notice_version == 1
    assert client.get(response["Location"]).status_code == 200


def test_an_e_mail_address_does_as_well(client: Client) -> None:
    file_with(client, contact="Mei@Example.com")
    assert Ticket.objects.get().customer.email == "mei@example.com"


def test_without_anything_each_field_says_what_is_missing_and_nothing_is_opened(client: Client) -> None:
    response = file_with(client, body="", contact="")
    page = response.content.decode()
    assert response.status_code == 422
    assert "请用一句话说说遇到了什么问题。" in page
    assert "请留手机号或邮箱，不然我们回复不到您。" in page
    assert not Ticket.objects.exists()


def test_a_short_number_is_told_and_the_text_stays(client: Client) -> None:
    response = file_with(client, contact="138 0013 602")
    page = response.content.decode()
    assert response.status_code == 422
    assert BODY in page
    assert "138 0013 602" in page
    assert not Ticket.objects.exists()


def test_an_over_long_text_is_refused_whole_and_stays_in_the_form(client: Client) -> None:
    long = "漏" * 20_001
    response = file_with(client, body=long)
    page = response.content.decode()
    assert response.status_code == 422
    assert "这段文字有 20,001 个字，最多 20,000 个，请删短一些。" in page
    assert long in page
    assert not Ticket.objects.exists()


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("壶底漏水😡，想退。", "壶底漏水😡，想退。"),
        ("<b>漏水</b><script>alert(1)</script>", "<b>漏水</b><script>alert(1)</script>"),
        ("漏\x00水", "漏水"),
        ("漏水\r\n想退", "漏水\n想退"),
    ],
)
def test_strange_text_is_kept_and_shown_as_text(client: Client, typed: str, kept: str) -> None:
    response = file_with(client, body=typed)
    assert Ticket.objects.get().messages.get().body == kept
    page = client.get(response["Location"]).content.decode()
    assert "<b>漏水" not in page
    assert "<script>alert" not in page


def test_bytes_of_another_encoding_are_told(client: Client) -> None:
    fields = (
        f"key={quote(key_of(client))}&contact=13800136021&website=&notice=1&body={quote('水壶漏水'.encode('gb18030'))}"
    )
    response = client.post("/file/", fields, content_type="application/x-www-form-urlencoded")
    assert response.status_code == 422
    assert "有些字没传清楚（显示成“�”），请重新输入。" in response.content.decode()
    assert not Ticket.objects.exists()


@pytest.mark.parametrize("key", ["", "1", "a" * 32, "a" * 32 + ":" + "b" * 43, "中文", "\x00"])
def test_a_forged_key_opens_nothing_and_keeps_the_text(client: Client, key: str) -> None:
    response = file_with(client, key=key)
    page = response.content.decode()
    assert response.status_code == 422
    assert "这一页过期了，请刷新；您写的内容还在。" in page
    assert BODY in page
    assert not Ticket.objects.exists()


def test_a_double_click_is_one_case_and_one_page(client: Client) -> None:
    key = key_of(client)
    first, second = file_with(client, key=key), file_with(client, key=key)
    assert Ticket.objects.count() == 1
    assert first["Location"] == second["Location"]


def test_the_same_page_with_another_phone_is_a_new_case(client: Client) -> None:
    key = key_of(client)
    file_with(client, key=key)
    file_with(client, key=key, contact="139 0013 6021")
    assert sorted(Ticket.objects.values_list("customer__phone", flat=True)) == ["+8613800136021", "+8613900136021"]


@pytest.mark.django_db(transaction=True)
def test_two_that_arrive_together_are_one_case() -> None:
    key, start, answers = new_form_key(), Barrier(2), []

    def send() -> None:
        start.wait()
        try:
            answers.append(file_with(Client(), key=key)["Location"])
        finally:
            connection.close()

    threads = [Thread(target=send) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Ticket.objects.count() == 1
    assert len(answers) == 2
    assert len(set(answers)) == 1


def test_a_script_gets_the_address_or_the_sentences(client: Client) -> None:
    script = {"X-Requested-With": "XMLHttpRequest"}
    key = key_of(client)
    wrong = client.post("/file/", {"key": key, "body": "", "contact": "12"}, headers=script)
    assert wrong.status_code == 422
    assert wrong.json()["errors"]["body"] == ["请用一句话说说遇到了什么问题。"]
    right = client.post("/file/", {"key": key, "body": BODY, "contact": PHONE, "website": ""}, headers=script)
    assert right.status_code == 201
    assert re.fullmatch(r"/c/\w{13}/", right.json()["location"])


def test_the_honeypot_marks_the_case_and_never_drops_it(client: Client) -> None:
    response = file_with(client, website="https://buy.example")
    assert response.status_code == 302
    assert Ticket.objects.get().tags == ["honeypot"]


def test_a_contact_is_limited_before_an_address_is(client: Client) -> None:
    for number in range(limits.FILE_BY_CONTACT.most):
        assert file_with(client, body=f"第 {number} 次漏水").status_code == 302
    refused = file_with(client, body="再来一次")
    page = refused.content.decode()
    assert refused.status_code == 429
    assert "这个联系方式一小时内已经提交了好几件。" in page
    assert "着急就打电话：400-800-1234。您写的内容还在。" in page
    assert "再来一次" in page
    assert int(refused["Retry-After"]) <= 3600
    assert file_with(client, contact="139 0013 6021").status_code == 302


def test_a_repeat_is_answered_even_when_the_limit_is_reached(client: Client) -> None:
    key = key_of(client)
    first = file_with(client, key=key)
    for number in range(limits.FILE_BY_CONTACT.most - 1):
        file_with(client, body=f"第 {number} 次漏水")
    assert file_with(client, body="多一次").status_code == 429
    assert file_with(client, key=key)["Location"] == first["Location"]


# --- shops and entry links -------------------------------------------------------------------------------------------


def test_the_only_shop_is_not_asked_for(client: Client) -> None:
    shop = make_merchant()
    assert 'name="shop"' not in client.get("/file/").content.decode()
    file_with(client)
    assert Ticket.objects.get().merchant == shop


def test_with_several_shops_one_may_be_chosen_but_need_not(client: Client) -> None:
    chosen, _other = make_merchant("云禾电器"), make_merchant("晨光文具")
    assert "云禾电器" in client.get("/file/").content.decode()
    file_with(client, shop=chosen.slug)
    file_with(client, body="另一件事")
    assert list(Ticket.objects.order_by("id").values_list("merchant", flat=True)) == [chosen.pk, None]
    assert file_with(client, shop="no-such-shop").status_code == 422


def test_an_entry_link_fills_in_shop_and_article_and_shows_no_more(client: Client) -> None:
    shop = make_merchant("云禾电器", slug="yunhe")
    make_merchant()
    line = make_order(shop).lines.get()
    path = f"/f/yunhe/?o={entry.token_for(shop, line)}"
    page = client.get(path).content.decode()
    assert "1.7 升电热水壶" in page
    assert "199" not in page
    assert 'name="shop"' not in page
    assert 'name="order_number"' not in page
    file_with(client, path)
    ticket = Ticket.objects.get()
    assert (ticket.merchant, ticket.order_line, ticket.order_number) == (shop, line, "")


def test_a_wrong_foreign_or_expired_token_opens_the_form_without_the_article(client: Client, time_machine) -> None:
    shop, other = make_merchant(slug="yunhe"), make_merchant()
    line = make_order(other).lines.get()
    own = make_order(shop).lines.get()
    good = entry.token_for(shop, own)
    for token in ("x", good[:-1], entry.token_for(other, line), "a:b:c", "%00", "x" * 5000):
        page = client.get("/f/yunhe/", {"o": token})
        assert page.status_code == 200
        assert "这个链接带不出您买的东西了。" in page.content.decode()
        assert "1.7 升电热水壶" not in page.content.decode()
    time_machine.move_to(timezone.now() + entry.KEPT + timedelta(days=1))
    assert entry.line_behind(good, shop) is None


def test_an_unknown_shop_looks_missing(client: Client) -> None:
    make_merchant(slug="closed", is_active=False)
    assert client.get("/f/closed/").status_code == 404
    assert client.get("/f/nobody/").status_code == 404


def test_an_order_number_ties_the_case_to_its_only_article_but_shows_the_guest_only_the_number(client: Client) -> None:
    shop = make_merchant()
    order = make_order(shop, external_id="2603000077")
    response = file_with(client, order_number="2603000077")
    ticket = Ticket.objects.get()
    page = client.get(response["Location"]).content.decode()
    assert ticket.order_line == order.lines.get()
    assert "订单 2603000077" in page
    assert "1.7 升电热水壶" not in page


def test_a_signed_in_customer_files_under_their_own_name(client: Client) -> None:
    customer = make_user("customer", phone="+8613800136021")
    client.force_login(customer)
    assert 'value="138 0013 6021"' in client.get("/file/").content.decode()
    response = file_with(client)
    ticket = Ticket.objects.get()
    assert ticket.requester == customer
    assert response["Location"] == f"/my/{ticket.number}/"


def test_the_case_keeps_the_version_of_the_notice_that_was_on_the_page(client: Client) -> None:
    key = key_of(client)
    PrivacyNotice.objects.create(version=2, text_zh="新", text_en="new", published_at=NOW)
    file_with(client, key=key, notice="1")
    file_with(client, notice="77", body="另一件事")
    assert list(Ticket.objects.order_by("id").values_list("notice_version", flat=True)) == [1, 2]
    assert "第 2 版" in client.get("/notice/", follow=True).content.decode()


# --- files -----------------------------------------------------------------------------------------------------------


def _sent(content: bytes, name: str = "photo.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, "image/jpeg")


def test_files_go_with_the_form_where_there_are_no_scripts(client: Client) -> None:
    file_with(client, files=[_sent(picture()), _sent(picture(colour="red"), "b.heic")])
    message = Ticket.objects.get().messages.get()
    assert [file.media_type for file in message.attachments.order_by("id")] == ["image/jpeg", "image/jpeg"]


@pytest.mark.parametrize(
    ("content", "name", "sentence"),
    [
        (b"", "leer.jpg", "“leer.jpg”是空文件，请重新选一次。"),
        (b"GIF89a not a picture", "x.gif", "“x.gif”看着是图片，但打不开。请重拍一张，或者换一张。"),
        (b"<html><script>alert(1)</script>", "x.jpg", "“x.jpg”打不开。"),
        (b"\xff\xd8\xff" + b"0" * (21 * 1024 * 1024), "big.jpg", "“big.jpg”超过 20 MB。请发小一点的，或者拍张照片。"),
    ],
)
def test_a_bad_file_is_told_while_the_text_and_the_good_ones_stay(
    client: Client, content: bytes, name: str, sentence: str
) -> None:
    key = key_of(client)
    response = file_with(client, key=key, files=[_sent(picture()), _sent(content, name)])
    page = response.content.decode()
    assert response.status_code == 422
    assert sentence in page
    assert BODY in page
    assert "photo.jpg" in page
    assert not Ticket.objects.exists()
    assert file_with(client, key=key).status_code == 302
    assert Attachment.objects.get().message == Ticket.objects.get().messages.get()


def test_photos_are_sent_one_by_one_and_a_repeat_is_the_same_photo(client: Client) -> None:
    key = key_of(client)
    first = client.post("/upload/", {"key": key, "file": _sent(picture())})
    again = client.post("/upload/", {"key": key, "file": _sent(picture())})
    assert first.status_code == again.status_code == 201
    assert first.json()["id"] == again.json()["id"]
    shown = client.get(first.json()["preview"])
    assert shown["Content-Type"] == "image/jpeg"
    assert shown["Content-Security-Policy"] == "sandbox; default-src 'none'"
    file_with(client, key=key)
    assert Attachment.objects.get().ticket == Ticket.objects.get()
    assert client.get(first.json()["preview"]).status_code == 404


def test_a_heic_photo_becomes_a_picture_that_everybody_can_open(client: Client) -> None:
    pillow_heif.register_heif_opener()
    sent = SimpleUploadedFile("IMG_0042.HEIC", picture("HEIF"), "application/octet-stream")
    answer = client.post("/upload/", {"key": key_of(client), "file": sent})
    assert answer.json()["name"] == "IMG_0042.jpg"
    assert Attachment.objects.get().media_type == "image/jpeg"


def test_an_upload_needs_a_key_of_ours_and_a_file(client: Client) -> None:
    key = key_of(client)
    forged = client.post("/upload/", {"key": "a" * 32, "file": _sent(picture())})
    assert (forged.status_code, forged.json()["message"]) == (422, "这一页过期了，请刷新；您写的内容还在。")
    assert client.post("/upload/", {"key": key}).json()["message"] == "没收到文件，请重新选一次。"
    page = client.post("/upload/", {"key": key, "file": _sent(b"<svg/>", "x.svg")})
    assert page.status_code == 422
    assert not Attachment.objects.exists()


def test_nobody_throws_away_or_sees_what_lies_under_another_key(client: Client) -> None:
    mine, theirs = key_of(client), key_of(client)
    number = client.post("/upload/", {"key": theirs, "file": _sent(picture())}).json()["id"]
    client.post("/upload/discard/", {"key": mine, "id": number})
    assert Attachment.objects.count() == 1
    assert client.get(f"/upload/{mine}/{number}/").status_code == 404
    assert client.get(f"/upload/nonsense/{number}/").status_code == 404
    client.post("/upload/discard/", {"key": theirs, "id": number})
    assert not Attachment.objects.exists()


def test_the_tenth_file_is_told_apart(client: Client) -> None:
    key = key_of(client)
    for shade in range(9):
        sent = _sent(picture(size=(40, 40 + shade)))
        assert client.post("/upload/", {"key": key, "file": sent}).status_code == 201
    refused = client.post("/upload/", {"key": key, "file": _sent(picture())})
    assert (refused.status_code, refused.json()["message"]) == (422, "一次最多发 9 个文件。")


# --- weight and queries ----------------------------------------------------------------------------------------------


def test_the_form_with_everything_it_loads_weighs_less_than_100_kb(client: Client) -> None:
    make_merchant()
    page = client.get("/file/").content
    loaded = {
        path.split("#")[0] for path in re.findall(rb'(?:src|href)="/static/([^"]+)"', page) for path in [path.decode()]
    }
    assert {"css/tokens.css", "js/file.js", "js/photos.js", "icons.svg"} <= loaded
    # The pages themselves are not compressed, the static files are (whitenoise).
    sizes = {path: len(gzip.compress((STATIC / path).read_bytes(), 9)) for path in loaded}
    assert not any("vendor" in path for path in loaded)
    assert len(page) + sum(sizes.values()) < 100_000 * 0.6, sizes


def test_the_form_asks_the_database_at_most_eight_times(client: Client) -> None:
    shop = make_merchant(slug="yunhe")
    token = entry.token_for(shop, make_order(shop).lines.get())
    client.get("/f/yunhe/")
    with CaptureQueriesContext(connection) as asked:
        client.get("/f/yunhe/", {"o": token})
    assert len(asked) <= 8, [query["sql"] for query in asked]
