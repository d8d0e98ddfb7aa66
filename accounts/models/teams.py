from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Team(models.Model):
    """People who share a queue; the lead is who an escalation goes to first."""

    name = models.CharField(_("name"), max_length=60, unique=True)
    lead = models.ForeignKey(
        "accounts.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="leads_teams"
    )
    calendar = models.ForeignKey(
        "calendars.Calendar", on_delete=models.PROTECT, null=True, blank=True, related_name="teams"
    )
    is_active = models.BooleanField(default=True)

    class Meta:
        verbose_name = _("team")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Merchant(models.Model):
    """A shop that sells and answers for it; its cases are a scope of their own."""

    name = models.CharField(_("name"), max_length=60)
    slug = models.SlugField(_("address part"), max_length=40, unique=True)
    code = models.CharField(_("code in the shop system"), max_length=60, unique=True)
    hotline = models.CharField(_("hotline"), max_length=30, blank=True)
    signature = models.CharField(_("signature in text messages"), max_length=12, blank=True)
    calendar = models.ForeignKey(
        "calendars.Calendar", on_delete=models.PROTECT, null=True, blank=True, related_name="merchants"
    )
    is_active = models.BooleanField(default=True)

    class Meta:
        verbose_name = _("shop")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
