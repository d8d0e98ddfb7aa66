"""Links by which guests follow their case: make_link, revoke_link, resend_link."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accounts.contacts import Email, Phone
from accounts.models import Role
from common.errors import NotAllowed
from tests.factories import NOW, make_user
from tests.factories_tickets import make_ticket, snapshot
from tickets import actions
from tickets.links import path_of, ticket_behind, token_of

pytestmark = pytest.mark.django_db


def test_every_case_has_a_link_that_opens_it_for_a_year():
    ticket = make_ticket()
    link = ticket.links.get()
    token = token_of(ticket.pk, link.salt)
    assert path_of(link) == f"/c/{token}/"
    assert ticket_behind(token, NOW) == ticket
    assert ticket_behind(token, NOW + timedelta(days=365)) is None
    assert token not in str(vars(link))


@pytest.mark.parametrize("token", ["", "x", "2" * 13, "2" * 500])
def test_a_guessed_link_opens_nothing(token):
    make_ticket()
    assert ticket_behind(token, NOW) is None


def test_a_revoked_link_opens_nothing_and_the_others_still_do():
    ticket, agent = make_ticket(), make_user()
    first = ticket.links.get()
    second = actions.make_link(ticket, actor=agent, at=NOW)
    actions.revoke_link(first, actor=agent, at=NOW)
    actions.revoke_link(first, actor=agent, at=NOW)
    assert ticket_behind(token_of(ticket.pk, first.salt), NOW) is None
    assert ticket_behind(token_of(ticket.pk, second.salt), NOW) == ticket
    assert ticket.events.filter(kind="link.revoked").count() == 1


@pytest.mark.parametrize("role", [Role.CUSTOMER, Role.AUDITOR, Role.FINANCE])
def test_readers_make_and_revoke_no_links(role):
    ticket = make_ticket()
    before = snapshot(ticket)
    with pytest.raises(NotAllowed):
        actions.make_link(ticket, actor=make_user(role), at=NOW)
    with pytest.raises(NotAllowed):
        actions.revoke_link(ticket.links.get(), actor=make_user(role), at=NOW)
    assert snapshot(ticket) == before


def test_a_new_link_goes_to_the_contact_of_the_case_and_to_nobody_else():
    ticket = make_ticket(phone="+8613800136021")
    make_ticket(phone="+8613911112222")
    assert actions.resend_link(None, Phone("+8613800136021"), at=NOW) == 1
    assert actions.resend_link(ticket.number, Phone("+8613911112222"), at=NOW) == 0
    assert actions.resend_link(ticket.number, Email("mei@example.com"), at=NOW) == 0
    assert ticket.links.count() == 2
