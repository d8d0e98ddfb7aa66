from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class SignedBy(models.TextChoices):
    """Who took the parcel: the seven days start when the customer has it (电子商务法 art. 52)."""

    RECIPIENT = "recipient", _("the recipient")
    PROXY = "proxy", _("somebody they named")
    STRANGER = "stranger", _("somebody they did not name")
    LOCKER = "locker", _("a parcel locker")


class Parcel(models.Model):
    """One parcel of an order on its way to the customer."""

    order = models.ForeignKey("orders.Order", on_delete=models.CASCADE, related_name="parcels")
    carrier = models.CharField(_("carrier"), max_length=40, blank=True)
    waybill = models.CharField(_("waybill"), max_length=60)
    # Who sent it, where a marketplace order is sent by several sellers.
    seller = models.CharField(_("sent by"), max_length=60, blank=True)
    shipped_at = models.DateTimeField(_("shipped"), null=True, blank=True)
    # Put into a locker without the customer having it yet.
    deposited_at = models.DateTimeField(_("put into a locker"), null=True, blank=True)
    signed_at = models.DateTimeField(_("signed for"), null=True, blank=True)
    signed_date_only = models.BooleanField(default=False)
    signed_by = models.CharField(_("signed by"), max_length=10, choices=SignedBy, blank=True)
    lines = models.ManyToManyField("orders.OrderLine", through="orders.ParcelLine", related_name="parcels")

    class Meta:
        verbose_name = _("parcel")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["order", "carrier", "waybill"], name="parcel_once"),
            models.CheckConstraint(condition=Q(signed_by__in=["", *SignedBy.values]), name="parcel_signed_by_known"),
        ]
        indexes = [models.Index(fields=["waybill"], name="parcel_waybill")]

    def __str__(self) -> str:
        return f"{self.carrier} {self.waybill}".strip()


class ParcelLine(models.Model):
    """How many pieces of an order line are in a parcel."""

    parcel = models.ForeignKey(Parcel, on_delete=models.CASCADE, related_name="contents")
    line = models.ForeignKey("orders.OrderLine", on_delete=models.CASCADE, related_name="+")
    quantity = models.PositiveIntegerField(_("quantity"), default=1)

    class Meta:
        verbose_name = _("parcel content")
        constraints = [
            models.UniqueConstraint(fields=["parcel", "line"], name="parcel_line_once"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="parcel_line_has_quantity"),
        ]

    def __str__(self) -> str:
        return f"{self.parcel_id}: {self.line_id} × {self.quantity}"
