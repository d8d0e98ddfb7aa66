"""Plain functions that make what a test talks about. Each makes what it needs below itself, and only that.

Cases and clocks: tests/factories_tickets.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

from accounts.models import Customer, Merchant, Mode, Organisation, Role, Team, User
from calendars.actions import create_calendar
from calendars.models import Calendar
from orders.models import Order, OrderLine, Product, Tender

SHANGHAI = ZoneInfo("Asia/Shanghai")
#: Monday 9 March 2026, 14:30 in Shanghai: the hour in which the samples of the design play.
NOW = datetime(2026, 3, 9, 14, 30, tzinfo=SHANGHAI)
PASSWORD = "a-long-password-42"
_numbers = count(1)


def make_calendar(code: str = "retail") -> Calendar:
    """A calendar by its code: one of the three that come with the product, else one that is open every day 9 to 22."""
    found = Calendar.objects.filter(code=code).first()
    days = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    definition = {"timezone": "Asia/Shanghai", "hours": {day: [["09:00", "22:00"]] for day in days}, "holidays": []}
    return found or create_calendar(code, code, definition)


def make_organisation(name: str = "回音电器", *, mode: str = Mode.BRAND, **fields: Any) -> Organisation:
    """The one organisation, set up; people and shops below make it when it is missing, since no page opens without."""
    found = Organisation.objects.filter(pk=1).first()
    if found is None:
        defaults = {"calendar": make_calendar(), "number_key": "k" * 64, "set_up_at": NOW - timedelta(days=400)}
        found = Organisation.objects.create(pk=1, **{**defaults, "name": name, "mode": mode, **fields})
        Organisation.forget()
    return found


def make_team(name: str = "", *, lead: User | None = None, **fields: Any) -> Team:
    make_organisation()
    return Team.objects.create(name=name or f"售后{next(_numbers)}组", lead=lead, **fields)


def make_user(
    role: str = Role.AGENT,
    *,
    name: str = "",
    merchants: Sequence[Merchant] = (),
    password: str = PASSWORD,
    **fields: Any,
) -> User:
    """Somebody who can sign in with their e-mail and `PASSWORD`; with `merchants`, confined to those shops."""
    make_organisation()
    number = next(_numbers)
    fields.setdefault("email", f"person{number}@huiyin.test")
    user = User.objects.create_user(name=name or f"同事{number}", role=role, password=password, **fields)
    if merchants:
        user.merchants.set(merchants)
    return user


def make_merchant(name: str = "", **fields: Any) -> Merchant:
    make_organisation()
    number = next(_numbers)
    fields.setdefault("code", f"SHOP{number}")
    fields.setdefault("slug", f"shop{number}")
    return Merchant.objects.create(name=name or f"晨光旗舰店{number}", **fields)


def make_customer(name: str = "何秀英", phone: str = "+8613800136021", **fields: Any) -> Customer:
    make_organisation()
    return Customer.objects.create(name=name, phone=phone, **{"created_at": NOW, **fields})


def make_product(merchant: Merchant | None = None, **fields: Any) -> Product:
    number = next(_numbers)
    defaults = {"sku": f"KT-{number}", "name": "1.7 升电热水壶", "category": "appliance", "warranty_months": 12}
    return Product.objects.create(merchant=merchant or make_merchant(), **{**defaults, **fields})


def make_order(
    merchant: Merchant | None = None,
    *,
    products: Sequence[Product] = (),
    paid: Decimal | str = "199.00",
    **fields: Any,
) -> Order:
    """An order bought a week before `NOW`, one line per product (a kettle by default), paid with WeChat Pay."""
    merchant = merchant or (products[0].merchant if products else make_merchant())
    paid = Decimal(paid)
    bought_at = fields.get("bought_at", NOW - timedelta(days=7))
    defaults = {"external_id": f"26030{next(_numbers):09d}", "bought_at": bought_at, "paid_total": paid}
    order = Order.objects.create(
        merchant=merchant, **{**defaults, "pushed_at": bought_at, "changed_at": bought_at, **fields}
    )
    products = products or [make_product(merchant)]
    share = (paid / len(products)).quantize(Decimal("0.01"))
    OrderLine.objects.bulk_create(
        OrderLine(
            order=order,
            number=number,
            product=product,
            sku=product.sku,
            name=product.name,
            category=product.category,
            nature=product.nature,
            warranty_months=product.warranty_months,
            list_price=share,
            paid=share if number > 1 else paid - share * (len(products) - 1),
        )
        for number, product in enumerate(products, start=1)
    )
    Tender.objects.create(order=order, method="wechat", amount=paid)
    return order
