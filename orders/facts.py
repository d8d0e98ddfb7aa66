"""An order as a shop tells it, checked and ready to be kept. A fact that is None was not said and changes nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from common.errors import Invalid
from orders.models import Order

MODES = frozenset({"explicit", "preticked", "terms_only"})
LONGEST_SNAPSHOT = 4000
MOST_LINES = 500


@dataclass(frozen=True)
class LineFacts:
    """`list_price` of one piece, `paid` for the whole line, in the order's currency."""

    number: int
    name: str | None = None
    sku: str | None = None
    category: str | None = None
    nature: str | None = None
    warranty_months: int | None = None
    batch: str | None = None
    serial: str | None = None
    quantity: int | None = None
    list_price: Decimal | None = None
    paid: Decimal | None = None
    confirmation: Mapping[str, Any] | None = None

    def problems(self) -> dict[str, str]:
        """Field -> what contradicts itself."""
        found = {}
        if self.number < 1:
            found["number"] = _("Lines are numbered from 1.")
        if self.quantity is not None and self.quantity < 1:
            found["quantity"] = _("A line holds at least one piece.")
        if problem := confirmation_problem(self.confirmation):
            found["confirmation"] = problem
        return found


@dataclass(frozen=True)
class TenderFacts:
    """One payment; `method` and `reference` tell it from the others of the order."""

    method: str
    amount: Decimal
    reference: str = ""
    points: int | None = None

    def problems(self) -> dict[str, str]:
        """Field -> what contradicts itself."""
        if self.points is not None and self.method != "points":
            return {"points": _("Only a payment in points says how many.")}
        return {}


@dataclass(frozen=True)
class ParcelFacts:
    """One parcel; `carrier` and `waybill` tell it from the others. `contents`: line number -> pieces."""

    waybill: str
    carrier: str = ""
    seller: str | None = None
    shipped_at: datetime | None = None
    deposited_at: datetime | None = None
    signed_at: datetime | None = None
    signed_date_only: bool | None = None
    signed_by: str | None = None
    contents: tuple[tuple[int, int], ...] = ()

    def problems(self) -> dict[str, str]:
        """Field -> what contradicts itself."""
        found = {}
        if not self.waybill.strip():
            found["waybill"] = _("A parcel needs its waybill.")
        numbers = [number for number, _quantity in self.contents]
        if len(set(numbers)) != len(numbers):
            found["lines"] = _("A line stands twice in one parcel.")
        return found


@dataclass(frozen=True)
class OrderFacts:
    """`merchant` is the shop's code, `external_id` its order number: a push is idempotent on the two together."""

    merchant: str
    external_id: str
    channel: str | None = None
    settlement: str | None = None
    for_business: bool | None = None
    bought_at: datetime | None = None
    bought_date_only: bool | None = None
    paid_total: Decimal | None = None
    freight: Decimal | None = None
    currency: str | None = None
    terms: Mapping[str, Any] | None = None
    lines: tuple[LineFacts, ...] = ()
    tenders: tuple[TenderFacts, ...] = ()
    parcels: tuple[ParcelFacts, ...] = ()

    @property
    def key(self) -> tuple[str, str]:
        return self.merchant, self.external_id

    def check(self) -> OrderFacts:
        """Refuse what contradicts itself, every contradiction at once. Raises Invalid."""
        errors: dict[str, list[str]] = {}
        if not self.external_id.strip():
            errors["external_id"] = [_("An order needs its number.")]
        if self.currency is not None and not re.fullmatch("[A-Z]{3}", self.currency):
            errors["currency"] = [_("A currency is three capital letters, such as CNY.")]
        if len(self.lines) > MOST_LINES:
            errors["lines"] = [_("An order has at most %(count)d lines.") % {"count": MOST_LINES}]
        if len({line.number for line in self.lines}) != len(self.lines):
            errors["lines"] = [_("Two lines have the same number.")]
        if len({(tender.method, tender.reference) for tender in self.tenders}) != len(self.tenders):
            errors["tenders"] = [_("Two payments of one kind need a reference to be told apart.")]
        if len({(parcel.carrier, parcel.waybill) for parcel in self.parcels}) != len(self.parcels):
            errors["parcels"] = [_("Two parcels have the same waybill.")]
        all_parts: dict[str, tuple[LineFacts | TenderFacts | ParcelFacts, ...]] = {
            "lines": self.lines,
            "tenders": self.tenders,
            "parcels": self.parcels,
        }
        for name, parts in all_parts.items():
            for index, part in enumerate(parts):
                for field, problem in part.problems().items():
                    errors[f"{name}.{index}.{field}"] = [problem]
        if problem := terms_problem(self.terms):
            errors["terms"] = [problem]
        if errors:
            raise Invalid(next(iter(errors.values()))[0], errors=errors)
        return self


def confirmation_problem(record: Mapping[str, Any] | None) -> str:
    """What is wrong with a confirmation record, or ""."""
    if record is None:
        return ""
    if not isinstance(record, Mapping) or set(record) - {"mode", "at", "snapshot"}:
        return _("A confirmation record holds mode, at and snapshot.")
    if record.get("mode") not in MODES:
        return _("The mode of a confirmation is explicit, preticked or terms_only.")
    at = record.get("at")
    if at is not None:
        try:
            moment = parse_datetime(at) if isinstance(at, str) else None
        except ValueError:
            moment = None
        if moment is None or moment.tzinfo is None:
            return _("The moment of a confirmation is an ISO 8601 time with offset.")
    snapshot = record.get("snapshot", "")
    if not isinstance(snapshot, str) or len(snapshot) > LONGEST_SNAPSHOT or "\x00" in snapshot:
        return _("The snapshot of a confirmation is a text of at most %(count)d characters.") % {
            "count": LONGEST_SNAPSHOT
        }
    return ""


def terms_problem(terms: Mapping[str, Any] | None) -> str:
    """What is wrong with the terms of an order, or ""."""
    if terms is None:
        return ""
    if not isinstance(terms, Mapping):
        return _("The terms are a JSON object.")
    for key, value in terms.items():
        kind = Order.TERMS.get(key)
        if kind is None:
            return _("“%(key)s” is no term; known are: %(keys)s.") % {"key": key, "keys": ", ".join(Order.TERMS)}
        if kind == "flag" and not isinstance(value, bool):
            return _("“%(key)s” is true or false.") % {"key": key}
        if kind == "count" and (isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 3650):
            return _("“%(key)s” is a number of days.") % {"key": key}
        if kind == "amount" and not _is_amount(value):
            return _('“%(key)s” is an amount as text, such as "300.00".') % {"key": key}
    return ""


def _is_amount(value: Any) -> bool:
    if not isinstance(value, str):
        return False
    try:
        amount = Decimal(value)
    except InvalidOperation:
        return False
    return amount.is_finite() and 0 <= amount < 10**10 and amount == amount.quantize(Decimal("0.01"))


def said(facts: Any, *, but: frozenset[str] = frozenset()) -> dict[str, Any]:
    """The facts that were said, by name."""
    return {
        field.name: value
        for field in fields(facts)
        if field.name not in but and (value := getattr(facts, field.name)) is not None
    }
