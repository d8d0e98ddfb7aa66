"""What a shop sold, copied from the shop and never edited by a case: a case only points at it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from orders.models.products import Nature, ProductCategory

if TYPE_CHECKING:
    from accounts.models import Merchant, User


class SalesChannel(models.TextChoices):
    """How it was sold: distance selling carries the seven-day right (七日办法 art. 2), a shop counter does not."""

    ONLINE = "online", pgettext_lazy("sold", "online")
    LIVE = "live", pgettext_lazy("sold", "live stream")
    TV = "tv", pgettext_lazy("sold", "television")
    PHONE = "phone", pgettext_lazy("sold", "by phone")
    MAIL = "mail", pgettext_lazy("sold", "mail order")
    OFFLINE = "offline", pgettext_lazy("sold", "in the shop")
    C2C = "c2c", pgettext_lazy("sold", "between private people")


class Settlement(models.TextChoices):
    """Where the money of this order lives, and so how a refund goes."""

    OWN_GATEWAY = "own_gateway", _("our own payment gateway")
    MANUAL_TRANSFER = "manual_transfer", _("transfer by hand")
    ON_PLATFORM = "on_platform", _("on the sales platform")


class TenderMethod(models.TextChoices):
    WECHAT = "wechat", _("WeChat Pay")
    ALIPAY = "alipay", _("Alipay")
    UNIONPAY = "unionpay", _("UnionPay")
    CREDIT_CARD = "credit_card", _("credit card")
    BANK_TRANSFER = "bank_transfer", _("bank transfer")
    BALANCE = "balance", _("account balance")
    GIFT_CARD = "gift_card", _("gift card")
    POINTS = "points", _("points")
    COUPON = "coupon", _("coupon")
    CASH = "cash", _("cash")
    OTHER = "other", pgettext_lazy("payment", "other")


class OrderQuerySet(models.QuerySet["Order"]):
    def visible_to(self, user: User) -> OrderQuerySet:
        """Staff see orders, confined to their merchants where they have a scope; customers see none as a list."""
        if not (user.is_authenticated and user.is_active and user.is_staff):
            return self.none()
        return self.filter(merchant__in=user.scope) if user.scope else self.all()


class Order(models.Model):
    """One order of one shop. It carries no buyer: the customer's contact belongs to the case."""

    merchant = models.ForeignKey("accounts.Merchant", on_delete=models.PROTECT, related_name="orders")
    external_id = models.CharField(_("order number"), max_length=80)
    channel = models.CharField(_("sold by"), max_length=12, choices=SalesChannel, default=SalesChannel.ONLINE)
    settlement = models.CharField(_("settlement"), max_length=20, choices=Settlement, default=Settlement.ON_PLATFORM)
    for_business = models.BooleanField(_("bought for a business"), default=False)
    bought_at = models.DateTimeField(_("bought"))
    # The source gave a day and no time: shown without "00:00".
    bought_date_only = models.BooleanField(default=False)
    paid_total = models.DecimalField(_("paid"), max_digits=12, decimal_places=2)
    freight = models.DecimalField(_("freight"), max_digits=12, decimal_places=2, default=0)
    currency = models.CharField(_("currency"), max_length=3, default="CNY")
    # What was promised or agreed with this order; the keys stand in `TERMS`.
    terms = models.JSONField(_("terms"), default=dict, blank=True)
    pushed_at = models.DateTimeField(editable=False)
    changed_at = models.DateTimeField(editable=False)

    #: key -> what it says. Amounts are texts like "300.00" in the order's currency.
    TERMS = {
        "coupon": "amount",
        "coupon_threshold": "amount",
        "full_reduction_threshold": "amount",
        "full_reduction_minus": "amount",
        "free_shipping_threshold": "amount",
        "normal_freight": "amount",
        "promised_return_days": "count",
        "promised_no_reason_return": "flag",
        "freight_insurance": "flag",
    }

    objects = OrderQuerySet.as_manager()

    class Meta:
        verbose_name = _("order")
        constraints = [
            models.UniqueConstraint(fields=["merchant", "external_id"], name="order_once_per_shop"),
            models.CheckConstraint(condition=~Q(external_id=""), name="order_has_number"),
            models.CheckConstraint(condition=Q(channel__in=SalesChannel.values), name="order_channel_known"),
            models.CheckConstraint(condition=Q(settlement__in=Settlement.values), name="order_settlement_known"),
            models.CheckConstraint(condition=Q(paid_total__gte=0), name="order_paid_not_negative"),
            models.CheckConstraint(condition=Q(freight__gte=0), name="order_freight_not_negative"),
            models.CheckConstraint(condition=Q(currency__regex=r"^[A-Z]{3}$"), name="order_currency_code"),
        ]
        indexes = [
            models.Index(fields=["external_id"], name="order_number"),
            models.Index(fields=["merchant", "-bought_at"], name="order_of_shop_newest"),
        ]

    def __str__(self) -> str:
        return self.external_id


class OrderLineQuerySet(models.QuerySet["OrderLine"]):
    def find(self, merchant: Merchant | None, order_no: str) -> OrderLineQuerySet:
        """The lines of the order with this number, typed by a customer: spaces and case don't matter.

        Without a merchant only if a single shop has such an order; otherwise nothing, because a wrong
        match would show one customer another's purchase.
        """
        number = "".join(order_no.split())
        if not number:
            return self.none()
        found = Order.objects.filter(external_id__in={number, number.upper(), number.lower()})
        if merchant is not None:
            found = found.filter(merchant=merchant)
        ids = list(found.values_list("pk", flat=True)[:2])
        if len(ids) != 1:
            return self.none()
        return self.filter(order_id=ids[0]).select_related("order", "product").order_by("number")


class OrderLine(models.Model):
    """One article of an order, with what law and shop said about it when it was bought."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="lines")
    number = models.PositiveSmallIntegerField(_("line"))
    product = models.ForeignKey("orders.Product", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    sku = models.CharField(_("article number"), max_length=80, blank=True)
    name = models.CharField(_("article"), max_length=200)
    category = models.CharField(
        _("product category"), max_length=20, choices=ProductCategory, default=ProductCategory.OTHER
    )
    nature = models.CharField(_("return right"), max_length=20, choices=Nature, default=Nature.ORDINARY)
    warranty_months = models.PositiveSmallIntegerField(_("warranty in months"), default=0)
    batch = models.CharField(_("batch"), max_length=60, blank=True)
    serial = models.CharField(_("serial number"), max_length=60, blank=True)
    quantity = models.PositiveIntegerField(_("quantity"), default=1)
    # Of one piece, before discounts, and of the whole line, really paid; in the order's currency.
    list_price = models.DecimalField(_("list price"), max_digits=12, decimal_places=2)
    paid = models.DecimalField(_("paid for the line"), max_digits=12, decimal_places=2)
    # How the customer confirmed that this purchase can't be returned (实施条例 art. 19): {"mode", "at", "snapshot"};
    # null when they were not asked. mode = explicit | preticked | terms_only; only `explicit` counts in law.
    confirmation = models.JSONField(_("confirmation record"), null=True, blank=True)

    objects = OrderLineQuerySet.as_manager()

    class Meta:
        verbose_name = _("order line")
        ordering = ["order", "number"]
        constraints = [
            models.UniqueConstraint(fields=["order", "number"], name="order_line_once"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="order_line_has_quantity"),
            models.CheckConstraint(condition=Q(list_price__gte=0), name="order_line_list_price_not_negative"),
            models.CheckConstraint(condition=Q(paid__gte=0), name="order_line_paid_not_negative"),
            models.CheckConstraint(condition=Q(category__in=ProductCategory.values), name="order_line_category_known"),
            models.CheckConstraint(condition=Q(nature__in=Nature.values), name="order_line_nature_known"),
        ]
        indexes = [
            models.Index(fields=["batch"], condition=~Q(batch=""), name="order_line_batch"),
            models.Index(fields=["serial"], condition=~Q(serial=""), name="order_line_serial"),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """The one thing about an order that a signed entry link may show: what was bought and how many."""
        return self.name if self.quantity == 1 else f"{self.name} × {self.quantity}"


class Tender(models.Model):
    """What part of an order was paid with what: money goes back the way it came (七日办法 art. 14)."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="tenders")
    method = models.CharField(_("paid with"), max_length=16, choices=TenderMethod)
    # The gateway's number of the payment; two payments of one kind need it to be told apart.
    reference = models.CharField(_("payment number"), max_length=80, blank=True)
    amount = models.DecimalField(_("amount"), max_digits=12, decimal_places=2)
    points = models.PositiveIntegerField(_("points used"), null=True, blank=True)

    class Meta:
        verbose_name = _("payment")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["order", "method", "reference"], name="tender_once"),
            models.CheckConstraint(condition=Q(method__in=TenderMethod.values), name="tender_method_known"),
            models.CheckConstraint(condition=Q(amount__gte=0), name="tender_amount_not_negative"),
            models.CheckConstraint(
                condition=Q(points__isnull=True) | Q(method=TenderMethod.POINTS), name="tender_points_only_for_points"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.method} {self.amount}"
