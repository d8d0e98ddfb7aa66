"""Answering the customer."""

from __future__ import annotations

import pytest

from common.errors import Conflict, Invalid
from tests.factories import NOW, make_user
from tests.factories_tickets import fresh, make_ticket, make_ticket_in, snapshot
from tickets import actions
from tickets.actions.talking import LONGEST

pytestmark = pytest.mark.django_db
ANSWER = "可以退，明天 12:00 前寄出取件码。"


def test_the_first_answer_takes_the_case_and_is_remembered():
    agent, ticket = make_user(), make_ticket()
    message = actions.reply(ticket, ANSWER, actor=agent, at=NOW)
    now = fresh(ticket)
    assert (now.status, now.assignee, now.first_response_at) == ("open", agent, NOW)
    assert (now.last_author_kind, now.last_snippet, now.last_message_at) == ("staff", ANSWER, NOW)
    assert (message.author, message.visibility, message.body) == (agent, "public", ANSWER)
    assert ticket.events.get(kind="message.replied").message == message


def test_a_second_answer_leaves_owner_and_first_moment():
    owner, other = make_user(), make_user()
    ticket = make_ticket()
    actions.reply(ticket, ANSWER, actor=owner, at=NOW)
    actions.reply(ticket, "补充：运费我们出。", actor=other, at=NOW.replace(hour=16))
    now = fresh(ticket)
    assert (now.assignee, now.first_response_at) == (owner, NOW)


def test_an_answer_leaves_a_waiting_case_waiting():
    ticket = make_ticket_in("pending")
    actions.reply(ticket, "照片收到了，今天 18:00 前告诉您。", actor=make_user(), at=NOW)
    assert fresh(ticket).status == "pending"


@pytest.mark.parametrize("body", ["", " \n ", "\x00", "长" * (LONGEST + 1)])
def test_an_empty_or_endless_text_is_refused_and_changes_nothing(body):
    ticket = make_ticket()
    before = snapshot(ticket)
    with pytest.raises(Invalid) as refusal:
        actions.reply(ticket, body, actor=make_user(), at=NOW)
    assert refusal.value.errors["body"]
    assert snapshot(ticket) == before


def test_a_text_is_kept_as_it_was_written():
    ticket = make_ticket()
    message = actions.reply(ticket, "  第一行\r\n第二行 😀 <b>\x00 ", actor=make_user(), at=NOW)
    assert message.body == "第一行\n第二行 😀 <b>"


def test_a_closed_case_takes_no_answer():
    ticket = make_ticket_in("closed")
    with pytest.raises(Conflict):
        actions.reply(ticket, ANSWER, actor=make_user(), at=NOW)
