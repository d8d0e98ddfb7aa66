"""The page of a case, and what is done from it."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image

from accounts.models import Role
from common.models import Draft
from tests.factories import make_merchant, make_order, make_team, make_user
from tests.factories_tickets import fresh, make_category, make_many, make_ticket, make_ticket_in, set_due, snapshot
from tickets import actions, timeline
from tickets.models import CaseLink, Ticket
from tickets.models.ticket import WaitReason
from tickets.views.verbs import STEPS

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
ANSWER = "可以退，明天 12:00 前寄出取件码。"


@pytest.fixture
def lead(client):
    lead = make_user(Role.LEAD, name="王敏")
    lead.team = make_team("售后一组", lead=lead)
    lead.save()
    client.force_login(lead)
    return lead


def page(client, ticket: Ticket, tail: str = "") -> str:
    answer = client.get(f"/t/{ticket.number}/{tail}")
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_page_tells_conversation_order_customer_and_what_happened(client, lead):
    order = make_order(external_id="YH-2602-88140")
    category = make_category("漏水", parent=make_category("质量"))
    ticket = make_ticket(order_line=order.lines.get(), merchant=order.merchant, category=category, demand="refund")
    actions.reply(ticket, ANSWER, actor=lead)
    actions.note(ticket, "批次 B2601", actor=lead)
    text = page(client, ticket)
    for words in (
        ANSWER,
        "批次 B2601",
        "YH-2602-88140",
        "199.00",
        "质量 / 漏水",
        "138****6021",
        "何**",
        "王敏回复了客户",
    ):
        assert words in text
    assert "13800136021" not in text
    assert "何秀英" not in text


def test_a_number_may_be_written_in_any_way_and_a_wrong_one_is_missing(client, lead):
    ticket = make_ticket()
    assert client.get(f"/t/{ticket.number.lower()}/").status_code == 200
    assert client.get(f"/t/{ticket.number[2:]}/").status_code == 200
    for wrong in ("HY000000000", "x", "HY" + "9" * 40):
        assert client.get(f"/t/{wrong}/").status_code == 404


def test_a_foreign_case_looks_missing_at_every_door(client):
    client.force_login(make_user(merchants=[make_merchant()]))
    foreign = make_ticket(merchant=make_merchant())
    link = foreign.links.get()
    before = snapshot(foreign)
    for tail in ("", "fresh/", "timeline/", "links/", "filed/", *(f"{verb}/" for verb in STEPS)):
        assert client.get(f"/t/{foreign.number}/{tail}").status_code == 404, tail
    for tail in ("make-link/", f"links/{link.pk}/revoke/", "draft/reply/", *(f"{verb}/" for verb in STEPS)):
        assert client.post(f"/t/{foreign.number}/{tail}", {"body": ANSWER}).status_code == 404, tail
    assert snapshot(foreign) == before


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.FINANCE])
def test_readers_read_and_change_nothing(client, role):
    ticket = make_ticket_in("open")
    client.force_login(make_user(role))
    assert 'id="form-reply"' not in page(client, ticket)
    before = snapshot(ticket)
    data = {
        "body": ANSWER,
        "proposal": ANSWER,
        "reason": "carrier",
        "priority": "high",
        "category": make_category().pk,
        "kind": "question",
    }
    for verb in STEPS:
        if verb == "note" and role == Role.FINANCE:
            continue
        assert client.post(f"/t/{ticket.number}/{verb}/", data).status_code in {403, 422}, verb
    assert snapshot(ticket) == before


def test_a_closed_case_offers_to_open_it_again_and_no_answer(client, lead):
    ticket = make_ticket_in("closed", at=timezone.now())
    text = page(client, ticket)
    assert "重新打开" in text
    assert 'id="form-reply"' not in text
    assert 'id="form-note"' in text


DATA = {
    "reply": {"body": ANSWER},
    "note": {"body": "批次 B2601"},
    "resolve": {"proposal": ANSWER},
    "take": {},
    "escalate": {"reason": "客户要主管回电"},
    "prioritise": {"priority": "urgent"},
    "describe": {"kind": "warranty", "demand": "repair", "amount": "12.50", "order_number": "A1", "is_safety": "on"},
    "wait": {"reason": WaitReason.CUSTOMER_FACTS},
    "hold": {"reason": WaitReason.CARRIER},
    "resume": {},
    "close": {},
    "reopen": {},
    "spam": {},
}
BEFORE = {"take": "new", "resume": "pending", "close": "resolved", "reopen": "resolved"}


@pytest.mark.parametrize("verb", DATA)
@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "htmx"])
def test_each_step_works_with_and_without_scripts(client, lead, verb, headers):
    ticket = make_ticket_in(BEFORE.get(verb, "open"), at=timezone.now())
    Ticket.objects.filter(pk=ticket.pk).update(team=lead.team)
    assert client.get(f"/t/{ticket.number}/{verb}/", headers=headers).status_code == 200
    kinds = set(ticket.events.values_list("kind", flat=True))
    answer = client.post(f"/t/{ticket.number}/{verb}/", {**DATA[verb], "version": ticket.version}, headers=headers)
    if headers:
        assert answer.status_code == 200
        assert answer["HX-Reswap"] == "none"
        text = answer.content.decode()
        for part in ("case-head", "case-talk", "case-side", "case-actions"):
            assert f'id="{part}"' in text
    else:
        assert answer.status_code == 302
    assert set(ticket.events.values_list("kind", flat=True)) - kinds or verb in {"note", "reply"}
    assert fresh(ticket).version > ticket.version


def test_assign_and_categorise_from_the_page(client, lead):
    colleague, category = make_user(name="李航", team=make_team()), make_category("物流")
    ticket = make_ticket()
    client.post(f"/t/{ticket.number}/assign/", {"assignee": colleague.pk, "version": ticket.version})
    now = fresh(ticket)
    assert (now.assignee, now.team) == (colleague, colleague.team)
    client.post(f"/t/{ticket.number}/categorise/", {"category": category.pk, "version": now.version})
    assert fresh(ticket).category == category


def test_only_those_who_may_see_a_case_can_be_chosen_for_it(client, lead):
    ours = make_merchant()
    ticket = make_ticket(merchant=ours)
    own, foreign = make_user(merchants=[ours]), make_user(merchants=[make_merchant()])
    choices = client.get(f"/t/{ticket.number}/assign/").context["form"].fields["assignee"].queryset
    assert own in choices
    assert foreign not in choices
    assert make_user(Role.AUDITOR) not in choices


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "htmx"])
def test_a_stale_page_is_told_what_changed_and_keeps_what_was_typed(client, lead, headers):
    ticket = make_ticket_in("open", at=timezone.now())
    colleague = make_user(name="李航")
    seen = ticket.version
    actions.note(ticket, "已请质检看", actor=colleague)
    before = snapshot(ticket)
    answer = client.post(f"/t/{ticket.number}/reply/", {"body": ANSWER, "version": seen}, headers=headers)
    text = answer.content.decode()
    assert answer.status_code == 409
    assert "李航加了备注" in text
    assert ANSWER in text
    assert snapshot(ticket) == before
    version = fresh(ticket).version
    assert f'value="{version}"' in text
    again = client.post(f"/t/{ticket.number}/reply/", {"body": ANSWER, "version": version}, headers=headers)
    assert again.status_code in {200, 302}
    assert ticket.messages.filter(body=ANSWER).count() == 1


def test_a_refused_text_stays_and_says_what_is_wrong(client, lead):
    ticket = make_ticket()
    for text in ("", "   ", "\x00"):
        answer = client.post(f"/t/{ticket.number}/reply/", {"body": text}, headers=HTMX)
        assert answer.status_code == 422
    long = "长" * 20_001
    answer = client.post(f"/t/{ticket.number}/note/", {"body": long}, headers=HTMX)
    assert answer.status_code == 422
    assert long in answer.content.decode()


def test_a_pause_beyond_its_limit_is_refused_at_its_field(client, lead):
    ticket = make_ticket()
    late = timezone.localtime() + timedelta(days=9)
    data = {"reason": WaitReason.CUSTOMER_FACTS, "until_0": f"{late:%Y-%m-%d}", "until_1": f"{late:%H:%M}"}
    answer = client.post(f"/t/{ticket.number}/wait/", data)
    assert answer.status_code == 422
    assert answer.context["form"].errors["until"]
    assert fresh(ticket).status == "new"


def test_files_go_with_an_answer_and_a_refused_one_is_named(client, lead):
    ticket = make_ticket()
    picture = io.BytesIO()
    Image.new("RGB", (40, 30), "teal").save(picture, "PNG")
    photo = SimpleUploadedFile("壶底.png", picture.getvalue(), "image/png")
    client.post(f"/t/{ticket.number}/reply/", {"body": ANSWER, "files": [photo]})
    assert [file.name for file in ticket.attachments.all()] == ["壶底.jpg"]
    assert "壶底.jpg" in page(client, ticket)
    script = SimpleUploadedFile("a.html", b"<script>alert(1)</script>", "image/png")
    answer = client.post(f"/t/{ticket.number}/reply/", {"body": "第二封，今天 18:00 前", "files": [script]})
    assert answer.status_code == 422
    assert "第二封" in answer.content.decode()
    assert ticket.attachments.count() == 1


def test_a_file_kept_before_a_refusal_goes_with_the_next_try(client, lead):
    ticket = make_ticket_in("open", at=timezone.now())
    seen = ticket.version
    actions.note(ticket, "看过", actor=make_user())
    picture = io.BytesIO()
    Image.new("RGB", (40, 30)).save(picture, "PNG")
    data = {"body": ANSWER, "version": seen, "files": [SimpleUploadedFile("p.png", picture.getvalue())]}
    answer = client.post(f"/t/{ticket.number}/reply/", data)
    key = answer.context["form"]["uploads"].value()
    assert key
    client.post(f"/t/{ticket.number}/reply/", {"body": ANSWER, "uploads": key, "version": fresh(ticket).version})
    assert ticket.attachments.count() == 1


def test_what_is_typed_is_kept_for_its_writer_alone_and_gone_once_sent(client, lead):
    ticket = make_ticket()
    answer = client.post(f"/t/{ticket.number}/draft/reply/", {"body": "我会尽快联系您"})
    assert "尽快" in answer.content.decode()
    assert "我会尽快联系您" in page(client, ticket)
    client.force_login(make_user())
    assert "我会尽快联系您" not in page(client, ticket)
    client.force_login(lead)
    client.post(f"/t/{ticket.number}/reply/", {"body": ANSWER})
    assert not Draft.objects.exists()
    client.post(f"/t/{ticket.number}/draft/note/", {"body": "  "})
    assert not Draft.objects.exists()


def test_a_good_answer_gets_no_advice_and_a_vague_one_is_sent_all_the_same(client, lead):
    ticket = make_ticket()
    assert b"notice--risk" not in client.post(f"/t/{ticket.number}/draft/reply/", {"body": ANSWER}).content
    client.post(f"/t/{ticket.number}/reply/", {"body": "我会尽快联系您"})
    assert ticket.messages.filter(body="我会尽快联系您").exists()


def test_the_refresh_is_empty_while_nothing_changed_and_names_what_did(client, lead):
    ticket = make_ticket_in("open", at=timezone.now())
    tail = f"fresh/?seen={ticket.version}&version={ticket.version}"
    assert client.get(f"/t/{ticket.number}/{tail}").status_code == 204
    actions.write(ticket, "包装盒扔了，还能退吗？")
    text = client.get(f"/t/{ticket.number}/{tail}").content.decode()
    assert "包装盒扔了" in text
    assert "客户来信" in text
    assert 'id="case-composer"' not in text


def test_spam_can_be_undone(client, lead):
    ticket = make_ticket()
    text = client.post(f"/t/{ticket.number}/spam/", {"version": ticket.version}, follow=True).content.decode()
    assert f"/t/{ticket.number}/unspam/" in text
    client.post(f"/t/{ticket.number}/unspam/")
    assert fresh(ticket).status == "open"


def test_links_are_made_shown_and_revoked(client, lead):
    ticket = make_ticket()
    client.post(f"/t/{ticket.number}/make-link/")
    text = page(client, ticket, "links/")
    assert text.count("/c/") == 2
    link = ticket.links.order_by("-id").first()
    client.post(f"/t/{ticket.number}/links/{link.pk}/revoke/")
    assert CaseLink.objects.get(pk=link.pk).revoked_at
    other = make_ticket().links.get()
    assert client.post(f"/t/{ticket.number}/links/{other.pk}/revoke/").status_code == 404


def test_the_page_knows_its_neighbours_in_the_list_it_came_from(client, lead):
    tickets = make_many(3, at=timezone.now())
    for place, ticket in enumerate(tickets):
        set_due(ticket, timezone.now() + timedelta(hours=1 + place))
    rows = [row for s in client.get("/queue/?view=open").context["sections"] for row in s["rows"]]
    middle = rows[1]
    found = client.get(f"/t/{middle.number}/?view=open&place={middle.place}").context["place_in_queue"]
    assert (found["position"], found["total"]) == (2, 3)
    assert found["earlier"][0] == rows[0].number
    assert found["later"][0] == rows[2].number
    # Answered, it may stand elsewhere; the way through the list goes on from where it stood.
    set_due(middle, timezone.now() + timedelta(days=5))
    found = client.get(f"/t/{middle.number}/?view=open&place={middle.place}").context["place_in_queue"]
    assert found["later"][0] == rows[2].number


def test_every_event_of_a_case_has_words(client, lead):
    from tickets.models import TicketEvent

    ticket = make_ticket()
    event = ticket.events.first()
    for kind in TicketEvent.SCHEMAS:
        event.kind, event.data = kind, {}
        assert timeline.in_words(event).text != kind, kind


def test_the_timeline_page_shows_everything_newest_first(client, lead):
    ticket = make_ticket_in("closed", actor=lead, at=timezone.now())
    text = page(client, ticket, "timeline/")
    assert text.index("客户确认：已解决") < text.index("王敏给出了结果") < text.index("收到（")
