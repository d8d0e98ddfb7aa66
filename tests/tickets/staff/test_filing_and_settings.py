"""Filing for a customer on the phone; categories and default teams."""

from __future__ import annotations

import pytest

from accounts.models import Role
from tests.factories import make_merchant, make_order, make_team, make_user
from tests.factories_tickets import make_category, make_route, make_ticket
from tickets.models import Category, Route, Ticket

pytestmark = pytest.mark.django_db
FORM = {
    "body": "水壶漏水，想退", "contact": "138 0013 6021", "name": "何秀英", "channel": "phone", "kind": "complaint",
    "priority": "normal",
}  # fmt: skip


@pytest.fixture
def admin(client):
    user = make_user(Role.ADMIN)
    client.force_login(user)
    return user


def test_a_colleague_files_for_a_customer_and_reads_the_number_out(client):
    agent = make_user()
    client.force_login(agent)
    answer = client.post("/t/new/", FORM)
    ticket = Ticket.objects.get()
    assert answer["Location"] == f"/t/{ticket.number}/filed/"
    assert ticket.customer.phone == "+8613800136021"
    assert ticket.notice_version
    event = ticket.events.get(kind="ticket.opened")
    assert (event.actor, event.actor_kind) == (agent, "staff")
    from common.wording import grouped_number

    assert grouped_number(ticket.number) in client.get(answer["Location"]).content.decode()


def test_looking_an_order_up_keeps_what_was_typed_and_files_nothing(client):
    order = make_order(external_id="YH-2602-88140")
    client.force_login(make_user())
    answer = client.post("/t/new/", {**FORM, "order_number": "yh-2602-88140", "look_up": "1"})
    text = answer.content.decode()
    assert answer.status_code == 200
    assert "水壶漏水，想退" in text
    assert order.lines.get().name in text
    assert not Ticket.objects.exists()
    client.post("/t/new/", {**FORM, "order_number": "YH-2602-88140", "order_line": order.lines.get().pk})
    ticket = Ticket.objects.get()
    assert (ticket.order_line, ticket.merchant) == (order.lines.get(), order.merchant)


@pytest.mark.parametrize(
    ("change", "field"),
    [({"body": " "}, "body"), ({"contact": ""}, "contact"), ({"contact": "1380013"}, "contact"),
     ({"channel": "drum"}, "channel"),
     ({"received_at_0": "2999-01-01", "received_at_1": "10:00"}, "received_at"), ({"order_line": "12"}, "order_line")],
)  # fmt: skip
def test_what_is_missing_is_said_at_its_field(client, change, field):
    client.force_login(make_user())
    answer = client.post("/t/new/", {**FORM, **change})
    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert not Ticket.objects.exists()


def test_a_merchant_agent_files_for_their_own_shop_only(client):
    ours, theirs = make_merchant(), make_merchant()
    foreign_order = make_order(theirs)
    client.force_login(make_user(merchants=[ours]))
    assert client.post("/t/new/", {**FORM, "merchant": theirs.pk}).status_code == 422
    assert client.post("/t/new/", FORM).status_code == 422
    line = foreign_order.lines.get().pk
    data = {**FORM, "merchant": ours.pk, "order_number": foreign_order.external_id, "order_line": line}
    assert client.post("/t/new/", data).status_code == 422
    assert client.post("/t/new/", {**FORM, "merchant": ours.pk}).status_code == 302
    assert Ticket.objects.get().merchant == ours


@pytest.mark.parametrize("address", ["/settings/categories/", "/settings/routes/"])
@pytest.mark.parametrize("role", [Role.AGENT, Role.LEAD, Role.FINANCE, Role.AUDITOR])
def test_settings_are_for_managers_and_admins(client, address, role):
    client.force_login(make_user(role))
    assert client.get(address).status_code == 403
    assert client.post(address, {}).status_code == 403


CATEGORY = {"name_zh": "包装", "name_en": "Packaging", "code": "packaging-x", "position": "3", "is_active": "on"}


def test_a_category_is_made_changed_and_put_out_of_use(client, admin):
    root = make_category("质量")
    assert client.post("/settings/categories/", {**CATEGORY, "parent": root.pk}).status_code == 302
    row = Category.objects.get(code="packaging-x")
    assert row.parent == root
    client.post(f"/settings/categories/{row.pk}/", {**CATEGORY, "name_zh": "外包装", "is_active": ""})
    row.refresh_from_db()
    assert (row.name_zh, row.is_active, row.parent) == ("外包装", False, None)


def test_a_fourth_level_and_a_loop_are_refused_and_nothing_changes(client, admin):
    one = make_category("一")
    two = make_category("二", parent=one)
    three = make_category("三", parent=two)
    answer = client.post(f"/settings/categories/{one.pk}/", {**CATEGORY, "code": one.code, "parent": two.pk})
    assert answer.status_code == 422
    assert client.post("/settings/categories/", {**CATEGORY, "parent": three.pk}).status_code == 422
    one.refresh_from_db()
    assert (one.parent, one.name_zh) == (None, "一")
    assert not Category.objects.filter(code="packaging-x").exists()


def test_default_teams_are_set_replaced_and_removed(client, admin):
    shop, category, first, second = make_merchant(), make_category(), make_team(), make_team()
    for team in (first, second):
        assert (
            client.post(
                "/settings/routes/", {"merchant": shop.pk, "category": category.pk, "team": team.pk}
            ).status_code
            == 302
        )
    route = Route.objects.get()
    assert route.team == second
    assert make_ticket(merchant=shop, category=category).team == second
    client.post(f"/settings/routes/{route.pk}/remove/")
    assert not Route.objects.exists()


def test_the_most_specific_default_team_takes_a_new_case():
    shop, root = make_merchant(), make_category()
    leaf = make_category(parent=root)
    everything, by_category, by_shop, both = (make_team() for _ in range(4))
    make_route(everything)
    assert make_ticket(merchant=shop, category=leaf).team == everything
    make_route(by_category, category=root)
    assert make_ticket(merchant=shop, category=leaf).team == by_category
    make_route(by_shop, merchant=shop)
    assert make_ticket(merchant=shop, category=leaf).team == by_shop
    make_route(both, merchant=shop, category=root)
    assert make_ticket(merchant=shop, category=leaf).team == both
    assert make_ticket(category=root).team == by_category
