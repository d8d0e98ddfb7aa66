"""The bell, the outbox, the sink and what a case shows of failed deliveries."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.cache import cache

from common.models import Outbox
from notifications import actions, panels
from notifications.actions.outbox import WAKE_KEY
from notifications.models import Notice, SinkMessage
from tests.factories import NOW, make_merchant, make_user
from tests.factories_tickets import make_ticket
from tickets import actions as cases

pytestmark = pytest.mark.django_db


@pytest.fixture
def agent():
    return make_user(name="陈浩")


def ring(user, count=1):
    lead = make_user("lead")
    for _ in range(count):
        cases.assign(make_ticket(), actor=lead, assignee=user, at=NOW)
    return list(Notice.objects.filter(user=user).order_by("-id"))


def test_the_bell_counts_what_is_unread_in_one_statement_and_stops_at_99(client, agent, django_assert_num_queries):
    Notice.objects.bulk_create(Notice(user=agent, key=f"k{i}", letter="assigned", at=NOW) for i in range(150))
    with django_assert_num_queries(1):
        assert panels.unread(agent) == "99+"
    client.force_login(agent)
    assert b"99+" in client.get("/notices/bell/").content
    assert 'id="bell-count"' in client.get("/queue/").content.decode()


def test_a_line_leads_to_its_case_and_is_read_by_that(client, agent):
    (notice,) = ring(agent)
    client.force_login(agent)
    assert "这一单分给你了。" in client.get("/notices/").content.decode()
    answer = client.post(f"/notices/{notice.pk}/")
    assert answer.headers["Location"] == f"/t/{notice.ticket.number}/"
    notice.refresh_from_db()
    assert notice.read_at is not None
    assert panels.unread(agent) == ""


def test_reading_all_leaves_what_rang_after_the_page_was_drawn(client, agent):
    newest, *_rest = ring(agent, 3)
    client.force_login(agent)
    assert client.get("/notices/").context["newest"] == newest.pk
    ring(agent)
    client.post("/notices/read/", {"up_to": newest.pk})
    assert panels.unread(agent) == "1"


def test_somebody_elses_line_looks_missing_and_a_customer_has_no_bell(client, agent):
    (notice,) = ring(make_user())
    client.force_login(agent)
    assert client.post(f"/notices/{notice.pk}/").status_code == 404
    client.force_login(make_user("customer"))
    assert client.get("/notices/").status_code == 403


def test_long_lists_go_on_with_the_next_page(client, agent):
    Notice.objects.bulk_create(Notice(user=agent, key=f"k{i}", letter="assigned", at=NOW) for i in range(60))
    client.force_login(agent)
    first = client.get("/notices/")
    assert len(first.context["lines"]) == 50
    second = client.get("/notices/" + first.context["older_url"])
    assert len(second.context["lines"]) == 10
    assert client.get("/notices/?before=nonsense").status_code == 200


def fail_one(sms, ticket):
    sms.answer = (400, {"error": "blocked"})
    assert actions.send_waiting(at=NOW).failed == 1
    sms.answer = (200, {})
    return Outbox.objects.get(state="failed", payload__ticket=ticket.pk)


def test_what_did_not_arrive_stands_on_the_case_and_its_timeline_until_it_is_sent_again(client, agent, sms):
    ticket = make_ticket()
    row = fail_one(sms, ticket)
    client.force_login(agent)
    page = client.get(f"/t/{ticket.number}/").content.decode()
    assert "没有送到" in page and "重新发送" in page
    assert "受理回执（短信）没有送到：对方服务器拒收。" in page
    answer = client.post(f"/outbox/{row.pk}/retry/", {"next": f"/t/{ticket.number}/"})
    assert answer.headers["Location"] == f"/t/{ticket.number}/"
    assert actions.send_waiting().sent == 1
    page = client.get(f"/t/{ticket.number}/").content.decode()
    assert "重新发送</button>" not in page
    assert "陈浩重新发送了受理回执（短信）。" in page


def test_a_case_of_another_shop_cannot_be_sent_again(client, sms):
    mine, other = make_merchant(), make_merchant()
    row = fail_one(sms, make_ticket(merchant=other))
    client.force_login(make_user(merchants=[mine]))
    assert client.post(f"/outbox/{row.pk}/retry/").status_code == 404
    client.force_login(make_user("auditor"))
    assert client.post(f"/outbox/{row.pk}/retry/").status_code == 403
    row.refresh_from_db()
    assert row.state == "failed"


def test_sending_again_never_leads_to_another_site(client, sms):
    row = fail_one(sms, make_ticket())
    client.force_login(make_user("admin"))
    answer = client.post(f"/outbox/{row.pk}/retry/", {"next": "https://evil.example/"})
    assert answer.headers["Location"] == "/outbox/"
    assert client.post(f"/outbox/{row.pk}/retry/").status_code == 409


def test_the_outbox_shows_what_waits_and_what_failed_without_words_or_contacts(client, sms):
    ticket = make_ticket()
    fail_one(sms, ticket)
    make_ticket()
    client.force_login(make_user("admin"))
    failed = client.get("/outbox/")
    assert [one["number"] for one in failed.context["rows"]] == [ticket.number]
    assert "HTTP 400" in failed.content.decode()
    waiting = client.get("/outbox/?state=waiting")
    assert waiting.context["oldest"] == NOW
    assert len(waiting.context["rows"]) == 1
    for page in (failed, waiting, client.get("/outbox/?state=nonsense")):
        assert "13800136021" not in page.content.decode()
    client.force_login(make_user("manager"))
    assert client.get("/outbox/").status_code == 403


def test_what_waits_behind_a_dead_address_is_not_overdue_and_anything_else_is(sms):
    from common.health import WATCHED

    oldest_due = WATCHED["outbox"]
    ticket = make_ticket()
    assert oldest_due(NOW) == NOW
    sms.answer = (503, {})
    actions.send_waiting(at=NOW)
    cases.reply(ticket, "明天 12:00 前给您答复。", actor=make_user(), at=NOW)
    assert oldest_due(NOW + timedelta(seconds=29)) is None
    assert oldest_due(NOW + timedelta(seconds=30)) == NOW + timedelta(seconds=30)


def test_the_sink_shows_messages_to_admins_and_only_where_there_is_one(client, settings):
    settings.EMAIL_IS_SINK = True
    make_ticket()
    make_ticket(phone="", email="mei@example.com")
    assert actions.send_waiting(at=NOW).sent == 2
    admin = make_user("admin")
    client.force_login(admin)
    page = client.get("/sink/").content.decode()
    assert "+8613800136021" in page and "mei@example.com" in page
    assert len(client.get("/sink/?channel=sms").context["messages_kept"]) == 1
    assert len(client.get("/sink/?q=mei@").context["messages_kept"]) == 1
    kept = SinkMessage.objects.get(channel="mail")
    mail = client.get(f"/sink/{kept.pk}/")
    assert " style=" not in mail.content.decode() and "<style" not in mail.content.decode()
    assert "css/mail.css" in mail.content.decode()
    assert "unsafe-inline" not in mail.headers["Content-Security-Policy"]
    assert mail.headers["X-Frame-Options"] == "SAMEORIGIN"
    client.force_login(make_user("manager"))
    assert client.get("/sink/").status_code == 403
    client.force_login(admin)
    settings.EMAIL_IS_SINK = False
    assert client.get("/sink/").status_code == 404
    settings.DEMO = True
    assert client.get("/sink/").status_code == 200


def test_other_mail_lands_in_the_sink_too(settings):
    from django.core.mail import send_mail

    settings.EMAIL_BACKEND = "notifications.channels.sink.SinkBackend"
    assert send_mail("新密码", "点这里", None, ["li@example.com"]) == 1
    kept = SinkMessage.objects.get()
    assert (kept.channel, kept.recipient, kept.subject, kept.text) == ("mail", "li@example.com", "新密码", "点这里")


def test_a_thousand_filings_wake_one_sender(django_capture_on_commit_callbacks, monkeypatch):
    woken = []
    monkeypatch.setattr("celery.app.base.Celery.send_task", lambda _self, name, **_kwargs: woken.append(name))
    with django_capture_on_commit_callbacks(execute=True):
        for _ in range(5):
            make_ticket()
    assert woken == ["notifications.tasks.send_waiting"]
    assert cache.get(WAKE_KEY)
    actions.send_waiting(at=NOW - timedelta(days=1))
    with django_capture_on_commit_callbacks(execute=True):
        make_ticket()
    assert len(woken) == 2


def test_a_broker_that_is_away_does_not_stop_a_filing(django_capture_on_commit_callbacks, monkeypatch):
    def away(*_args, **_kwargs):
        raise OSError("no broker")

    monkeypatch.setattr("celery.app.base.Celery.send_task", away)
    with django_capture_on_commit_callbacks(execute=True):
        make_ticket()
    assert Outbox.objects.count() == 1


def test_the_timetable_looks_for_what_nobody_woke_a_sender_for():
    from config.celery import TIMETABLE, app

    app.loader.import_default_modules()
    planned = dict(TIMETABLE.values())
    assert planned["notifications.tasks.send_waiting"] == 5.0
    assert {"notifications.tasks.send_waiting", "notifications.tasks.forget_old"} <= set(app.tasks)


def test_the_links_of_a_message_can_be_pressed_and_its_words_stay_words(client, settings):
    settings.EMAIL_IS_SINK = True
    SinkMessage.objects.create(
        key="k", channel="sms", recipient="+8613800136021", text="查看：http://a.cn/c/x/ <b>&", at=NOW
    )
    client.force_login(make_user("admin"))
    page = client.get("/sink/").content.decode()
    assert '查看：<a href="http://a.cn/c/x/">http://a.cn/c/x/</a> &lt;b&gt;&amp;' in page


def test_old_messages_are_forgotten_and_failed_ones_stay(agent):
    ring(agent)
    Outbox.objects.update(state="sent", sent_at=NOW, created_at=NOW)
    failed = Outbox.objects.create(
        key="f", channel="sms", stream="s", kind="receipt", state="failed", not_before=NOW, created_at=NOW
    )
    SinkMessage.objects.create(key="k", channel="sms", recipient="r", text="t", at=NOW)
    actions.forget_old(at=NOW + timedelta(days=7))
    assert SinkMessage.objects.count() == 1
    actions.forget_old(at=NOW + timedelta(days=90, seconds=1))
    assert list(Outbox.objects.values_list("pk", flat=True)) == [failed.pk]
    assert (Notice.objects.count(), SinkMessage.objects.count()) == (0, 0)
