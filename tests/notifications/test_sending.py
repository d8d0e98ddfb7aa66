"""From a verb to a message that left, by real servers."""

from __future__ import annotations

import hashlib
import hmac
import threading
from datetime import timedelta

import pytest
from django.db import connection

from common.models import Outbox, OutboxState
from notifications import actions
from notifications.actions.sending import ATTEMPTS, BACK_OFF, LEASE, claim
from notifications.models import Notice, NotificationEvent, SinkMessage
from tests.factories import NOW, make_customer, make_merchant, make_team, make_user
from tests.factories_tickets import make_route, make_ticket
from tickets import actions as cases
from tickets.links import path_of

pytestmark = pytest.mark.django_db


def rows(**fields):
    return Outbox.objects.filter(**fields).order_by("id")


def mail_ticket(**fields):
    return make_ticket(phone="", email="mei@example.com", **fields)


def test_a_receipt_arrives_by_mail_with_the_link_and_a_fixed_message_id(smtp_sink, settings):
    ticket = mail_ticket(merchant=make_merchant("晨光旗舰店"))
    (row,) = rows()
    assert actions.send_waiting(at=NOW).sent == 1
    (letter,) = smtp_sink.letters
    assert letter["To"] == "mei@example.com"
    assert letter["From"] == "晨光旗舰店 <noreply@localhost>"
    assert letter["Message-ID"] == f"<{row.key}@127.0.0.1>"
    assert letter["Auto-Submitted"] == "auto-generated"
    plain = letter.get_body(("plain",)).get_content()
    html = letter.get_body(("html",)).get_content()
    link = settings.BASE_URL + path_of(ticket.links.get())
    for text in (plain, html):
        assert link in text
        assert "在这里回复" in text
    row.refresh_from_db()
    assert (row.state, row.attempts, row.error) == ("sent", 1, "")
    assert actions.send_waiting(at=NOW + timedelta(days=1)).tried == 0


def test_a_text_message_carries_its_id_and_is_signed(sms):
    ticket = make_ticket(merchant=make_merchant("晨光电器旗舰店", signature="晨光电器"))
    (row,) = rows()
    assert row.channel == "sms"
    assert actions.send_waiting(at=NOW).sent == 1
    (request,) = sms.requests
    body = request["body"]
    assert body["id"] == row.key == request["headers"]["Idempotency-Key"]
    assert body["phone"] == "+8613800136021"
    assert body["text"].startswith("【晨光电器】收到了，编号 HY ")
    assert body["text"].endswith(path_of(ticket.links.get()))
    content = "\n".join([body["timestamp"], body["id"], body["phone"], body["text"]]).encode()
    assert body["signature"] == hmac.new(b"a secret", content, hashlib.sha256).hexdigest()


def test_without_servers_messages_are_kept_in_the_sink_once(settings):
    settings.EMAIL_IS_SINK = True
    ticket = make_ticket()
    assert actions.send_waiting(at=NOW).sent == 1
    (kept,) = SinkMessage.objects.all()
    assert kept.recipient == "+8613800136021"
    assert path_of(ticket.links.get()) in kept.text
    Outbox.objects.update(state=OutboxState.WAITING, sent_at=None)
    assert actions.send_waiting(at=NOW).sent == 1
    assert SinkMessage.objects.count() == 1


def test_the_outbox_holds_ids_and_codes_and_no_words(settings):
    make_ticket()
    (row,) = rows()
    assert "何秀英" not in str(row.payload) and "13800136021" not in str(row.payload)
    assert set(row.payload) == {"ticket", "message", "user", "at", "data"}


def test_what_fails_is_tried_again_after_30_s_2_min_10_min_1_h_and_6_h(sms):
    make_ticket()
    sms.answer = (503, {})
    at = NOW
    waits = [timedelta(seconds=30), timedelta(minutes=2), timedelta(minutes=10), timedelta(hours=1)]
    for wait in [*waits, *[timedelta(hours=6)] * 3]:
        assert actions.send_waiting(at=at).put_off == 1
        (row,) = rows()
        assert (row.state, row.not_before, row.claimed_until) == ("waiting", at + wait, None)
        assert actions.send_waiting(at=at + wait - timedelta(microseconds=1)).tried == 0
        at += wait
    assert actions.send_waiting(at=at).failed == 1
    (row,) = rows()
    assert (row.state, row.attempts) == ("failed", 8)
    assert row.error.startswith("HTTP 503")
    assert len(sms.requests) == ATTEMPTS == len(BACK_OFF) + 1 == 8
    assert {body["id"] for body in sms.bodies} == {row.key}


def test_a_delivery_that_fails_for_good_is_an_event_and_rings_for_whoever_has_the_case(sms):
    agent = make_user()
    ticket = make_ticket()
    cases.take(ticket, actor=agent, at=NOW)
    sms.answer = (400, {"error": "no such number +8613800136021"})
    assert actions.send_waiting(at=NOW).failed == 1
    (event,) = NotificationEvent.objects.all()
    (row,) = rows()
    assert (event.kind, event.ticket_id, event.at) == ("delivery.failed", ticket.pk, NOW)
    assert event.data == {"outbox": row.pk, "channel": "sms", "letter": "receipt", "why": "refused"}
    assert "13800136021" not in row.error
    (notice,) = Notice.objects.all()
    assert (notice.user, notice.letter, notice.ticket) == (agent, "delivery_failed", ticket)


def test_where_nobody_has_the_case_a_failed_delivery_rings_for_the_lead(sms):
    lead = make_user("lead")
    make_route(make_team(lead=lead))
    make_ticket()
    sms.answer = (422, {})
    actions.send_waiting(at=NOW)
    assert list(Notice.objects.values_list("user", flat=True)) == [lead.pk]


def test_a_gateway_that_is_away_puts_off_the_whole_channel_after_one_try(settings):
    settings.SMS_URL, settings.SMS_SECRET = "http://127.0.0.1:1/", "s"
    for _ in range(3):
        make_ticket()
    sent = actions.send_waiting(at=NOW)
    assert (sent.sent, sent.put_off, sent.failed) == (0, 3, 0)
    assert set(rows().values_list("attempts", "not_before")) == {(1, NOW + timedelta(seconds=30))}


def test_a_refused_recipient_fails_at_once_and_a_busy_server_later(smtp_sink):
    mail_ticket()
    smtp_sink.refuse_with = "451 busy"
    assert actions.send_waiting(at=NOW).put_off == 1
    smtp_sink.refuse_with = "550 nobody here"
    assert actions.send_waiting(at=NOW + timedelta(seconds=30)).failed == 1


def test_messages_of_one_case_leave_in_order_and_wait_for_each_other(sms):
    agent = make_user(name="王敏")
    ticket, other = make_ticket(), make_ticket(phone="+8613900139000")
    cases.reply(ticket, "今天 18:00 前给您退款。", actor=agent, at=NOW)
    sms.answer = (503, {})
    assert actions.send_waiting(at=NOW).put_off == 2  # the receipts; the answer waits behind its own
    sms.answer = (200, {})
    sms.requests.clear()
    assert actions.send_waiting(at=NOW + timedelta(seconds=29)).tried == 0
    assert actions.send_waiting(at=NOW + timedelta(seconds=30)).sent == 3
    mine = [body["text"] for body in sms.bodies if body["phone"] == "+8613800136021"]
    assert "收到了" in mine[0] and "王敏" in mine[1]
    assert other.pk


def test_two_claims_never_hold_the_same_row_nor_two_of_one_case():
    tickets = [make_ticket(phone=f"+86138001360{i:02d}") for i in range(10)]
    agent = make_user()
    for ticket in tickets:
        cases.reply(ticket, "明天 12:00 前给您答复。", actor=agent, at=NOW)
    first, second = claim(NOW, 6), claim(NOW, 6)
    assert len(first) == 6 and len(second) == 4
    taken = [row.stream for row in [*first, *second]]
    assert len(set(taken)) == 10
    assert claim(NOW) == []
    again = claim(NOW + LEASE)
    assert {row.pk for row in again} == {row.pk for row in [*first, *second]}
    assert {row.attempts for row in again} == {2}


@pytest.mark.django_db(transaction=True)
def test_four_senders_at_once_send_each_row_once(sms):
    tickets = cases.open_many(
        [cases.Filing(body=f"第 {i} 件", phone=f"+86138001{i:05d}") for i in range(120)] if make_user() else [], at=NOW
    )
    assert len(tickets) == 120

    def run() -> None:
        try:
            actions.send_waiting(at=NOW)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ids = [body["id"] for body in sms.bodies]
    assert len(ids) == len(set(ids)) == 120
    assert rows(state="sent").count() == 120


def test_a_row_whose_senders_die_again_and_again_is_given_up(sms):
    make_ticket()
    Outbox.objects.update(attempts=ATTEMPTS, claimed_until=NOW)
    assert actions.send_waiting(at=NOW).failed == 1
    assert sms.requests == []
    assert NotificationEvent.objects.get().data["why"] == "gave_up"


def test_a_failed_message_is_sent_again_with_its_old_id(sms):
    agent, ticket = make_user(), make_ticket()
    sms.answer = (400, {})
    actions.send_waiting(at=NOW)
    (row,) = rows()
    sms.answer = (200, {})
    actions.retry(row, actor=agent, at=NOW)
    assert actions.send_waiting(at=NOW).sent == 1
    assert [body["id"] for body in sms.bodies] == [row.key] * 2
    assert list(ticket.notification_events.order_by("id").values_list("kind", flat=True)) == [
        "delivery.failed",
        "delivery.retried",
    ]


def test_a_contact_corrected_meanwhile_is_the_one_used(sms):
    ticket = make_ticket()
    ticket.customer.phone = "+8613700137000"
    ticket.customer.save(update_fields=["phone"])
    actions.send_waiting(at=NOW)
    assert sms.bodies[0]["phone"] == "+8613700137000"


def test_a_case_without_its_contact_fails_and_says_so(sms):
    ticket = make_ticket()
    ticket.customer.phone = ""
    ticket.customer.save(update_fields=["phone"])
    assert actions.send_waiting(at=NOW).failed == 1
    assert NotificationEvent.objects.get().data["why"] == "no_contact"


def test_a_landline_gets_mail_and_a_number_alone_without_a_gateway_fails_where_staff_see_it(settings, smtp_sink):
    assert make_ticket(phone="+862161234567", email="a@example.com").pk
    assert rows().get().channel == "mail"
    rows().delete()
    assert not settings.DEMO and not settings.EMAIL_IS_SINK and settings.SMS_URL == ""
    make_ticket(phone="+8613800136021", email="b@example.com")
    assert rows().get().channel == "mail"
    rows().delete()
    make_ticket(phone="+8613800136021")
    assert actions.send_waiting(at=NOW).failed == 1
    assert NotificationEvent.objects.get().data["why"] == "not_set_up"


def test_many_rows_are_claimed_in_the_blink_of_an_eye():
    import time

    make_customer()
    Outbox.objects.bulk_create(
        [
            Outbox(key=f"k{i}", channel="sms", stream=f"ticket:{i}", kind="receipt", not_before=NOW, created_at=NOW)
            for i in range(5000)
        ]
    )
    begun = time.perf_counter()
    count = 0
    while found := claim(NOW):
        count += len(found)
    assert count == 5000
    assert time.perf_counter() - begun < 30
