from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from common.events import Event


class OrderEvent(Event):
    """What a shop told us about an order, and when."""

    order = models.ForeignKey("orders.Order", on_delete=models.CASCADE, related_name="events")
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")

    SCHEMAS = {
        "order.pushed": frozenset({"lines", "origin"}),
        "order.changed": frozenset({"fields", "origin"}),
        "parcel.signed": frozenset({"parcel"}),
    }

    class Meta:
        verbose_name = _("order event")
        indexes = [models.Index(fields=["order", "-at"], name="order_event_newest")]

    def __str__(self) -> str:
        return f"{self.kind} {self.order_id}"
