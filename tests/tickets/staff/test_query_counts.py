"""How many statements the busiest pages ask. More of them is a page that gets slower with every row."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.factories import make_merchant, make_order, make_team, make_user
from tests.factories_tickets import make_category, make_many, make_ticket, set_due
from tickets import actions

pytestmark = pytest.mark.django_db
MOST = 12


def asked(client, address: str) -> list[str]:
    """The statements of a page while counts that may be seconds old are kept, as they are for all but one reader."""
    client.get(address)
    with CaptureQueriesContext(connection) as found:
        assert client.get(address).status_code == 200, address
    return [query["sql"] for query in found.captured_queries]


def test_queue_asks_the_same_for_one_case_and_for_sixty(client):
    agent = make_user(team=make_team())
    client.force_login(agent)
    make_ticket()
    few = len(asked(client, "/queue/?view=open"))
    cache.clear()
    make_many(60, merchants=[make_merchant(), make_merchant()], category=make_category())
    many = asked(client, "/queue/?view=open")
    assert len(many) <= few <= MOST, many


@pytest.mark.parametrize("tail", ["", "?view=all", "?view=spoke", "?view=waiting", "?q=漏水"])
def test_every_view_asks_at_most_twelve(client, tail):
    agent = make_user(team=make_team(), merchants=[make_merchant()])
    client.force_login(agent)
    make_many(5, merchants=list(agent.merchants.all()))
    found = asked(client, "/queue/" + tail)
    assert len(found) <= MOST, "\n".join(found)


def test_filtered_queue_asks_at_most_twelve(client):
    team = make_team()
    shop, category = make_merchant(), make_category()
    agent = make_user(team=team)
    client.force_login(agent)
    make_many(5, merchants=[shop], category=category)
    found = asked(
        client,
        f"/queue/?view=open&status=new&status=open&team={team.pk}&assignee={agent.pk}&merchant={shop.pk}"
        f"&category={category.pk}&priority=normal&channel=form&sla=late&opened_from=2026-01-01&opened_to=2027-01-01",
    )
    assert len(found) <= MOST, "\n".join(found)


def test_page_of_a_case_asks_at_most_twelve(client):
    now = timezone.now()
    agent = make_user(team=make_team())
    client.force_login(agent)
    order = make_order()
    ticket = make_ticket(order_line=order.lines.get(), merchant=order.merchant, category=make_category(), at=now)
    for turn in range(4):
        actions.reply(
            ticket, f"第 {turn} 次回复，明天 12:00 前再告诉您。", actor=agent, at=now + timedelta(minutes=turn)
        )
        actions.write(ticket, "好的", at=now + timedelta(minutes=turn, seconds=30))
    set_due(ticket, now + timedelta(hours=1))
    client.get(f"/t/{ticket.number}/?view=open")
    found = asked(client, f"/t/{ticket.number}/?view=open")
    assert len(found) <= MOST, "\n".join(found)


@pytest.mark.parametrize("role", ["agent", "lead", "manager", "admin", "auditor"])
def test_counting_anew_asks_at_most_twelve_as_well(client, role):
    """Tabs, navigation and the longest wait are counted again every few seconds: in one statement per app."""
    client.force_login(make_user(role=role, team=make_team()))
    make_many(5)
    client.get("/queue/?view=open")
    cache.clear()
    with CaptureQueriesContext(connection) as found:
        client.get("/queue/?view=open")
    said = [query["sql"] for query in found.captured_queries]
    assert len(said) <= MOST, "\n".join(said)
