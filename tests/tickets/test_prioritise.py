"""Sorting: prioritise, categorise, describe."""

from __future__ import annotations

from decimal import Decimal

import pytest

from common.errors import Invalid
from tests.factories import NOW, make_user
from tests.factories_tickets import fresh, make_category, make_ticket, snapshot
from tickets import actions

pytestmark = pytest.mark.django_db


def test_a_priority_is_changed_once_and_its_event_says_from_and_to():
    ticket, agent = make_ticket(), make_user()
    actions.prioritise(ticket, actor=agent, priority="high", at=NOW)
    actions.prioritise(ticket, actor=agent, priority="high", at=NOW)
    assert [event.data for event in ticket.events.filter(kind="ticket.prioritised")] == [
        {"from": "normal", "to": "high"}
    ]


def test_a_category_of_danger_makes_the_case_urgent_and_stays_marked():
    ticket, agent = make_ticket(), make_user()
    actions.categorise(ticket, actor=agent, category=make_category("安全", is_safety=True), at=NOW)
    now = fresh(ticket)
    assert (now.is_safety, now.priority) == (True, "urgent")
    actions.categorise(ticket, actor=agent, category=make_category("物流"), at=NOW)
    assert fresh(ticket).is_safety


def test_facts_are_corrected_and_the_event_names_fields_not_values():
    ticket = make_ticket()
    actions.describe(ticket, actor=make_user(), kind="warranty", demand="repair", amount=Decimal("12.50"), at=NOW)
    now = fresh(ticket)
    assert (now.kind, now.demand, now.amount) == ("warranty", "repair", Decimal("12.50"))
    assert ticket.events.get(kind="ticket.described").data == {"fields": ["amount", "demand", "kind"]}


@pytest.mark.parametrize("fields", [{"amount": Decimal("-1")}, {"kind": "x"}, {"demand": "x"}])
def test_facts_that_make_no_sense_are_refused(fields):
    ticket = make_ticket()
    before = snapshot(ticket)
    with pytest.raises(Invalid):
        actions.describe(ticket, actor=make_user(), at=NOW, **fields)
    assert snapshot(ticket) == before


def test_a_priority_that_is_none_and_a_category_out_of_use_are_refused():
    ticket = make_ticket()
    before = snapshot(ticket)
    with pytest.raises(Invalid):
        actions.prioritise(ticket, actor=make_user(), priority="soon", at=NOW)
    with pytest.raises(Invalid):
        actions.categorise(ticket, actor=make_user(), category=make_category(is_active=False), at=NOW)
    assert snapshot(ticket) == before


def test_describe_sets_nothing_else():
    with pytest.raises(TypeError, match="status"):
        actions.describe(make_ticket(), actor=make_user(), status="closed")
