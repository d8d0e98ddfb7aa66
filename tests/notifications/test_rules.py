"""Who is told what, by which way and when."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from common.events import Origin, announce
from common.models import Outbox
from notifications import actions, quiet
from notifications.models import Notice
from notifications.rules import RULES
from notifications.silence import history
from notifications.words import CUSTOMER, RINGS
from sla.actions.steps import event as sla_event
from sla.actions.steps import record_many as record_sla
from sla.models import SlaEvent
from tests.factories import NOW, SHANGHAI, make_merchant, make_team, make_user
from tests.factories_tickets import make_route, make_ticket
from tickets import actions as cases
from tickets.links import path_of
from tickets.models import Priority, Ticket, TicketEvent

pytestmark = pytest.mark.django_db


def outbox(**fields):
    return list(Outbox.objects.filter(**fields).order_by("id").values_list("kind", "channel"))


def rung():
    return sorted(Notice.objects.values_list("user__name", "letter"))


def clear():
    Outbox.objects.all().delete()
    Notice.objects.all().delete()


def test_every_kind_in_the_table_is_an_event_that_exists_and_every_letter_has_words():
    from notifications.models import NotificationEvent

    known = {*TicketEvent.SCHEMAS, *SlaEvent.SCHEMAS, *NotificationEvent.SCHEMAS}
    assert set(RULES) <= known
    assert {rule.letter for rules in RULES.values() for rule in rules} == {*CUSTOMER, *RINGS}


def at(hour, minute=0, second=0, day=9, zone=SHANGHAI):
    return datetime(2026, 3, day, hour, minute, second, tzinfo=zone)


@pytest.mark.parametrize(
    ("moment", "leaves"),
    [
        (at(8), at(8)),
        (at(7, 59, 59), at(8)),
        (at(21, 59, 59), at(21, 59, 59)),
        (at(22), at(8, day=10)),
        (at(0), at(8)),
        (at(23, 30, day=31), at(8, day=31) + timedelta(days=1)),
        (datetime(2026, 3, 9, 14, 0, tzinfo=ZoneInfo("UTC")), at(8, day=10)),
        (datetime(2026, 3, 9, 13, 59, 59, tzinfo=ZoneInfo("UTC")), at(21, 59, 59)),
    ],
)
def test_what_may_wait_leaves_between_8_and_22(moment, leaves):
    assert quiet.earliest(moment, SHANGHAI) == leaves


def test_a_receipt_leaves_at_night_too():
    make_ticket(at=at(23))
    assert Outbox.objects.get().not_before == at(23)


def miss(ticket: Ticket, when: datetime, template: str = "sla.late", **facts):
    facts = {"metric": "first_response", "due_at": (when - timedelta(minutes=5)).isoformat(), "why": "nobody", **facts}
    message = cases.tell(ticket, template, facts=facts, at=when)
    record_sla(
        [sla_event("sla.told", at=when, ticket=ticket, metric="first_response", template=template, message=message.pk)]
    )
    return message


def test_an_apology_waits_for_the_morning_and_an_urgent_one_does_not():
    calm, urgent = make_ticket(at=at(20)), make_ticket(at=at(20), priority=Priority.URGENT)
    clear()
    miss(calm, at(23, 15))
    miss(urgent, at(23, 15))
    assert list(Outbox.objects.order_by("id").values_list("kind", "not_before")) == [
        ("late", at(8, day=10)),
        ("late", at(23, 15)),
    ]


def test_an_apology_by_day_says_what_the_page_says(sms):
    lead = make_user("lead", name="王敏")
    make_route(make_team(lead=lead))
    ticket = make_ticket(merchant=make_merchant("晨光旗舰店"))
    clear()
    miss(ticket, NOW, lead=lead.pk, recovery_due_at=(NOW + timedelta(hours=1)).isoformat())
    actions.send_waiting(at=NOW)
    (body,) = sms.bodies
    assert body["text"].startswith("【晨光旗舰店】说好")
    assert "王敏" in body["text"]
    assert body["text"].endswith(path_of(ticket.links.get()))


def test_an_answer_in_the_night_overtakes_the_apology_which_then_says_so(sms):
    ticket = make_ticket(at=at(20))
    agent = make_user(name="王敏")
    clear()
    miss(ticket, at(23, 15))
    cases.reply(ticket, "明天 12:00 前给您退款。", actor=agent, at=at(23, 40))
    assert actions.send_waiting(at=at(23, 40)).sent == 1
    assert actions.send_waiting(at=at(8, day=10)).sent == 1
    assert "王敏回复您了。" in sms.bodies[0]["text"]
    assert "我们比说好的时间晚回复了您，对不起。" in sms.bodies[1]["text"]


def test_an_answer_is_told_with_the_name_and_a_result_by_mail_with_its_text(smtp_sink):
    ticket = make_ticket(phone="", email="mei@example.com")
    agent = make_user(name="王敏")
    clear()
    cases.reply(ticket, "<b>今天</b> 18:00 前\n给您退款。", actor=agent, at=NOW)
    cases.resolve(ticket, "可以退，3 月 11 日前退到原账户。", actor=agent, at=NOW)
    actions.send_waiting(at=NOW)
    assert [letter["Subject"].strip() for letter in smtp_sink.letters] == [
        f"王敏回复您了。 · {_grouped(ticket)}",
        f"投诉 {_grouped(ticket)} 有结果了，解决了吗？",
    ]
    html = smtp_sink.letters[0].get_body(("html",)).get_content()
    assert "&lt;b&gt;今天&lt;/b&gt;" in html and "<b>今天</b>" not in html
    plain = smtp_sink.letters[1].get_body(("plain",)).get_content()
    assert "3 月 11 日前退到原账户" in plain and "“解决了”或“还没有”" in plain


def _grouped(ticket):
    from common.wording import grouped_number

    return grouped_number(ticket.number)


def test_the_customers_language_decides(smtp_sink):
    make_ticket(phone="", email="mei@example.com", language="en")
    actions.send_waiting(at=NOW)
    plain = smtp_sink.letters[0].get_body(("plain",)).get_content()
    assert plain.startswith("We have it: number HY ")
    assert "Answer here: http" in plain


def test_a_link_asked_for_is_sent_and_is_the_newest(sms):
    ticket = make_ticket()
    clear()
    link = cases.make_link(ticket, actor=None, at=NOW)
    assert outbox() == [("link", "sms")]
    actions.send_waiting(at=NOW)
    assert sms.bodies[0]["text"].endswith(path_of(link))


def test_with_every_link_taken_back_the_message_leads_to_the_page_that_sends_one(sms, settings):
    ticket = make_ticket()
    cases.revoke_link(ticket.links.get(), actor=make_user(), at=NOW)
    actions.send_waiting(at=NOW)
    assert sms.bodies[0]["text"].endswith(f"{settings.BASE_URL}/find/")


def test_an_agent_hears_of_a_case_given_to_them_but_not_of_one_they_took():
    lead, agent = make_user("lead", name="王敏"), make_user(name="陈浩")
    ticket = make_ticket()
    cases.take(ticket, actor=agent, at=NOW)
    cases.assign(make_ticket(), actor=lead, assignee=agent, at=NOW)
    cases.assign(make_ticket(), actor=lead, assignee=lead, at=NOW)
    assert rung() == [("陈浩", "assigned")]


def test_a_customers_message_rings_for_whoever_has_the_case_and_not_for_its_writer(sms):
    agent = make_user(name="陈浩")
    ticket = make_ticket()
    cases.take(ticket, actor=agent, at=NOW)
    clear()
    cases.write(ticket, "还没收到退款", at=NOW)
    assert rung() == [("陈浩", "customer_wrote")]
    assert outbox() == []


def test_a_customer_is_not_told_of_their_own_steps():
    agent = make_user()
    ticket = make_ticket()
    cases.resolve(ticket, "退款 3 月 11 日到账。", actor=agent, at=NOW)
    clear()
    cases.decline(ticket, "还没有", at=NOW)
    assert outbox() == []
    assert [letter for _name, letter in rung()] == ["customer_wrote", "reopened"]


def test_a_risk_rings_for_the_assignee_and_without_one_for_the_lead():
    lead, agent = make_user("lead", name="王敏"), make_user(name="陈浩")
    make_route(make_team(lead=lead))
    nobodys, taken = make_ticket(), make_ticket()
    cases.take(taken, actor=agent, at=NOW)
    clear()
    record_sla(
        sla_event("sla.at_risk", at=NOW, ticket=Ticket.objects.get(pk=t.pk), metric="first_response", percent=75)
        for t in (nobodys, taken)
    )
    assert rung() == [("王敏", "at_risk"), ("陈浩", "at_risk")]


def test_an_escalation_rings_is_mailed_and_goes_to_the_group_at_any_hour(settings, gateway, smtp_sink):
    settings.ROBOT_URL, settings.ROBOT_KIND = gateway.url, "wecom"
    gateway.answer = (200, {"errcode": 0})
    lead = make_user("lead", name="王敏", email="wang@example.com")
    ticket = make_ticket(at=at(20), merchant=make_merchant("晨光旗舰店"))
    clear()
    record_sla(
        [sla_event("sla.escalated", at=at(23, 30), ticket=ticket, metric="first_response", to=[lead.pk], level=1)]
    )
    assert rung() == [("王敏", "escalated")]
    assert outbox() == [("escalated", "mail"), ("escalated", "robot")]
    assert actions.send_waiting(at=at(23, 30)).sent == 2
    (letter,) = smtp_sink.letters
    assert letter["To"] == "wang@example.com"
    assert f"/t/{ticket.number}/" in letter.get_body(("plain",)).get_content()
    content = gateway.bodies[0]["markdown"]["content"]
    assert ticket.number[-4:] in content.replace(" ", "") and "晨光旗舰店" in content
    assert "何秀英" not in content and "水壶" not in content


def test_a_lead_who_is_mailed_about_many_cases_gets_one_list_of_them(settings, smtp_sink):
    lead = make_user("lead", name="王敏", email="wang@example.com")
    tickets = [make_ticket(phone="") for _ in range(5)]
    clear()
    record_sla(
        sla_event("sla.escalated", at=NOW, ticket=t, metric="first_response", to=[lead.pk], level=1) for t in tickets
    )
    assert actions.send_waiting(at=NOW).sent == 5
    (letter,) = smtp_sink.letters
    assert letter["Subject"].strip() == "有 5 单等着处理"
    plain = letter.get_body(("plain",)).get_content()
    for ticket in tickets:
        assert f"/t/{ticket.number}/" in plain
    assert set(Outbox.objects.values_list("state", flat=True)) == {"sent"}


def test_without_a_robot_and_without_a_sink_no_group_is_told(settings):
    settings.EMAIL_IS_SINK = False
    lead = make_user("lead")
    ticket = make_ticket()
    clear()
    record_sla([sla_event("sla.escalated", at=NOW, ticket=ticket, metric="first_response", to=[lead.pk], level=1)])
    assert outbox() == [("escalated", "mail")]


def test_a_second_miss_tells_the_lead_and_the_managers_once_each():
    lead, manager = make_user("lead", name="王敏"), make_user("manager", name="周琪")
    ticket = make_ticket()
    clear()
    record_sla(
        [
            sla_event(
                "sla.handed_over", at=NOW, ticket=ticket, metric="first_response", repeat=2,
                to=[lead.pk], managers=[manager.pk, lead.pk],
            )
        ]
    )  # fmt: skip
    assert rung() == [("周琪", "handed_over"), ("王敏", "handed_over")]


def test_after_a_second_miss_the_customer_reads_of_12315_and_then_the_time_a_person_named(sms):
    lead = make_user("lead", name="王敏")
    ticket = make_ticket()
    clear()
    miss(ticket, NOW, "sla.missed_again", lead=lead.pk)
    due = NOW + timedelta(hours=3)
    for by_person in (False, True):
        record_sla(
            [
                sla_event(
                    "sla.recovery_promised", at=NOW, ticket=ticket, metric="first_response",
                    due_at=due.isoformat(), lead=lead.pk, by_person=by_person,
                )
            ]
        )  # fmt: skip
    assert outbox() == [("late", "sms"), ("promised", "sms")]
    actions.send_waiting(at=NOW)
    actions.send_waiting(at=NOW)
    assert "12315" in sms.bodies[0]["text"]
    assert "王敏最迟今天 17:30亲自回复您。" in sms.bodies[1]["text"]


def test_nobody_is_told_anything_about_an_imported_case():
    lead, agent = make_user("lead"), make_user()
    ticket = make_ticket(origin=Origin.IMPORT)
    cases.assign(ticket, actor=lead, assignee=agent, at=NOW)
    cases.reply(ticket, "明天 12:00 前给您退款。", actor=agent, at=NOW)
    cases.write(ticket, "好", at=NOW)
    miss(ticket, NOW)
    record_sla([sla_event("sla.escalated", at=NOW, ticket=ticket, metric="first_response", to=[lead.pk], level=1)])
    assert (Outbox.objects.count(), Notice.objects.count()) == (0, 0)


def test_history_that_is_played_tells_nobody():
    with history(NOW):
        make_ticket(at=NOW - timedelta(seconds=1))
        assert outbox() == []
        make_ticket(at=NOW)
    assert outbox() == [("receipt", "sms")]


def test_a_colleague_who_left_is_told_nothing(settings):
    settings.EMAIL_IS_SINK = False
    gone = make_user("lead", is_active=False)
    ticket = make_ticket()
    clear()
    record_sla([sla_event("sla.escalated", at=NOW, ticket=ticket, metric="first_response", to=[gone.pk], level=1)])
    assert (outbox(), rung()) == ([], [])


def test_the_same_event_heard_twice_is_one_message_and_one_ring(settings):
    settings.EMAIL_IS_SINK = False
    lead = make_user("lead")
    ticket = make_ticket()
    clear()
    (event,) = record_sla(
        [sla_event("sla.escalated", at=NOW, ticket=ticket, metric="first_response", to=[lead.pk], level=1)]
    )
    announce([event])
    assert (len(outbox()), len(rung())) == (1, 1)


def test_filing_a_thousand_cases_tells_everybody_with_a_handful_of_statements():
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    make_ticket()
    filings = [cases.Filing(body=f"第 {i} 件", phone=f"+86138001{i:05d}") for i in range(1000)]
    with CaptureQueriesContext(connection) as queries:
        cases.open_many(filings, at=NOW)
    mine = [q for q in queries.captured_queries if "common_outbox" in q["sql"] or "notifications_" in q["sql"]]
    assert Outbox.objects.count() == 1001
    assert len(mine) <= 3
