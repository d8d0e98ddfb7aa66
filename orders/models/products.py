from __future__ import annotations

from collections.abc import Mapping

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class ProductCategory(models.TextChoices):
    """What kind of thing it is: decides what "intact" means when it comes back (七日办法 art. 9)."""

    APPAREL = "apparel", _("clothes")
    UNDERWEAR = "underwear", _("underwear")
    SHOES = "shoes", _("shoes")
    BAGS = "bags", _("bags")
    TOYS = "toys", _("toys")
    TEXTILE = "textile", _("household textiles")
    HOME = "home", _("household goods")
    FURNITURE = "furniture", _("furniture")
    APPLIANCE = "appliance", _("household appliances")
    ELECTRONICS = "electronics", _("electronics")
    PHONE = "phone", pgettext_lazy("product", "mobile phones")
    COSMETICS = "cosmetics", _("cosmetics")
    FOOD = "food", _("food")
    FRESH = "fresh", _("fresh food")
    LIVE = "live", _("live animals and plants")
    MEDICINE = "medicine", _("medicine")
    MEDICAL_DEVICE = "medical_device", _("medical devices")
    BOOK = "book", _("books")
    PERIODICAL = "periodical", _("newspapers and periodicals")
    SOFTWARE_DISC = "software_disc", _("discs and boxed software")
    DIGITAL = "digital", _("downloads")
    VIRTUAL = "virtual", _("top-ups and codes")
    CUSTOMISED = "customised", _("made to order")
    SECOND_HAND = "second_hand", _("second-hand goods")
    SERVICE = "service", _("services")
    OTHER = "other", pgettext_lazy("product", "other")


class Nature(models.TextChoices):
    """What law says about returning it without a reason (消法 art. 25, 七日办法 art. 6 and 7).

    The middle four are excluded outright, `media` once unsealed; the `confirm_*` ones only if the customer confirmed
    it for that single purchase (OrderLine.confirmation).
    """

    ORDINARY = "ordinary", _("ordinary goods")
    CUSTOMISED = "customised", _("made for this customer")
    PERISHABLE = "perishable", _("fresh or perishable")
    DIGITAL = "digital", _("downloaded or online content")
    MEDIA = "media", _("audio, video or software in a seal")
    PERIODICAL = "periodical", _("delivered newspaper or periodical")
    CONFIRM_HEALTH = "confirm_health", _("unsafe or spoilt once unsealed")
    CONFIRM_ACTIVATION = "confirm_activation", _("loses much of its value once activated or tried")
    CONFIRM_FLAW = "confirm_flaw", _("sold as near its expiry date or flawed")
    SERVICE = "service", _("a service, not goods")


#: What a shop's order says by its category when it does not say more. Cautious: in doubt, the right to return stands.
NATURE_OF_CATEGORY: Mapping[str, str] = {
    ProductCategory.CUSTOMISED: Nature.CUSTOMISED,
    ProductCategory.FRESH: Nature.PERISHABLE,
    ProductCategory.LIVE: Nature.PERISHABLE,
    ProductCategory.DIGITAL: Nature.DIGITAL,
    ProductCategory.VIRTUAL: Nature.DIGITAL,
    ProductCategory.SOFTWARE_DISC: Nature.MEDIA,
    ProductCategory.PERIODICAL: Nature.PERIODICAL,
    ProductCategory.UNDERWEAR: Nature.CONFIRM_HEALTH,
    ProductCategory.COSMETICS: Nature.CONFIRM_HEALTH,
    ProductCategory.FOOD: Nature.CONFIRM_HEALTH,
    ProductCategory.MEDICINE: Nature.CONFIRM_HEALTH,
    ProductCategory.MEDICAL_DEVICE: Nature.CONFIRM_HEALTH,
    ProductCategory.PHONE: Nature.CONFIRM_ACTIVATION,
    ProductCategory.ELECTRONICS: Nature.CONFIRM_ACTIVATION,
    ProductCategory.SERVICE: Nature.SERVICE,
}


class Product(models.Model):
    """Something a shop sells, as its catalogue says today; an order line keeps what held when it was sold."""

    merchant = models.ForeignKey("accounts.Merchant", on_delete=models.PROTECT, related_name="products")
    sku = models.CharField(_("article number"), max_length=80)
    name = models.CharField(_("name"), max_length=200)
    category = models.CharField(
        _("product category"), max_length=20, choices=ProductCategory, default=ProductCategory.OTHER
    )
    nature = models.CharField(_("return right"), max_length=20, choices=Nature, default=Nature.ORDINARY)
    warranty_months = models.PositiveSmallIntegerField(_("warranty in months"), default=0)

    class Meta:
        verbose_name = _("product")
        ordering = ["merchant", "sku"]
        constraints = [
            models.UniqueConstraint(fields=["merchant", "sku"], name="product_once_per_shop"),
            models.CheckConstraint(condition=Q(category__in=ProductCategory.values), name="product_category_known"),
            models.CheckConstraint(condition=Q(nature__in=Nature.values), name="product_nature_known"),
        ]

    def __str__(self) -> str:
        return self.name
