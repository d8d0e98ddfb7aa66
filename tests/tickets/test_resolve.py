"""How a case ends and begins again: resolve, close, reopen, spam, what silence does."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accounts.models import Role
from common.errors import Conflict, Invalid, NotAllowed
from tests.factories import NOW, make_user
from tests.factories_tickets import fresh, make_ticket, make_ticket_in, snapshot
from tickets import actions
from tickets.models import Ticket

pytestmark = pytest.mark.django_db
PROPOSAL = "可以退，运费我们出，3 月 11 日前退到原账户。"


def test_a_result_is_a_public_message_and_counts_as_the_first_answer():
    agent, ticket = make_user(), make_ticket()
    message = actions.resolve(ticket, PROPOSAL, actor=agent, at=NOW)
    now = fresh(ticket)
    assert (now.status, now.resolved_at, now.first_response_at, now.assignee) == ("resolved", NOW, NOW, agent)
    assert (message.body, message.visibility) == (PROPOSAL, "public")


def test_a_result_without_a_text_is_refused():
    ticket = make_ticket()
    before = snapshot(ticket)
    with pytest.raises(Invalid) as refusal:
        actions.resolve(ticket, " ", actor=make_user(), at=NOW)
    assert refusal.value.errors["proposal"]
    assert snapshot(ticket) == before


def test_nothing_closes_while_a_return_or_claim_is_open():
    for status, verb in (("resolved", actions.close), ("open", actions.spam)):
        ticket = make_ticket_in(status)
        Ticket.objects.filter(pk=ticket.pk).update(open_children=1)
        before = snapshot(ticket)
        with pytest.raises(Conflict):
            verb(ticket, actor=make_user(Role.LEAD), at=NOW)
        assert snapshot(ticket) == before


def test_silence_of_seven_days_closes_and_tells_the_customer():
    ticket = make_ticket_in("resolved")
    at = fresh(ticket).resolved_at + timedelta(days=7)
    assert actions.close_silent(at=at - timedelta(seconds=1)) == 0
    assert actions.close_silent(at=at) == 1
    assert actions.close_silent(at=at) == 0
    now = fresh(ticket)
    assert (now.status, now.close_reason, now.closed_at) == ("closed", "silent", at)
    assert ticket.messages.get(template="ticket.closed_silent").author_kind == "system"


def test_nobody_is_told_about_an_imported_case():
    ticket = make_ticket_in("resolved", origin="import")
    actions.close_silent(at=NOW + timedelta(days=30))
    assert fresh(ticket).status == "closed"
    assert not ticket.messages.filter(author_kind="system").exists()


def test_reopening_forgets_the_result_and_counts():
    ticket = make_ticket_in("resolved")
    actions.reopen(ticket, actor=make_user(), at=NOW)
    now = fresh(ticket)
    assert (now.status, now.resolved_at, now.reopen_count) == ("open", None, 1)
    assert ticket.events.get(kind="ticket.reopened").data == {"by_customer": False}


def test_a_closed_case_is_reopened_by_a_lead_and_within_thirty_days_only():
    ticket = make_ticket_in("closed")
    closed_at = fresh(ticket).closed_at
    before = snapshot(ticket)
    with pytest.raises(NotAllowed):
        actions.reopen(ticket, actor=make_user(Role.AGENT), at=NOW)
    with pytest.raises(Conflict):
        actions.reopen(ticket, actor=make_user(Role.LEAD), at=closed_at + timedelta(days=30, seconds=1))
    assert snapshot(ticket) == before
    actions.reopen(ticket, actor=make_user(Role.LEAD), at=closed_at + timedelta(days=30))
    now = fresh(ticket)
    assert (now.status, now.closed_at, now.close_reason) == ("open", None, "")


def test_spam_can_be_taken_back_whatever_it_was_before():
    for status in ("new", "open", "pending", "on_hold", "resolved"):
        ticket = make_ticket_in(status)
        actions.spam(ticket, actor=make_user(), at=NOW)
        assert (fresh(ticket).status, fresh(ticket).close_reason) == ("closed", "spam")
        actions.unspam(ticket, actor=make_user(), at=NOW)
        now = fresh(ticket)
        assert (now.status, now.close_reason, now.closed_at, now.resolved_at) == ("open", "", None, None)
