"""The queue as people see it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.factories import make_team, make_user
from tests.factories_tickets import make_ticket, set_due

pytestmark = pytest.mark.django_db
QUEUE = "/queue/"


@pytest.fixture
def agent(client):
    user = make_user(team=make_team())
    client.force_login(user)
    return user


def test_the_most_urgent_case_stands_first_under_its_heading(client, agent):
    now = timezone.now()
    calm = set_due(make_ticket("包装破了", at=now), now + timedelta(days=3))
    late = set_due(make_ticket("锅盖炸裂", at=now), now - timedelta(minutes=38))
    soon = set_due(make_ticket("退款没到账", at=now), now + timedelta(minutes=9))
    page = client.get(QUEUE).content.decode()
    places = [page.index(ticket.subject) for ticket in (late, soon, calm)]
    assert places == sorted(places)
    assert page.index("queue__sec--late") < places[0] < page.index("queue__sec--risk") < places[1]
    assert "sla--late" in page
    assert "clock-exclamation" in page
