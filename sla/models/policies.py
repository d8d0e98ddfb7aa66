from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from calendars.worktime import Target as WorkTarget
from sla.metrics import METRICS
from tickets.models import Priority


class SetState(models.TextChoices):
    DRAFT = "draft", pgettext_lazy("policy set", "draft")
    PUBLISHED = "published", pgettext_lazy("policy set", "published")


class PolicySetQuerySet(models.QuerySet["PolicySet"]):
    def published(self) -> PolicySetQuerySet:
        return self.filter(state=SetState.PUBLISHED)

    def in_force(self, at: datetime) -> PolicySet | None:
        """What held at a moment; for times before the first set, the first one. None if nothing is published."""
        known = self.published()
        return known.filter(in_force_from__lte=at).order_by("-in_force_from", "-number").first() or (
            known.order_by("in_force_from", "number").first()
        )


class PolicySet(models.Model):
    """All promises that hold from a moment on, as one version. Published ones never change; the database refuses."""

    number = models.PositiveIntegerField(_("version"), unique=True)
    state = models.CharField(max_length=10, choices=SetState, default=SetState.DRAFT)
    in_force_from = models.DateTimeField(_("in force from"), null=True, blank=True)
    created_at = models.DateTimeField()

    objects = PolicySetQuerySet.as_manager()

    class Meta:
        verbose_name = _("policy set")
        ordering = ["-number"]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=SetState.values), name="policy_set_state_known"),
            models.CheckConstraint(
                condition=Q(state=SetState.DRAFT) | Q(in_force_from__isnull=False), name="policy_set_published_has_date"
            ),
        ]

    def __str__(self) -> str:
        return f"v{self.number}"

    @property
    def is_published(self) -> bool:
        return self.state == SetState.PUBLISHED


class Policy(models.Model):
    """One line of a set: for which cases, and by which working hours. The first line that fits a case counts."""

    policy_set = models.ForeignKey(PolicySet, on_delete=models.CASCADE, related_name="policies")
    position = models.PositiveSmallIntegerField()
    name_zh = models.CharField(_("Chinese name"), max_length=80)
    name_en = models.CharField(_("English name"), max_length=120)
    # {"kind": [..], "category": [ids], "priority": [..], "channel": [..], "merchant": [ids], "tier": [..],
    #  "amount": "500.00" (at least, CNY), "safety": true}; empty fits every case.
    conditions = models.JSONField(default=dict, blank=True)
    # Without one, the working hours of the shop, else of the organisation.
    calendar = models.ForeignKey(
        "calendars.Calendar", on_delete=models.PROTECT, null=True, blank=True, related_name="policies"
    )

    class Meta:
        verbose_name = _("policy")
        verbose_name_plural = _("policies")
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["policy_set", "position"], name="policy_position_once")]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """In the reader's language."""
        return self.name_en if (get_language() or "").startswith("en") else self.name_zh

    @property
    def is_default(self) -> bool:
        return not self.conditions


class Unit(models.TextChoices):
    MINUTES = "minutes", _("minutes")
    WORKING_DAYS = "working_days", _("working days")
    CALENDAR_DAYS = "calendar_days", _("calendar days")


class Target(models.Model):
    """How much time a policy gives for one metric, for one priority or (without one) for the others."""

    policy = models.ForeignKey(Policy, on_delete=models.CASCADE, related_name="targets")
    metric = models.CharField(max_length=24)
    priority = models.CharField(max_length=8, blank=True)
    unit = models.CharField(max_length=14, choices=Unit, default=Unit.MINUTES)
    count = models.PositiveIntegerField()
    # Never later than so many minutes on the clock after the start.
    cap_minutes = models.PositiveIntegerField(null=True, blank=True)
    # Instead of the policy's working hours.
    calendar = models.ForeignKey(
        "calendars.Calendar", on_delete=models.PROTECT, null=True, blank=True, related_name="targets"
    )
    # Percent of the time after which people are warned, rising; a case is at risk from the first.
    warn_at = models.JSONField(default=list, blank=True)

    class Meta:
        verbose_name = _("target")
        constraints = [
            models.UniqueConstraint(fields=["policy", "metric", "priority"], name="target_once"),
            models.CheckConstraint(condition=Q(count__gt=0), name="target_gives_time"),
            models.CheckConstraint(
                condition=Q(cap_minutes__isnull=True) | Q(cap_minutes__gt=0), name="target_cap_gives_time"
            ),
            models.CheckConstraint(condition=Q(unit__in=Unit.values), name="target_unit_known"),
            models.CheckConstraint(condition=Q(metric__in=sorted(METRICS)), name="target_metric_known"),
            models.CheckConstraint(condition=Q(priority__in=["", *Priority.values]), name="target_priority_known"),
        ]

    def __str__(self) -> str:
        return f"{self.metric} {self.priority} {self.count} {self.unit}".strip()

    def to_json(self) -> dict[str, Any]:
        """As TARGET of contracts.md."""
        return WorkTarget(self.unit, self.count, max_elapsed_minutes=self.cap_minutes).to_json()
