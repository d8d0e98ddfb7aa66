from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Category(models.Model):
    """What a case is about: a tree of at most three levels."""

    DEPTH = 3

    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="children")
    code = models.SlugField(_("code"), max_length=40, unique=True)
    name_zh = models.CharField(_("Chinese name"), max_length=120)
    name_en = models.CharField(_("English name"), max_length=120)
    position = models.PositiveSmallIntegerField(default=0)
    is_safety = models.BooleanField(_("danger to people"), default=False)
    is_active = models.BooleanField(default=True)

    class Meta:
        verbose_name = _("category")
        verbose_name_plural = _("categories")
        ordering = ["position", "id"]
        constraints = [models.CheckConstraint(condition=~Q(parent=models.F("id")), name="category_not_its_own_parent")]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """In the reader's language."""
        from django.utils.translation import get_language

        return self.name_en if (get_language() or "").startswith("en") else self.name_zh


class Route(models.Model):
    """Which team and lead take a case by default, by merchant and category; the most specific line wins."""

    merchant = models.ForeignKey(
        "accounts.Merchant", on_delete=models.CASCADE, null=True, blank=True, related_name="routes"
    )
    category = models.ForeignKey(
        "tickets.Category", on_delete=models.CASCADE, null=True, blank=True, related_name="routes"
    )
    team = models.ForeignKey("accounts.Team", on_delete=models.PROTECT, related_name="routes")
    lead = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = _("route")
        constraints = [
            models.UniqueConstraint(fields=["merchant", "category"], nulls_distinct=False, name="route_one_per_pair")
        ]

    def __str__(self) -> str:
        return f"{self.merchant_id or '*'}/{self.category_id or '*'} -> {self.team_id}"
