"""Waiting for the customer, holding for somebody outside, going on."""

from __future__ import annotations

from datetime import timedelta

import pytest

from common.errors import Invalid
from tests.factories import NOW, make_user
from tests.factories_tickets import fresh, make_ticket, make_ticket_in, snapshot
from tickets import actions
from tickets.models.ticket import CUSTOMER_REASONS, OUTSIDE_REASONS, WAIT_LIMITS

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("reason", sorted(CUSTOMER_REASONS))
def test_without_an_end_a_wait_lasts_as_long_as_its_reason_allows(reason):
    ticket = make_ticket()
    actions.wait(ticket, actor=make_user(), reason=reason, at=NOW)
    now = fresh(ticket)
    assert (now.status, now.wait_reason, now.wait_until) == ("pending", reason, NOW + WAIT_LIMITS[reason])


@pytest.mark.parametrize("reason", sorted(OUTSIDE_REASONS))
def test_a_hold_keeps_its_reason_and_end(reason):
    ticket, until = make_ticket(), NOW + timedelta(hours=5)
    actions.hold(ticket, actor=make_user(), reason=reason, until=until, at=NOW)
    now = fresh(ticket)
    assert (now.status, now.wait_reason, now.wait_until) == ("on_hold", reason, until)
    assert ticket.events.get(kind="ticket.held").data == {"reason": reason, "until": until.isoformat()}


@pytest.mark.parametrize("until", [timedelta(0), timedelta(days=-1), timedelta(days=3, minutes=2)])
def test_an_end_in_the_past_or_beyond_the_limit_is_refused(until):
    ticket = make_ticket()
    before = snapshot(ticket)
    with pytest.raises(Invalid) as refusal:
        actions.wait(ticket, actor=make_user(), reason="customer_facts", until=NOW + until, at=NOW)
    assert refusal.value.errors["until"]
    assert snapshot(ticket) == before


def test_reasons_of_one_kind_do_not_serve_the_other():
    ticket = make_ticket()
    for verb, reasons in ((actions.wait, OUTSIDE_REASONS | {"", "x"}), (actions.hold, CUSTOMER_REASONS)):
        for reason in reasons:
            with pytest.raises(Invalid):
                verb(ticket, actor=make_user(), reason=reason, at=NOW)


def test_going_on_forgets_reason_and_end():
    ticket = make_ticket_in("on_hold")
    actions.resume(ticket, actor=make_user(), at=NOW)
    now = fresh(ticket)
    assert (now.status, now.wait_reason, now.wait_until) == ("open", "", None)
    assert ticket.events.get(kind="ticket.resumed").data == {"reason": "carrier", "by_itself": False}


def test_what_waited_long_enough_goes_on_by_itself_once():
    ticket, other = make_ticket_in("pending"), make_ticket_in("on_hold")
    at = fresh(ticket).wait_until
    assert actions.resume_expired(at=at - timedelta(seconds=1)) == 0
    assert actions.resume_expired(at=at) == 2
    assert actions.resume_expired(at=at) == 0
    event = ticket.events.get(kind="ticket.resumed")
    assert (event.actor_kind, event.data["by_itself"]) == ("system", True)
    assert fresh(other).status == "open"


def test_an_answer_of_the_customer_ends_the_wait():
    ticket = make_ticket_in("pending")
    actions.write(ticket, "照片补好了", at=NOW)
    kinds = list(ticket.events.order_by("id").values_list("kind", flat=True))[-2:]
    assert (fresh(ticket).status, kinds) == ("open", ["ticket.resumed", "message.received"])
