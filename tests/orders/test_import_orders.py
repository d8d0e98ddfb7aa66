"""`import_orders`: good rows go in, bad ones come back with their reason, and twice changes nothing."""

import csv
import io
import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command

from orders.models import Order, OrderEvent, OrderLine, Parcel, Tender
from tests.factories import make_merchant

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop():
    return make_merchant(code="TM01")


@pytest.fixture
def run(tmp_path):
    def run(content, map_=None, *options, encoding="utf-8"):
        path = tmp_path / "orders.csv"
        path.write_bytes(content.encode(encoding))
        arguments = [str(path), "--rejects", str(tmp_path / "bad.csv"), *options]
        if map_ is not None:
            (tmp_path / "map.json").write_text(json.dumps(map_, ensure_ascii=False), encoding="utf-8")
            arguments += ["--map", str(tmp_path / "map.json")]
        out = io.StringIO()
        call_command("import_orders", *arguments, stdout=out)
        with (tmp_path / "bad.csv").open(encoding="utf-8-sig", newline="") as file:
            bad = list(csv.reader(file))[1:]
        return json.loads(out.getvalue().splitlines()[-1]), [(int(row[0]), row[1]) for row in bad]

    return run


def counts(rows=0, created=0, updated=0, unchanged=0, rejected=0):
    return {"rows": rows, "created": created, "updated": updated, "unchanged": unchanged, "rejected": rejected}


SHOP_FILE = """订单编号,下单时间,商品编码,商品名称,类目,数量,实付,支付方式金额,物流公司,运单号,签收时间
1001,2026-03-02 14:30,KT-17,1.7 升电热水壶,小家电,1,199.00,238.00,顺丰,SF1,2026-03-04
1001,2026-03-02 14:30,LID-1,壶盖,小家电,3,39.00,238.00,顺丰,SF1,2026-03-04
1002,2026-03-03 09:00,TEA-9,绿茶,食品,1,88.50,88.50,,,
"""
SHOP_MAP = {
    "columns": {
        "order_number": "订单编号",
        "bought_at": "下单时间",
        "sku": "商品编码",
        "product": "商品名称",
        "category": "类目",
        "quantity": "数量",
        "paid_price": "实付",
        "paid_alipay": "支付方式金额",
        "carrier": "物流公司",
        "waybill": "运单号",
        "signed_at": "签收时间",
    },
    "values": {"category": {"小家电": "appliance", "食品": "food"}},
    "constants": {"merchant": "TM01", "settlement": "on_platform"},
}


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_a_shops_export_goes_in_and_twice_creates_nothing_new(run, shop, encoding):
    assert run(SHOP_FILE, SHOP_MAP, encoding=encoding) == (counts(rows=3, created=2), [])
    order = Order.objects.get(external_id="1001")
    assert (order.bought_at, order.bought_date_only) == (datetime(2026, 3, 2, 6, 30, tzinfo=UTC), False)
    assert order.paid_total == Decimal("238.00")
    assert [(line.number, line.sku, line.quantity, line.paid) for line in order.lines.all()] == [
        (1, "KT-17", 1, Decimal("199.00")),
        (2, "LID-1", 3, Decimal("39.00")),
    ]
    assert [(tender.method, tender.amount) for tender in order.tenders.all()] == [("alipay", Decimal("238.00"))]
    parcel = Parcel.objects.get()
    assert (str(parcel), parcel.signed_at, parcel.signed_date_only) == (
        "顺丰 SF1",
        datetime(2026, 3, 3, 16, tzinfo=UTC),
        True,
    )
    assert {(content.line.number, content.quantity) for content in parcel.contents.all()} == {(1, 1), (2, 3)}
    assert OrderLine.objects.get(sku="TEA-9").nature == "confirm_health"
    assert run(SHOP_FILE, SHOP_MAP, encoding=encoding) == (counts(rows=3, unchanged=2), [])
    assert {event.data["origin"] for event in OrderEvent.objects.filter(kind="order.pushed")} == {"import"}


def test_a_changed_row_updates_its_order_only(run, shop):
    run(SHOP_FILE, SHOP_MAP)
    assert run(SHOP_FILE.replace("88.50", "80.00"), SHOP_MAP) == (counts(rows=3, updated=1, unchanged=1), [])
    assert Order.objects.get(external_id="1002").paid_total == Decimal("80.00")


HEAD = "external_id,merchant,bought_at,product,paid_price,quantity,category\n"


def test_bad_rows_come_back_with_line_and_reason_and_good_ones_go_in(run, shop):
    found, bad = run(
        HEAD
        + "1,TM01,2026-03-02,水壶,199.00,1,appliance\n"
        + "2,TM01,2026-03-02,水壶,一百,1,appliance\n"
        + ",TM01,2026-03-02,水壶,199.00,1,appliance\n"
        + "4,TM01,2026-03-02,水壶,199.00,0,kettles\n"
        + "5,NOWHERE,2026-03-02,水壶,199.00,1,appliance\n"
        + "6,TM01,,水壶,199.00,1,appliance\n"
        + "7,TM01,2026-03-02,水壶,199.00,1,appliance\n"
    )
    assert found == counts(rows=7, created=2, rejected=5)
    assert [line for line, _reason in sorted(bad)] == [3, 4, 5, 6, 7]
    assert all(reason for _line, reason in bad)
    assert sorted(Order.objects.values_list("external_id", flat=True)) == ["1", "7"]


def test_a_dry_run_counts_and_keeps_nothing(run, shop):
    assert run(SHOP_FILE, SHOP_MAP, "--dry-run") == (counts(rows=3, created=2), [])
    assert (Order.objects.count(), Tender.objects.count(), OrderEvent.objects.count()) == (0, 0, 0)


def test_rows_of_one_order_that_stand_apart_name_their_line(run, shop, monkeypatch):
    monkeypatch.setattr("orders.imports.ROWS_AT_ONCE", 1)
    rows = ["1,TM01,2026-03-02,水壶,199.00,1,appliance\n", "2,TM01,2026-03-02,茶,9.00,1,food\n"]
    found, bad = run(HEAD + rows[0] + rows[1] + rows[0])
    assert found == counts(rows=3, created=2, rejected=1)
    assert [line for line, _reason in bad] == [4]
    head = HEAD.strip() + ",line_number\n"
    numbered = [row.strip() + f",{number}\n" for row, number in zip([*rows, rows[0]], (1, 1, 2), strict=True)]
    found, bad = run(head + "".join(numbered))
    assert (found["rejected"], bad) == (0, [])
    assert Order.objects.get(external_id="1").lines.count() == 2


def test_what_was_paid_is_added_up_when_the_file_does_not_say(run, shop):
    head = "external_id,merchant,bought_at,product,paid_price,freight\n"
    run(head + "1,TM01,2026-03-02,水壶,199.00,8.00\n1,TM01,2026-03-02,壶盖,39.00,8.00\n")
    order = Order.objects.get()
    assert (order.paid_total, order.freight, order.bought_date_only) == (Decimal("246.00"), Decimal("8.00"), True)


def test_confirmation_and_terms_are_json(run, shop):
    head = "external_id,merchant,bought_at,product,paid_price,confirmation\n"
    good = '1,TM01,2026-03-02,水壶,199.00,"{""mode"": ""explicit"", ""at"": ""2026-03-02T14:29:00+08:00""}"\n'
    bad = '2,TM01,2026-03-02,水壶,199.00,"{""mode"": ""perhaps""}"\n3,TM01,2026-03-02,水壶,199.00,yes\n'
    found, _bad = run(head + good + bad)
    assert found == counts(rows=3, created=1, rejected=2)
    assert OrderLine.objects.get().confirmation == {"mode": "explicit", "at": "2026-03-02T14:29:00+08:00"}


@pytest.mark.parametrize(
    "arguments", [["/nowhere.csv"], [__file__, "--map", "/nowhere.json"], [__file__, "--encoding", "utf-88"]]
)
def test_a_file_that_can_not_be_used_ends_with_a_sentence(arguments):
    with pytest.raises(CommandError):
        call_command("import_orders", *arguments)
    assert Order.objects.count() == 0


def test_the_map_that_ships_is_a_map():
    from pathlib import Path

    from common.imports import ImportMap
    from orders.imports import FIELDS

    folder = Path(__file__).parent.parent.parent / "docs" / "import"
    assert ImportMap.read(folder / "orders_map.json", FIELDS).columns["order_number"] == "订单编号"
    described = (folder / "orders.md").read_text(encoding="utf-8")
    assert [name for name in FIELDS if f"`{name}`" not in described] == []
