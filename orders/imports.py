"""Rows of a table -> orders: several rows with one order number make one order, a row per line or parcel."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from django.utils.translation import gettext as _

from common.imports import BadRow, Field, Moment, Row
from orders.facts import LineFacts, OrderFacts, ParcelFacts, TenderFacts, confirmation_problem, terms_problem
from orders.models import Nature, ProductCategory, SalesChannel, Settlement, SignedBy, TenderMethod

#: What a column may be called in a map (`order_number` and `external_id` are the same).
FIELDS: Final[Mapping[str, Field]] = {
    "external_id": Field(longest=80),
    "order_number": Field(longest=80),
    "merchant": Field(longest=60, required=True),
    "channel": Field(),
    "settlement": Field(),
    "bought_at": Field("moment"),
    "paid_total": Field("amount"),
    "freight": Field("amount"),
    "currency": Field(longest=3),
    "terms": Field("json"),
    **{f"paid_{method}": Field("amount") for method in TenderMethod.values},
    "line_number": Field("count"),
    "sku": Field(longest=80),
    "product": Field(longest=200),
    "category": Field(),
    "nature": Field(),
    "warranty_months": Field("count"),
    "batch": Field(longest=60),
    "serial": Field(longest=60),
    "quantity": Field("count"),
    "list_price": Field("amount"),
    "paid_price": Field("amount"),
    "confirmation": Field("json"),
    "carrier": Field(longest=40),
    "waybill": Field(longest=60),
    "parcel": Field(longest=60),
    "seller": Field(longest=60),
    "shipped_at": Field("moment"),
    "deposited_at": Field("moment"),
    "signed_at": Field("moment"),
    "signed_by": Field(),
}
CHOICES: Final = {
    "channel": SalesChannel.values,
    "settlement": Settlement.values,
    "category": ProductCategory.values,
    "nature": Nature.values,
    "signed_by": SignedBy.values,
}
SMALLEST_BIG = 32768
ROWS_AT_ONCE = 1000


@dataclass
class Group:
    """The rows of one order, in file order."""

    key: tuple[str, str]
    rows: list[Row] = field(default_factory=list)


def checked(row: Row) -> Row | BadRow:
    """What the reader can't know: codes that exist, numbers that fit, a line that says enough."""
    values, reasons = row.values, []
    if not (values.get("external_id") or values.get("order_number")):
        reasons.append(_("The order number is missing."))
    for name, choices in CHOICES.items():
        if name in values and values[name] not in choices:
            reasons.append(
                _("%(name)s: “%(value)s” is unknown; known are %(choices)s.")
                % {"name": name, "value": values[name][:40], "choices": ", ".join(choices)}
            )
    reasons += [
        _("%(name)s: the number is too large.") % {"name": name}
        for name in ("line_number", "warranty_months")
        if values.get(name, 0) >= SMALLEST_BIG
    ]
    if values.get("line_number", 1) < 1:
        reasons.append(_("Lines are numbered from 1."))
    if values.get("quantity", 1) < 1:
        reasons.append(_("A line holds at least one piece."))
    reasons += [
        problem
        for problem in (confirmation_problem(values.get("confirmation")), terms_problem(values.get("terms")))
        if problem
    ]
    return BadRow(row.line, tuple(reasons), row.cells) if reasons else row


def groups(rows: Iterable[Row | BadRow]) -> Iterator[list[Group | BadRow]]:
    """Lists of whole orders of about a thousand rows, each for one transaction, with the bad rows among them.

    Rows of one order stand together; they may be apart only when they name their line, since otherwise the second
    part would be counted from one again and overwrite the first.
    """
    open_groups: dict[tuple[str, str], Group] = {}
    closed: set[int] = set()
    found: list[Group | BadRow] = []
    count = 0
    for row in rows:
        good = checked(row) if isinstance(row, Row) else row
        if isinstance(good, BadRow):
            found.append(good)
            continue
        key = (good.values["merchant"], good.values.get("external_id") or good.values["order_number"])
        if key not in open_groups and count >= ROWS_AT_ONCE:
            closed.update(hash(group) for group in open_groups)
            yield found
            found, open_groups, count = [], {}, 0
        if key not in open_groups:
            if hash(key) in closed and "line_number" not in good.values and _speaks_of_line(good.values):
                sentence = _("Rows of one order stand together, or name their line_number.")
                found.append(BadRow(good.line, (sentence,), good.cells))
                continue
            open_groups[key] = Group(key)
            found.append(open_groups[key])
        open_groups[key].rows.append(good)
        count += 1
    if found:
        yield found


LINE_VALUES: Final = ("sku", "product", "list_price", "paid_price", "quantity", "batch", "serial")


def _speaks_of_line(values: Mapping[str, Any]) -> bool:
    return any(name in values for name in LINE_VALUES)


def facts(group: Group) -> OrderFacts:
    """One order from its rows; what several rows say about the whole order is taken from the first that says it."""
    merchant, number = group.key
    whole: dict[str, Any] = {}
    lines: dict[int, dict[str, Any]] = {}
    parcels: dict[tuple[str, str], dict[str, Any]] = {}
    for row in group.rows:
        for name, value in row.values.items():
            whole.setdefault(name, value)
        line = _line(row.values, len(lines) + 1)
        if line:
            lines.setdefault(line["number"], {}).update(line)
        if parcel := _parcel(row.values):
            key = (parcel["carrier"], parcel["waybill"])
            contents = parcels.get(key, {}).get("contents", {})
            if line:
                contents = {**contents, line["number"]: line.get("quantity", 1)}
            parcels[key] = {**parcels.get(key, {}), **parcel, "contents": contents}
    tenders = tuple(
        TenderFacts(method=method, amount=whole[f"paid_{method}"])
        for method in TenderMethod.values
        if f"paid_{method}" in whole
    )
    bought = whole.get("bought_at")
    return OrderFacts(
        merchant=merchant,
        external_id=number,
        bought_at=bought.at if bought else None,
        bought_date_only=bought.date_only if bought else None,
        paid_total=_paid_total(whole, tenders, lines),
        **{name: whole.get(name) for name in ("channel", "settlement", "freight", "terms")},
        currency=whole["currency"].upper() if "currency" in whole else None,
        lines=tuple(LineFacts(**line) for line in lines.values()),
        tenders=tenders,
        parcels=tuple(
            ParcelFacts(**{**parcel, "contents": tuple(parcel["contents"].items())}) for parcel in parcels.values()
        ),
    )


def _paid_total(
    whole: Mapping[str, Any], tenders: tuple[TenderFacts, ...], lines: Mapping[int, Mapping[str, Any]]
) -> Decimal | None:
    """As the file says it, else what the payments add up to, else the lines and the freight; None if none is said."""
    if "paid_total" in whole:
        return whole["paid_total"]
    if tenders:
        return sum((tender.amount for tender in tenders), Decimal(0))
    paid = [line["paid"] for line in lines.values() if "paid" in line]
    if paid and len(paid) == len(lines):
        return sum(paid, whole.get("freight", Decimal(0)))
    return None


def _line(values: Mapping[str, Any], number: int) -> dict[str, Any]:
    if not _speaks_of_line(values):
        return {"number": values["line_number"]} if "line_number" in values else {}
    names = {
        "name": "product",
        "paid": "paid_price",
        **{
            name: name
            for name in (
                "sku",
                "category",
                "nature",
                "warranty_months",
                "batch",
                "serial",
                "quantity",
                "list_price",
                "confirmation",
            )
        },
    }
    line = {ours: values[theirs] for ours, theirs in names.items() if theirs in values}
    return {**line, "number": values.get("line_number", number)}


def _parcel(values: Mapping[str, Any]) -> dict[str, Any]:
    waybill = values.get("waybill") or values.get("parcel")
    if not waybill:
        return {}
    parcel: dict[str, Any] = {"waybill": waybill, "carrier": values.get("carrier", "")}
    for name in ("seller", "signed_by"):
        if name in values:
            parcel[name] = values[name]
    for name in ("shipped_at", "deposited_at", "signed_at"):
        moment: Moment | None = values.get(name)
        if moment is not None:
            parcel[name] = moment.at
    if "signed_at" in values:
        parcel["signed_date_only"] = values["signed_at"].date_only
    return parcel
