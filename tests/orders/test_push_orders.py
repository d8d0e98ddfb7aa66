"""Shops tell us what they sold: once is enough, twice changes nothing, and nobody else writes it."""

import threading
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection, connections

from accounts.models import Merchant, Role
from common.errors import Invalid, NotAllowed
from orders.actions import push_orders
from orders.facts import LineFacts, OrderFacts, ParcelFacts, TenderFacts
from orders.models import Order, OrderEvent, OrderLine, Parcel, ParcelLine, Product, Tender
from tests.factories import NOW, make_merchant, make_order, make_product, make_user

BOUGHT = NOW - timedelta(days=7)


def facts(merchant, number="2603020001", **changes):
    kettle = LineFacts(number=1, sku="KT-17", name="1.7 升电热水壶", category="appliance", paid=Decimal("199.00"))
    return replace(
        OrderFacts(
            merchant=merchant.code,
            external_id=number,
            bought_at=BOUGHT,
            paid_total=Decimal("199.00"),
            lines=(kettle,),
            tenders=(TenderFacts("wechat", Decimal("199.00"), reference="W1"),),
            parcels=(ParcelFacts(waybill="SF1", carrier="顺丰", contents=((1, 1),)),),
        ),
        **changes,
    )


def events():
    return [(event.kind, event.data) for event in OrderEvent.objects.order_by("pk")]


@pytest.mark.django_db
class TestPush:
    def test_a_new_order_is_kept_whole(self):
        merchant = make_merchant()
        (pushed,) = push_orders([facts(merchant)], actor=None, at=NOW)
        order = Order.objects.get()
        assert (pushed.outcome, pushed.order) == ("created", order)
        assert (order.merchant, order.external_id, order.paid_total, order.freight, order.currency) == (
            merchant,
            "2603020001",
            Decimal("199.00"),
            Decimal("0"),
            "CNY",
        )
        assert (order.settlement, order.channel, order.pushed_at) == ("on_platform", "online", NOW)
        line = OrderLine.objects.get()
        assert (line.name, line.category, line.nature, line.quantity) == ("1.7 升电热水壶", "appliance", "ordinary", 1)
        assert (line.list_price, line.paid) == (Decimal("199.00"), Decimal("199.00"))
        assert line.product == Product.objects.get(merchant=merchant, sku="KT-17")
        assert [(tender.method, tender.amount) for tender in Tender.objects.all()] == [("wechat", Decimal("199.00"))]
        assert [(str(parcel), parcel.signed_at) for parcel in Parcel.objects.all()] == [("顺丰 SF1", None)]
        assert [(content.line, content.quantity) for content in ParcelLine.objects.all()] == [(line, 1)]
        assert events() == [("order.pushed", {"lines": 1, "origin": "live"})]

    def test_the_same_again_changes_nothing(self, django_assert_num_queries):
        merchant = make_merchant()
        push_orders([facts(merchant)], actor=None, at=NOW)
        (pushed,) = push_orders([facts(merchant)], actor=None, at=NOW + timedelta(hours=1))
        assert pushed.outcome == "unchanged"
        assert Order.objects.get().changed_at == NOW
        assert (Order.objects.count(), OrderLine.objects.count(), len(events())) == (1, 1, 1)

    def test_news_update_and_what_is_not_said_stays(self):
        merchant = make_merchant()
        push_orders([facts(merchant)], actor=None, at=NOW)
        signed = OrderFacts(
            merchant=merchant.code,
            external_id="2603020001",
            parcels=(ParcelFacts(waybill="SF1", carrier="顺丰", signed_at=NOW, signed_by="recipient"),),
        )
        (pushed,) = push_orders([signed], actor=None, at=NOW)
        assert pushed.outcome == "updated"
        parcel = Parcel.objects.get()
        assert (parcel.signed_at, parcel.signed_by) == (NOW, "recipient")
        assert OrderLine.objects.get().name == "1.7 升电热水壶"
        assert events()[1:] == [
            ("order.changed", {"fields": ["parcels"], "origin": "live"}),
            ("parcel.signed", {"parcel": parcel.pk}),
        ]
        push_orders([signed], actor=None, at=NOW)
        assert len(events()) == 3

    def test_a_changed_price_and_a_new_line_are_named(self):
        merchant = make_merchant()
        push_orders([facts(merchant)], actor=None, at=NOW)
        more = facts(
            merchant,
            paid_total=Decimal("228.00"),
            lines=(
                LineFacts(number=1, paid=Decimal("189.00")),
                LineFacts(number=2, name="壶盖", paid=Decimal("39.00"), quantity=3),
            ),
        )
        push_orders([more], actor=None, at=NOW)
        assert events()[-1] == ("order.changed", {"fields": ["lines", "paid_total"], "origin": "live"})
        lid = OrderLine.objects.get(number=2)
        assert (lid.list_price, lid.paid, lid.product) == (Decimal("13.00"), Decimal("39.00"), None)

    def test_lines_keep_what_held_when_they_were_sold(self):
        merchant = make_merchant()
        product = make_product(merchant, sku="KT-17", nature="confirm_activation", warranty_months=24)
        push_orders([facts(merchant, lines=(LineFacts(number=1, sku="KT-17", paid=Decimal("199.00")),))], actor=None)
        Product.objects.update(nature="ordinary", warranty_months=6, name="新款")
        line = OrderLine.objects.get()
        assert (line.nature, line.warranty_months, line.name) == ("confirm_activation", 24, product.name)

    @pytest.mark.parametrize(
        ("category", "nature"),
        [("fresh", "perishable"), ("phone", "confirm_activation"), ("software_disc", "media"), ("apparel", "ordinary")],
    )
    def test_the_category_says_what_law_excludes_when_nobody_else_does(self, category, nature):
        merchant = make_merchant()
        line = LineFacts(number=1, sku="X", name="某物", category=category, paid=Decimal(1))
        push_orders([facts(merchant, lines=(line,))], actor=None)
        assert OrderLine.objects.get().nature == Product.objects.get().nature == nature

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"external_id": " "}, "external_id"),
            ({"bought_at": None}, "bought_at"),
            ({"paid_total": None}, "paid_total"),
            ({"currency": "cny"}, "currency"),
            ({"terms": {"discount": "1"}}, "terms"),
            ({"terms": {"coupon": 30}}, "terms"),
            ({"terms": {"coupon": "NaN"}}, "terms"),
            ({"terms": {"promised_return_days": True}}, "terms"),
            ({"lines": (LineFacts(number=1, name="x", paid=Decimal(1)),) * 2}, "lines"),
            ({"lines": (LineFacts(number=0, name="x", paid=Decimal(1)),)}, "lines.0.number"),
            ({"lines": (LineFacts(number=1, paid=Decimal(1)),)}, "lines.0.name"),
            ({"lines": (LineFacts(number=1, name="x"),)}, "lines.0.paid"),
            ({"lines": (LineFacts(number=1, name="x", paid=Decimal(1), quantity=0),)}, "lines.0.quantity"),
            (
                {"lines": (LineFacts(number=1, name="x", paid=Decimal(1), confirmation={"mode": "yes"}),)},
                "lines.0.confirmation",
            ),
            ({"tenders": (TenderFacts("wechat", Decimal(1)),) * 2}, "tenders"),
            ({"tenders": (TenderFacts("wechat", Decimal(1), points=3),)}, "tenders.0.points"),
            ({"parcels": (ParcelFacts(waybill="A"),) * 2}, "parcels"),
            ({"parcels": (ParcelFacts(waybill=" "),)}, "parcels.0.waybill"),
            ({"parcels": (ParcelFacts(waybill="A", contents=((7, 1),)),)}, "parcels.0.lines"),
        ],
    )
    def test_a_contradiction_is_named_and_none_of_the_list_is_kept(self, change, field):
        merchant = make_merchant()
        with pytest.raises(Invalid) as refused:
            push_orders([facts(merchant, "1"), facts(merchant, "2", **change)], actor=None)
        assert field in refused.value.errors
        assert (Order.objects.count(), Product.objects.count(), events()) == (0, 0, [])

    def test_an_unknown_shop_is_named(self):
        with pytest.raises(Invalid) as refused:
            push_orders([OrderFacts(merchant="NOWHERE", external_id="1")], actor=None)
        assert list(refused.value.errors) == ["merchant"]

    def test_who_may_push_and_for_which_shop(self):
        own, other = make_merchant(), make_merchant()
        assert push_orders([facts(other, "1")], actor=make_user(Role.ADMIN))[0].outcome == "created"
        assert push_orders([facts(own, "2")], actor=make_user(Role.AGENT, merchants=[own]))[0].outcome == "created"
        with pytest.raises(Invalid):  # looks like a shop that does not exist
            push_orders([facts(other, "3")], actor=make_user(Role.AGENT, merchants=[own]))
        with pytest.raises(Invalid):
            push_orders([facts(other, "3")], actor=make_user(Role.ADMIN, merchants=[own]))
        with pytest.raises(Invalid):
            push_orders([facts(other, "3")], actor=make_user(Role.AGENT))
        for role in (Role.CUSTOMER, Role.FINANCE, Role.AUDITOR):
            with pytest.raises(NotAllowed):
                push_orders([facts(own, "3")], actor=make_user(role))
        assert Order.objects.filter(external_id="3").count() == 0

    def test_a_thousand_orders_take_a_handful_of_statements(self, django_assert_max_num_queries):
        merchant = make_merchant()
        many = [facts(merchant, str(number)) for number in range(500)]
        with django_assert_max_num_queries(20):
            push_orders(many, actor=None, at=NOW)
        with django_assert_max_num_queries(12):
            assert {pushed.outcome for pushed in push_orders(many, actor=None, at=NOW)} == {"unchanged"}


@pytest.mark.django_db(transaction=True)
def test_two_pushes_of_one_order_at_once_make_one_order():
    merchant = make_merchant()
    outcomes, gate = [], threading.Barrier(4)

    def push():
        gate.wait()
        try:
            outcomes.append(push_orders([facts(merchant, "A"), facts(merchant, "B")], actor=None)[0].outcome)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=push) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["created", "unchanged", "unchanged", "unchanged"]
    assert (Order.objects.count(), OrderLine.objects.count(), OrderEvent.objects.count()) == (2, 2, 2)


@pytest.mark.django_db(transaction=True)
def test_filing_a_case_of_a_shop_does_not_wait_for_its_push():
    """The push locks the shop without its key, so a row that points at the shop goes in meanwhile."""
    merchant = make_merchant()
    from django.db import transaction

    with transaction.atomic():
        push_orders([facts(merchant)], actor=None)
        done = threading.Event()

        def file():
            try:
                with connection.cursor() as cursor:
                    cursor.execute("SET lock_timeout = '2s'")
                make_product(Merchant.objects.get(pk=merchant.pk))
                done.set()
            finally:
                connections.close_all()

        thread = threading.Thread(target=file)
        thread.start()
        thread.join()
    assert done.is_set()


@pytest.mark.django_db
class TestFind:
    def test_spaces_and_case_do_not_matter(self):
        order = make_order(external_id="TB2603020001")
        for typed in ("TB2603020001", " tb26 0302 0001 "):
            assert [line.order for line in OrderLine.objects.find(order.merchant, typed)] == [order]

    def test_another_shop_or_part_of_a_number_finds_nothing(self):
        order = make_order(external_id="2603020001")
        for merchant, typed in ((make_merchant(), "2603020001"), (order.merchant, "260302"), (order.merchant, "")):
            assert list(OrderLine.objects.find(merchant, typed)) == []

    def test_without_a_shop_only_a_number_that_one_shop_has(self):
        order = make_order(external_id="2603020001")
        assert [line.order for line in OrderLine.objects.find(None, "2603020001")] == [order]
        make_order(external_id="2603020001")
        assert list(OrderLine.objects.find(None, "2603020001")) == []

    def test_the_label_says_what_and_how_many(self):
        order = make_order()
        line = order.lines.get()
        assert line.label == "1.7 升电热水壶"
        line.quantity = 3
        assert line.label == "1.7 升电热水壶 × 3"


URL = "/api/v1/orders/"
BODY = {
    "external_id": "2603020001",
    "settlement": "own_gateway",
    "bought_at": "2026-03-02T14:30:00+08:00",
    "paid_total": "199.00",
    "freight": "0.00",
    "terms": {"promised_return_days": 15},
    "lines": [
        {
            "number": 1,
            "sku": "KT-17",
            "name": "1.7 升电热水壶",
            "category": "phone",
            "list_price": "249.00",
            "paid": "199.00",
            "batch": "B7",
            "confirmation": {"mode": "explicit", "at": "2026-03-02T14:29:00+08:00", "snapshot": "拆封后不支持"},
        }
    ],
    "tenders": [{"method": "wechat", "amount": "180.00"}, {"method": "points", "amount": "19.00", "points": 1900}],
    "parcels": [
        {"carrier": "顺丰", "waybill": "SF1", "signed_at": "2026-03-04T09:00:00+08:00", "lines": [{"number": 1}]}
    ],
}


@pytest.mark.django_db
class TestApi:
    def post(self, client, body, **headers):
        return client.post(URL, body, content_type="application/json", headers=headers)

    def test_a_push_is_created_then_known(self, client):
        merchant = make_merchant()
        client.force_login(make_user(Role.ADMIN))
        body = BODY | {"merchant": merchant.code}
        first = self.post(client, body)
        assert (first.status_code, first.headers["Huiyin-Outcome"]) == (201, "created")
        second = self.post(client, body)
        assert (second.status_code, second.headers["Huiyin-Outcome"]) == (200, "unchanged")
        told = second.json()
        assert told["merchant"] == merchant.code
        assert told["lines"][0] | {"serial": ""} == BODY["lines"][0] | {
            "nature": "confirm_activation",
            "warranty_months": 0,
            "serial": "",
            "quantity": 1,
            "confirmation": told["lines"][0]["confirmation"],
        }
        assert told["lines"][0]["confirmation"]["mode"] == "explicit"
        assert told["parcels"][0]["lines"] == [{"number": 1, "quantity": 1}]
        assert (told["paid_total"], told["bought_at"]) == ("199.00", "2026-03-02T14:30:00+08:00")
        assert client.get(f"{URL}{told['id']}/").json() == told
        assert Order.objects.count() == 1

    def test_an_idempotency_key_repeats_the_first_answer(self, client):
        body = BODY | {"merchant": make_merchant().code}
        client.force_login(make_user(Role.ADMIN))
        answers = [self.post(client, body, **{"Idempotency-Key": "k1"}) for _ in range(2)]
        assert [answer.status_code for answer in answers] == [201, 201]
        assert Order.objects.count() == 1

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"merchant": "NOWHERE"}, "merchant"),
            ({"merchant": ""}, "merchant"),
            ({"paid_total": "-1.00"}, "paid_total"),
            ({"paid_total": "1.999"}, "paid_total"),
            ({"paid_total": "Infinity"}, "paid_total"),
            ({"bought_at": "soon"}, "bought_at"),
            ({"bought_at": None}, "bought_at"),
            ({"external_id": "x" * 81}, "external_id"),
            ({"external_id": "\x00"}, "external_id"),
            ({"lines": "x"}, "lines.non_field_errors"),
            ({"lines": [{"number": 1, "name": "\x00", "paid": "1"}]}, "lines.0.name"),
            ({"terms": {"coupon": "\x00"}}, "terms"),
        ],
    )
    def test_what_can_not_be_used_is_422_and_nothing_is_kept(self, client, change, field):
        client.force_login(make_user(Role.ADMIN))
        answer = self.post(client, BODY | {"merchant": make_merchant().code} | change)
        assert answer.status_code == 422
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert field in answer.json()["errors"]
        assert Order.objects.count() == 0

    def test_staff_of_a_shop_see_its_orders_only(self, client):
        own, other = make_order(), make_order()
        client.force_login(make_user(Role.AGENT, merchants=[own.merchant]))
        assert [order["id"] for order in client.get(URL).json()["results"]] == [own.pk]
        assert client.get(f"{URL}{other.pk}/").status_code == 404
        client.force_login(make_user(Role.AGENT))
        assert [order["id"] for order in client.get(URL).json()["results"]] == [other.pk, own.pk]

    def test_customers_and_guests_see_no_orders(self, client):
        order = make_order()
        assert client.get(URL).status_code == 401
        client.force_login(make_user(Role.CUSTOMER))
        assert client.get(URL).status_code == 403
        assert client.get(f"{URL}{order.pk}/").status_code == 403

    def test_filters_find_by_number_shop_and_waybill(self, client):
        order = make_order(external_id="A1")
        make_order(external_id="A2")
        Parcel.objects.create(order=order, carrier="顺丰", waybill="SF1")
        client.force_login(make_user(Role.ADMIN))
        for query in ({"q": "A1"}, {"merchant": order.merchant.code}, {"waybill": "SF1"}, {"external_id": "A1"}):
            assert [found["id"] for found in client.get(URL, query).json()["results"]] == [order.pk]
        assert client.get(URL, {"q": "\x00"}).status_code == 422
        assert client.get(URL, {"bought_from": "x"}).status_code == 422

    def test_an_id_beyond_every_number_is_missing(self, client):
        client.force_login(make_user(Role.ADMIN))
        for pk in ("99999999999999999999999", "x", "0"):
            assert client.get(f"{URL}{pk}/").status_code == 404

    def test_the_list_asks_the_database_the_same_however_long(self, client, django_assert_max_num_queries):
        merchant = make_merchant()
        for _ in range(5):
            make_order(merchant)
        client.force_login(make_user(Role.ADMIN))
        with django_assert_max_num_queries(9):
            assert len(client.get(URL).json()["results"]) == 5
