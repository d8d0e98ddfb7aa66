"""Notes that only colleagues read."""

from __future__ import annotations

import pytest

from common.errors import Invalid
from tests.factories import NOW, make_user
from tests.factories_tickets import fresh, make_ticket, snapshot
from tickets import actions

pytestmark = pytest.mark.django_db


def test_a_note_is_no_answer_and_not_for_the_customer():
    agent, ticket = make_user(), make_ticket()
    note = actions.note(ticket, "批次 B2601", actor=agent, at=NOW)
    now = fresh(ticket)
    assert note.visibility == "note"
    assert note not in ticket.messages.public()
    assert (now.status, now.first_response_at, now.assignee, now.last_author_kind) == ("new", None, None, "customer")


def test_an_empty_note_is_refused():
    ticket = make_ticket()
    before = snapshot(ticket)
    with pytest.raises(Invalid):
        actions.note(ticket, " ", actor=make_user(), at=NOW)
    assert snapshot(ticket) == before
