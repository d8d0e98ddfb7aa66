"""300 orders of the past year, as the shops would push them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random

from demo.shops import ARTICLES, BATCHES, CARRIERS, SHOPS, Article, Shop
from orders.actions import push_orders
from orders.facts import LineFacts, OrderFacts, ParcelFacts, TenderFacts
from orders.models import OrderLine

COUNT = 300
TENDERS = ("alipay", "wechat", "wechat", "unionpay")


@dataclass(frozen=True)
class Purchase:
    """One article of one order, to complain about."""

    shop: Shop
    article: Article
    line: OrderLine
    batch: str
    signed_at: datetime


def sell(random: Random, now: datetime) -> list[Purchase]:
    """Push the orders; returns what was sold, oldest first."""
    orders, sold = [], []
    # Most orders are of the last weeks, as complaints are.
    ages = sorted((365 * random.random() ** 1.6 + 2 for _ in range(COUNT)), reverse=True)
    for number, age in enumerate(ages, start=1):
        shop = random.choices(SHOPS, weights=(5, 4, 3))[0]
        bought_at = now - timedelta(days=age, minutes=random.randrange(600))
        signed_at = bought_at + timedelta(days=random.randrange(1, 4), hours=random.randrange(1, 9))
        articles = random.sample(ARTICLES[shop.slug], random.choice((1, 1, 1, 2)))
        lines = [
            LineFacts(
                number=place,
                name=article.name,
                sku=article.sku,
                category=article.category,
                warranty_months=12 if article.family == "electric" else 0,
                batch=random.choice(BATCHES) if article.family == "electric" else "",
                serial=f"{article.sku}{random.randrange(10**7):07d}" if article.family == "electric" else "",
                quantity=1,
                list_price=Decimal(article.price),
                paid=Decimal(article.price),
            )
            for place, article in enumerate(articles, start=1)
        ]
        paid = sum((line.paid for line in lines), Decimal(0))
        carrier, prefix = random.choice(CARRIERS)
        external_id = f"{shop.code}-{bought_at:%y%m}-{88000 + number}"
        orders.append(
            OrderFacts(
                merchant=shop.code,
                external_id=external_id,
                channel="live" if random.random() < 0.15 else "online",
                settlement="own_gateway",
                bought_at=bought_at,
                paid_total=paid,
                freight=Decimal("0.00"),
                lines=tuple(lines),
                tenders=(TenderFacts(method=random.choice(TENDERS), amount=paid, reference=f"P{number:06d}"),),
                parcels=(
                    ParcelFacts(
                        carrier=carrier,
                        waybill=f"{prefix}{random.randrange(10**11):011d}",
                        shipped_at=bought_at + timedelta(hours=20),
                        signed_at=signed_at if signed_at < now else None,
                        signed_by="recipient" if signed_at < now else None,
                        contents=tuple((line.number, 1) for line in lines),
                    ),
                ),
            )
        )
        sold += [(external_id, shop, article, line, signed_at) for article, line in zip(articles, lines, strict=True)]
    push_orders(orders, actor=None, at=now)
    kept = {(line.order.external_id, line.number): line for line in OrderLine.objects.select_related("order")}
    return [
        Purchase(shop, article, kept[external_id, line.number], line.batch or "", signed_at)
        for external_id, shop, article, line, signed_at in sold
    ]
