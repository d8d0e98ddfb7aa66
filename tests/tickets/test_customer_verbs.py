"""What the customer does: write, withdraw, confirm, decline, rate, request_review."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accounts.models import Role
from common.errors import Conflict, Invalid
from tests.factories import NOW, make_team, make_user
from tests.factories_tickets import fresh, make_route, make_ticket, make_ticket_in, snapshot
from tickets import actions, search
from tickets.models import Status, Ticket

pytestmark = pytest.mark.django_db


def test_writing_lets_the_case_know_who_spoke_last():
    ticket = make_ticket_in("open")
    actions.write(ticket, "包装盒扔了，还能退吗？", at=NOW)
    now = fresh(ticket)
    assert (now.last_author_kind, now.last_snippet) == ("customer", "包装盒扔了，还能退吗？")
    event = ticket.events.get(kind="message.received")
    assert (event.actor, event.actor_kind) == (None, "customer")


def test_writing_to_a_resolved_case_leaves_the_decision_to_the_two_buttons():
    ticket = make_ticket_in("resolved")
    actions.write(ticket, "好的，谢谢", at=NOW)
    assert fresh(ticket).status == "resolved"


def test_writing_opens_a_case_closed_lately_and_follows_an_old_one_with_a_new():
    ticket = make_ticket_in("closed")
    closed_at = fresh(ticket).closed_at
    assert actions.write(ticket, "又漏了", at=closed_at + timedelta(days=30)).pk == ticket.pk
    assert fresh(ticket).status == "open"
    old = make_ticket_in("closed")
    new = actions.write(old, "又漏了，第三次", at=fresh(old).closed_at + timedelta(days=31))
    assert new.pk != old.pk
    assert (fresh(new).follows, new.customer, fresh(old).status) == (old, old.customer, "closed")
    assert new.pk in search.find("6021")


def test_a_withdrawn_case_says_so_and_opens_when_they_write_again():
    ticket = make_ticket_in("open")
    actions.withdraw(ticket, at=NOW)
    assert (fresh(ticket).status, fresh(ticket).close_reason) == ("closed", "withdrawn")
    assert ticket.messages.filter(template="ticket.withdrawn").count() == 1
    actions.write(ticket, "还是要处理", at=NOW)
    assert fresh(ticket).status == "open"


def test_confirming_closes_and_declining_opens_with_what_is_still_wrong():
    done, undone = make_ticket_in("resolved"), make_ticket_in("resolved")
    actions.confirm(done, at=NOW)
    assert (fresh(done).status, fresh(done).close_reason) == ("closed", "confirmed")
    actions.decline(undone, "换回来的还是坏的", at=NOW)
    now = fresh(undone)
    assert (now.status, now.reopen_count, now.last_snippet) == ("open", 1, "换回来的还是坏的")


@pytest.mark.parametrize("rating", [0, 6, -1])
def test_a_rating_outside_one_to_five_is_refused(rating):
    ticket = make_ticket_in("resolved")
    before = snapshot(ticket)
    with pytest.raises(Invalid):
        actions.rate(ticket, rating, at=NOW)
    assert snapshot(ticket) == before


def test_a_rating_may_be_changed_and_comes_after_a_result():
    ticket = make_ticket_in("resolved")
    actions.rate(ticket, 2, at=NOW)
    actions.rate(ticket, 5, at=NOW)
    assert fresh(ticket).rating == 5
    with pytest.raises(Conflict):
        actions.rate(make_ticket(), 5, at=NOW)


def test_asking_for_a_person_gives_it_to_the_lead_instead_of_who_had_it():
    lead = make_user(Role.LEAD)
    agent = make_user(team=make_team(lead=lead))
    ticket = make_ticket_in("open", actor=agent)
    actions.request_review(ticket, "想让主管看看", at=NOW)
    assert fresh(ticket).assignee == lead
    assert ticket.events.filter(kind="ticket.review_requested").count() == 1


def test_asking_for_a_person_where_the_lead_had_it_gives_it_to_a_manager():
    lead, manager = make_user(Role.LEAD), make_user(Role.MANAGER)
    make_route(make_team(lead=lead))
    ticket = make_ticket_in("resolved", actor=lead)
    actions.request_review(ticket, at=NOW)
    assert fresh(ticket).assignee == manager
    assert ticket.events.get(kind="ticket.review_requested").data == {"assignee": manager.pk}


def test_asking_for_a_person_ends_a_wait_for_the_customer():
    ticket = make_ticket_in("pending")
    actions.request_review(ticket, "等不了", at=NOW)
    assert fresh(ticket).status == Status.OPEN


def test_an_old_case_can_not_be_reviewed():
    ticket = make_ticket_in("closed")
    before = snapshot(ticket)
    with pytest.raises(Conflict):
        actions.request_review(ticket, at=fresh(ticket).closed_at + timedelta(days=31))
    assert snapshot(ticket) == before
    assert Ticket.objects.count() == 1
