"""The one verb of orders: a shop tells what it sold. Nothing else writes these tables, and no case ever does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Literal

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Merchant, User
from common import clock
from common.errors import Invalid, require
from common.events import Origin
from orders.events import record_many
from orders.facts import LineFacts, OrderFacts, said
from orders.models import (
    NATURE_OF_CATEGORY,
    Nature,
    Order,
    OrderLine,
    Parcel,
    ParcelLine,
    Product,
    ProductCategory,
    Tender,
)
from orders.permissions import may

Outcome = Literal["created", "updated", "unchanged"]
CENT = Decimal("0.01")
PARTS = frozenset({"merchant", "external_id", "lines", "tenders", "parcels"})


@dataclass(frozen=True)
class Pushed:
    """What became of one pushed order."""

    order: Order
    outcome: Outcome


@transaction.atomic
def push_orders(
    orders: Sequence[OrderFacts], *, actor: User | None, origin: str = Origin.LIVE, at: datetime | None = None
) -> list[Pushed]:
    """Keep orders as their shops tell them; the same order told again changes nothing, one with news is updated.

    What is not said stays: a later push may bring only the parcel. Lines, payments and parcels are told apart by their
    number, (method, reference) and (carrier, waybill), and are never removed, because a case may point at them.
    A shop's pushes run one after the other. Raises NotAllowed, or Invalid when one of the orders can't be kept;
    then none is. `actor` None is the system (imports, demo).
    """
    everywhere = actor is None or may(actor, "push_orders")
    require(everywhere or may(actor, "push_own_orders"), _("Your role does not include pushing orders."))
    for facts in orders:
        facts.check()
    if len({facts.key for facts in orders}) != len(orders):
        raise Invalid(_("One order stands twice in the list."))
    at = at or clock.now()
    merchants = _locked_merchants({facts.merchant for facts in orders}, actor, everywhere=everywhere)
    known = {
        (order.merchant_id, order.external_id): order
        for order in Order.objects.filter(
            merchant__in=merchants.values(), external_id__in=[facts.external_id for facts in orders]
        ).prefetch_related("lines", "tenders", "parcels__contents")
    }
    batch = _Batch(at, str(origin), _products(orders, merchants))
    pushed = []
    for facts in orders:
        merchant = merchants[facts.merchant]
        pushed.append(batch.take(facts, merchant, known.get((merchant.pk, facts.external_id))))
    batch.write()
    record_many(batch.events(), actor=actor, at=at)
    return pushed


def _locked_merchants(codes: set[str], actor: User | None, *, everywhere: bool) -> dict[str, Merchant]:
    """The shops by code, locked in key order, so that two pushes of one shop never insert the same order.

    NO KEY: filing a case that points at the shop goes on meanwhile. A shop outside the actor's scope looks missing.
    """
    found = Merchant.objects.filter(code__in=codes).order_by("pk").select_for_update(no_key=True)
    merchants = {merchant.code: merchant for merchant in found}
    scope = actor.scope if actor is not None else frozenset()
    if scope or not everywhere:
        merchants = {code: merchant for code, merchant in merchants.items() if merchant.pk in scope}
    if missing := sorted(codes - set(merchants)):
        sentence = _("There is no shop with the code %(codes)s.") % {"codes": ", ".join(missing)}
        raise Invalid(sentence, errors={"merchant": [sentence]})
    return merchants


def _products(orders: Sequence[OrderFacts], merchants: dict[str, Merchant]) -> dict[tuple[int, str], Product]:
    """The catalogue rows the lines speak of; an article heard of for the first time is added as the line tells it."""
    wanted: dict[tuple[int, str], LineFacts] = {}
    for facts in orders:
        for line in facts.lines:
            if line.sku:
                wanted.setdefault((merchants[facts.merchant].pk, line.sku), line)
    if not wanted:
        return {}
    rows = Product.objects.filter(merchant__in=merchants.values(), sku__in={sku for _merchant, sku in wanted})
    products = {(product.merchant_id, product.sku): product for product in rows}
    new = [
        Product(
            merchant_id=merchant,
            sku=sku,
            name=line.name or sku,
            category=line.category or ProductCategory.OTHER,
            nature=line.nature or NATURE_OF_CATEGORY.get(line.category or "", Nature.ORDINARY),
            warranty_months=line.warranty_months or 0,
        )
        for (merchant, sku), line in wanted.items()
        if (merchant, sku) not in products
    ]
    products.update({(product.merchant_id, product.sku): product for product in Product.objects.bulk_create(new)})
    return products


class _Batch:
    """What a list of pushed orders adds and changes, gathered first and written with one statement per table."""

    def __init__(self, at: datetime, origin: str, products: dict[tuple[int, str], Product]) -> None:
        self.at, self.origin, self.products = at, origin, products
        self.new: dict[type, list[Any]] = {model: [] for model in (Order, OrderLine, Tender, Parcel, ParcelLine)}
        self.changed: dict[type, dict[Any, set[str]]] = {model: {} for model in self.new}
        self.news: dict[Order, set[str]] = {}
        self.signed: list[Parcel] = []

    def take(self, facts: OrderFacts, merchant: Merchant, order: Order | None) -> Pushed:
        """Gather what is new about one order."""
        if order is None:
            order = self._new_order(facts, merchant)
            outcome: Outcome = "created"
            lines, tenders, parcels = {}, {}, {}
        else:
            outcome = "unchanged"
            lines = {line.number: line for line in order.lines.all()}
            tenders = {(tender.method, tender.reference): tender for tender in order.tenders.all()}
            parcels = {(parcel.carrier, parcel.waybill): parcel for parcel in order.parcels.all()}
        news = set() if outcome == "created" else self._apply(order, said(facts, but=PARTS))
        for index, line_facts in enumerate(facts.lines):
            if self._line(order, lines, line_facts, index):
                news.add("lines")
        for tender in facts.tenders:
            key = (tender.method, tender.reference)
            if self._keep(Tender, tenders, key, order, said(tender)):
                news.add("tenders")
        for index, parcel_facts in enumerate(facts.parcels):
            key = (parcel_facts.carrier, parcel_facts.waybill)
            had = parcels.get(key)
            was_signed = had is not None and had.signed_at is not None
            if self._keep(Parcel, parcels, key, order, said(parcel_facts, but=frozenset({"contents"}))):
                news.add("parcels")
            if parcels[key].signed_at is not None and not was_signed:
                self.signed.append(parcels[key])
            if self._contents(parcels[key], had is not None, lines, parcel_facts.contents, index):
                news.add("parcels")
        if news and outcome == "unchanged":
            outcome = "updated"
            self.news[order] = news
            order.changed_at = self.at
            self.changed[Order].setdefault(order, set()).add("changed_at")
        return Pushed(order, outcome)

    def write(self) -> None:
        """Everything gathered, parents first."""
        for model, rows in self.new.items():
            model._default_manager.bulk_create(rows, batch_size=1000)  # type: ignore[attr-defined]
        for model, changed in self.changed.items():
            fields = sorted(set().union(*changed.values()))
            if fields:
                model._default_manager.bulk_update(list(changed), fields, batch_size=500)  # type: ignore[attr-defined]

    def events(self) -> list[tuple[Order, str, dict[str, Any]]]:
        """What happened, codes and numbers only."""
        counts: dict[int, int] = {}
        for line in self.new[OrderLine]:
            counts[line.order_id] = counts.get(line.order_id, 0) + 1
        found: list[tuple[Order, str, dict[str, Any]]] = [
            (order, "order.pushed", {"lines": counts.get(order.pk, 0), "origin": self.origin})
            for order in self.new[Order]
        ]
        found += [
            (order, "order.changed", {"fields": sorted(fields), "origin": self.origin})
            for order, fields in self.news.items()
        ]
        found += [(parcel.order, "parcel.signed", {"parcel": parcel.pk}) for parcel in self.signed]
        return found

    def _new_order(self, facts: OrderFacts, merchant: Merchant) -> Order:
        missing = {
            name: [_("A new order needs this.")] for name in ("bought_at", "paid_total") if getattr(facts, name) is None
        }
        if missing:
            sentence = _("Order %(number)s is new and lacks: %(names)s.") % {
                "number": facts.external_id,
                "names": ", ".join(missing),
            }
            raise Invalid(sentence, errors=missing)
        order = Order(
            merchant=merchant,
            external_id=facts.external_id,
            pushed_at=self.at,
            changed_at=self.at,
            **said(facts, but=PARTS),
        )
        self.new[Order].append(order)
        return order

    def _line(self, order: Order, lines: dict[int, OrderLine], facts: LineFacts, index: int) -> bool:
        values = said(facts)
        if facts.sku:
            # By id: to look at `line.product` would ask the database once per line.
            values["product_id"] = self.products[order.merchant_id, facts.sku].pk
        if facts.number in lines:
            return self._keep(OrderLine, lines, facts.number, order, values)
        product = self.products[order.merchant_id, facts.sku] if facts.sku else None
        values.setdefault("name", product.name if product else "")
        values.setdefault("category", product.category if product else ProductCategory.OTHER)
        usual = NATURE_OF_CATEGORY.get(values["category"], Nature.ORDINARY)
        values.setdefault("nature", product.nature if product and facts.category is None else usual)
        values.setdefault("warranty_months", product.warranty_months if product else 0)
        quantity = values.setdefault("quantity", 1)
        if facts.paid is None and facts.list_price is None:
            sentence = _("A new line needs what was paid for it.")
            raise Invalid(sentence, errors={f"lines.{index}.paid": [sentence]})
        if facts.paid is None:
            values["paid"] = facts.list_price * quantity  # type: ignore[operator]
        if facts.list_price is None:
            values["list_price"] = (facts.paid / quantity).quantize(CENT, ROUND_HALF_UP)  # type: ignore[operator]
        if not values["name"]:
            sentence = _("A new line needs the name of the article.")
            raise Invalid(sentence, errors={f"lines.{index}.name": [sentence]})
        return self._keep(OrderLine, lines, facts.number, order, values)

    def _contents(
        self,
        parcel: Parcel,
        is_known: bool,
        lines: dict[int, OrderLine],
        contents: tuple[tuple[int, int], ...],
        index: int,
    ) -> bool:
        """Which pieces are in a parcel; whether that says anything new."""
        known = {content.line_id: content for content in parcel.contents.all()} if is_known else {}
        news = False
        for number, quantity in contents:
            line = lines.get(number)
            if line is None:
                sentence = _("The parcel speaks of line %(number)d, which the order does not have.") % {
                    "number": number
                }
                raise Invalid(sentence, errors={f"parcels.{index}.lines": [sentence]})
            content = known.get(line.pk) if line.pk else None
            if content is None:
                self.new[ParcelLine].append(ParcelLine(parcel=parcel, line=line, quantity=quantity))
                news = True
            elif self._apply(content, {"quantity": quantity}):
                news = True
        return news

    def _keep(self, model: type, rows: dict[Any, Any], key: Any, order: Order, values: dict[str, Any]) -> bool:
        """Add or change one part of an order; whether that says anything new."""
        if key in rows:
            return bool(self._apply(rows[key], values))
        rows[key] = model(order=order, **values)
        self.new[model].append(rows[key])
        return True

    def _apply(self, row: Any, values: dict[str, Any]) -> set[str]:
        """Set what differs on a row and remember to write it."""
        differing = {name for name, value in values.items() if getattr(row, name) != value}
        for name in differing:
            setattr(row, name, values[name])
        if differing:
            self.changed[type(row)].setdefault(row, set()).update(differing)
        return differing
