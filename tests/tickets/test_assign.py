"""Who looks after a case: take, take next, assign, escalate."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accounts.models import Role
from common.errors import Conflict, Invalid
from tests.factories import NOW, make_merchant, make_team, make_user
from tests.factories_tickets import fresh, make_ticket, make_ticket_in, set_due, snapshot
from tickets import actions

pytestmark = pytest.mark.django_db


def test_taking_a_new_case_opens_it_and_gives_it_the_own_team():
    team = make_team()
    agent = make_user(team=team)
    ticket = actions.take(make_ticket(), actor=agent, at=NOW)
    now = fresh(ticket)
    assert (now.status, now.assignee, now.team) == ("open", agent, team)


def test_taking_ones_own_case_again_changes_nothing():
    agent = make_user()
    ticket = make_ticket_in("open", actor=agent)
    before = snapshot(ticket)
    actions.take(ticket, actor=agent, at=NOW)
    assert snapshot(ticket) == before


def test_a_case_of_a_colleague_can_not_be_taken():
    ticket = make_ticket_in("open", actor=make_user(name="李航"))
    with pytest.raises(Conflict, match="李航"):
        actions.take(ticket, actor=make_user(), at=NOW)


def test_take_next_prefers_the_own_team_and_then_the_most_urgent():
    team = make_team()
    agent = make_user(team=team)
    urgent = set_due(make_ticket(), NOW + timedelta(minutes=5))
    own = set_due(make_ticket(), NOW + timedelta(hours=3))
    type(own).objects.filter(pk=own.pk).update(team=team)
    assert actions.take_next(actor=agent, at=NOW) == own
    assert actions.take_next(actor=agent, at=NOW) == urgent
    assert actions.take_next(actor=agent, at=NOW) is None


def test_take_next_of_a_merchant_agent_stays_inside_the_shop():
    ours = make_merchant()
    set_due(make_ticket(merchant=make_merchant()), NOW)
    own = set_due(make_ticket(merchant=ours), NOW + timedelta(days=1))
    assert actions.take_next(actor=make_user(merchants=[ours]), at=NOW) == own


def test_assigning_tells_from_whom_to_whom():
    first, second = make_user(), make_user(team=make_team())
    ticket = make_ticket_in("open", actor=first)
    actions.assign(ticket, actor=first, assignee=second, at=NOW)
    event = ticket.events.get(kind="ticket.assigned")
    assert event.data == {
        "team": second.team_id, "assignee": second.pk, "from_team": None, "from_assignee": first.pk
    }  # fmt: skip


def test_assigning_to_nobody_puts_it_back_into_the_queue_of_its_team():
    team = make_team()
    ticket = make_ticket_in("open", actor=make_user(team=team))
    actions.assign(ticket, actor=make_user(), at=NOW)
    now = fresh(ticket)
    assert (now.assignee, now.team) == (None, team)


@pytest.mark.parametrize("role", [Role.CUSTOMER, Role.FINANCE, Role.AUDITOR])
def test_nobody_who_does_not_work_cases_gets_one(role):
    ticket = make_ticket()
    before = snapshot(ticket)
    with pytest.raises(Invalid):
        actions.assign(ticket, actor=make_user(), assignee=make_user(role), at=NOW)
    with pytest.raises(Invalid):
        actions.assign(ticket, actor=make_user(), assignee=make_user(is_active=False), at=NOW)
    assert snapshot(ticket) == before


def test_escalating_hands_it_to_the_lead_with_the_reason_as_a_note():
    lead = make_user(Role.LEAD)
    ticket = make_ticket_in("open", actor=make_user(team=make_team(lead=lead)))
    actions.escalate(ticket, actor=make_user(), reason="客户要主管回电", at=NOW)
    assert fresh(ticket).assignee == lead
    note = ticket.messages.get(visibility="note")
    assert note.body == "客户要主管回电"
    assert ticket.events.get(kind="ticket.escalated").data == {"reason": "by_hand"}


def test_without_a_lead_or_a_reason_nothing_is_escalated():
    ticket = make_ticket_in("open", actor=make_user(team=make_team()))
    before = snapshot(ticket)
    with pytest.raises(Conflict):
        actions.escalate(ticket, actor=make_user(), reason="要主管", at=NOW)
    with pytest.raises(Invalid):
        actions.escalate(ticket, actor=make_user(), reason=" ", at=NOW)
    assert snapshot(ticket) == before
