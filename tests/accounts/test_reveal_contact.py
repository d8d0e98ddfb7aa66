"""A contact in full is shown to who may see the case, for a reason, and it is on record."""

import pytest
from django.urls import reverse

from accounts import actions, sight
from accounts.models import AccountEvent, Role
from common.errors import Invalid, Missing, NotAllowed
from tests.factories import NOW, make_customer, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def customer():
    return make_customer(email="he@example.com")


@pytest.fixture
def own_case(monkeypatch, customer):
    """Only agent-seen case HY1 is this customer's; everything else is somebody else's."""
    monkeypatch.setattr(
        sight, "_answers", {"test": lambda user, customer_id, ticket: (customer_id, ticket) == (customer.pk, "HY1")}
    )


def test_it_is_shown_and_logged_without_the_contact(own_case, customer):
    agent = make_user(Role.AGENT)
    shown = actions.reveal_contact(customer.pk, actor=agent, ticket="HY1", reason="call", at=NOW)
    assert (shown.name, shown.phone, shown.email) == ("何秀英", "+8613800136021", "he@example.com")
    event = AccountEvent.objects.get()
    assert (event.kind, event.subject, event.actor, event.at) == (
        "contact.revealed",
        f"customer:{customer.pk}",
        agent,
        NOW,
    )
    assert event.data == {"reason": "call", "ticket": "HY1"}


@pytest.mark.parametrize(
    ("role", "ticket", "reason", "error"),
    [
        (Role.CUSTOMER, "HY1", "call", NotAllowed),
        (Role.AGENT, "HY2", "call", Missing),
        (Role.AGENT, "HY1", "curious", Invalid),
        (Role.AGENT, "HY1", "", Invalid),
    ],
)
def test_a_refusal_shows_and_logs_nothing(own_case, customer, role, ticket, reason, error):
    with pytest.raises(error):
        actions.reveal_contact(customer.pk, actor=make_user(role), ticket=ticket, reason=reason)
    assert AccountEvent.objects.count() == 0


def test_with_no_app_that_vouches_nobody_sees_anybody(monkeypatch, customer):
    monkeypatch.setattr(sight, "_answers", {})
    with pytest.raises(Missing):
        actions.reveal_contact(customer.pk, actor=make_user(Role.ADMIN), ticket="HY1", reason="call")


def test_the_page_asks_why_then_shows(client, own_case, customer):
    client.force_login(make_user(Role.AGENT))
    page = client.get(reverse("accounts:reveal"), {"customer": customer.pk, "ticket": "HY1"}).content.decode()
    assert "+8613800136021" not in page and f'value="{customer.pk}"' in page
    data = {"customer": customer.pk, "ticket": "HY1"}
    answer = client.post(reverse("accounts:reveal"), data)
    assert AccountEvent.objects.count() == 0
    answer = client.post(reverse("accounts:reveal"), data | {"reason": "refund"})
    assert "+8613800136021" in answer.content.decode()
    assert answer.headers["Cache-Control"] == "no-store"
    answer = client.post(reverse("accounts:reveal"), data | {"reason": "refund"}, headers={"HX-Request": "true"})
    assert answer.content.decode().count("<html") == 0
    assert AccountEvent.objects.count() == 2
    assert client.post(reverse("accounts:reveal"), data | {"ticket": "HY2", "reason": "call"}).status_code == 404
    assert client.post(reverse("accounts:reveal"), data | {"customer": "x", "reason": "call"}).status_code == 404


def test_the_auditor_reads_who_looked_at_whom_and_why(client, own_case, customer):
    agent = make_user(Role.AGENT, name="李雷")
    actions.reveal_contact(customer.pk, actor=agent, ticket="HY1", reason="call", at=NOW)
    client.force_login(make_user(Role.AUDITOR))
    page = client.get(reverse("accounts:audit")).content.decode()
    assert "李雷" in page and "HY1" in page and "何**" in page and "何秀英" not in page
    rows = client.get(reverse("accounts:audit"), {"kind": "team.changed"}).context["rows"]
    assert rows == []
    assert len(client.get(reverse("accounts:audit"), {"actor": agent.pk, "day": "2026-03-09"}).context["rows"]) == 1
    assert client.get(reverse("accounts:audit"), {"actor": agent.pk, "day": "2026-03-08"}).context["rows"] == []


def test_the_audit_pages_skip_and_repeat_nothing(client):
    admin = make_user(Role.ADMIN)
    AccountEvent.objects.bulk_create(
        AccountEvent(kind="token.made", at=NOW, actor=admin, actor_kind="staff", subject=f"user:{admin.pk}")
        for _ in range(120)
    )
    client.force_login(admin)
    seen, url = [], reverse("accounts:audit")
    while url:
        context = client.get(url).context
        seen += [row["event"].pk for row in context["rows"]]
        url = reverse("accounts:audit") + context["older_url"] if context["older_url"] else ""
    assert len(seen) == len(set(seen)) == 120
    for nonsense in ("x", "2026-03-09_1", "9999-99-99T00:00:00+00:00_1", "2026-03-09T00:00:00+00:00_-1", "_"):
        assert client.get(reverse("accounts:audit"), {"before": nonsense}).status_code == 200
