from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from calendars.worktime import Target as WorkTarget
from common.events import Origin
from sla.metrics import METRICS, RECOVERY, SIDES


class ClockState(models.TextChoices):
    """Breached is a fact beside these: a clock that is late still runs until it is met."""

    RUNNING = "running", pgettext_lazy("clock", "running")
    PAUSED = "paused", pgettext_lazy("clock", "paused")
    MET = "met", pgettext_lazy("clock", "met")
    CANCELLED = "cancelled", pgettext_lazy("clock", "cancelled")
    EXPIRED = "expired", pgettext_lazy("clock", "expired")


LIVE = (ClockState.RUNNING, ClockState.PAUSED)


class Terms(models.Model):
    """Under which version of our promises a case was opened: it keeps that version for life."""

    ticket = models.OneToOneField("tickets.Ticket", on_delete=models.CASCADE, primary_key=True, related_name="terms")
    policy_set = models.ForeignKey("sla.PolicySet", on_delete=models.PROTECT, related_name="+")
    policy = models.ForeignKey("sla.Policy", on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("terms")

    def __str__(self) -> str:
        return f"{self.ticket_id} {self.policy_set_id}"


class Clock(models.Model):
    """One promise on one case. Stamped with what it began under; nothing is recomputed afterwards.

    `due_at` is what people see (none while paused), `promised_at` what was promised first. `pauses` is a list of
    [from, until or null, reason], ISO 8601. Metric `recovery` makes up for a missed `recovers`; one that a person
    promised carries `promised_by`. `judged_at` is when it was decided whether the promise was kept: the instant it
    was met in time, or fell due; with the shop, team and category of that moment.
    """

    ticket = models.ForeignKey("tickets.Ticket", on_delete=models.CASCADE, related_name="clocks")
    metric = models.CharField(max_length=24)
    recovers = models.CharField(max_length=24, blank=True)
    side = models.CharField(max_length=10)
    cycle = models.PositiveSmallIntegerField(default=1)
    policy = models.ForeignKey("sla.Policy", on_delete=models.PROTECT, null=True, related_name="+")
    calendar_version = models.ForeignKey("calendars.CalendarVersion", on_delete=models.PROTECT, related_name="+")
    target = models.JSONField()
    warn_percents = models.JSONField(default=list, blank=True)
    started_at = models.DateTimeField()
    # From when the target counts: the start, unless a raised priority asked for more than was left.
    counted_from = models.DateTimeField()
    pauses = models.JSONField(default=list, blank=True)
    due_at = models.DateTimeField(null=True)
    ends_day = models.BooleanField(default=False)
    decided_by = models.CharField(max_length=8, default="target")
    promised_at = models.DateTimeField()
    promised_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    warn_at = models.DateTimeField(null=True)
    next_warn_at = models.DateTimeField(null=True)
    warnings = models.PositiveSmallIntegerField(default=0)
    state = models.CharField(max_length=10, choices=ClockState, default=ClockState.RUNNING)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=48, blank=True)
    breached_at = models.DateTimeField(null=True)
    judged_at = models.DateTimeField(null=True)
    merchant = models.ForeignKey(
        "accounts.Merchant", on_delete=models.SET_NULL, null=True, related_name="+", db_index=False
    )
    team = models.ForeignKey("accounts.Team", on_delete=models.SET_NULL, null=True, related_name="+", db_index=False)
    category = models.ForeignKey(
        "tickets.Category", on_delete=models.SET_NULL, null=True, related_name="+", db_index=False
    )
    origin = models.CharField(max_length=8, choices=Origin, default=Origin.LIVE)

    class Meta:
        verbose_name = _("clock")
        constraints = [
            models.CheckConstraint(condition=Q(state__in=ClockState.values), name="clock_state_known"),
            models.CheckConstraint(condition=Q(metric__in=[*sorted(METRICS), RECOVERY]), name="clock_metric_known"),
            models.CheckConstraint(condition=Q(side__in=SIDES), name="clock_side_known"),
            models.CheckConstraint(
                condition=Q(state__in=LIVE, ended_at__isnull=True) | ~Q(state__in=LIVE) & Q(ended_at__isnull=False),
                name="clock_ended_has_time",
            ),
            models.CheckConstraint(
                condition=~Q(state=ClockState.RUNNING) | Q(due_at__isnull=False), name="clock_running_has_due"
            ),
            models.CheckConstraint(
                condition=Q(breached_at__isnull=True) | Q(judged_at__isnull=False), name="clock_breached_is_judged"
            ),
            models.CheckConstraint(
                condition=~Q(state=ClockState.MET) | Q(judged_at__isnull=False), name="clock_met_is_judged"
            ),
            models.UniqueConstraint(
                fields=["ticket", "metric", "recovers"], condition=Q(state__in=LIVE), name="clock_one_live_per_metric"
            ),
        ]
        indexes = [
            # The sweep: what falls due next, what is to be warned about next.
            models.Index(
                fields=["due_at", "id"], condition=Q(state="running", breached_at__isnull=True), name="clock_falls_due"
            ),
            models.Index(
                fields=["next_warn_at", "id"],
                condition=Q(state="running", breached_at__isnull=True, next_warn_at__isnull=False),
                name="clock_to_warn",
            ),
            # Attainment of a period, from the index alone.
            models.Index(
                fields=["judged_at", "metric"],
                include=["merchant", "team", "category", "breached_at"],
                condition=Q(judged_at__isnull=False),
                name="clock_judged",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.ticket_id} {self.metric}"

    @property
    def is_live(self) -> bool:
        return self.state in LIVE

    @property
    def is_breached(self) -> bool:
        return self.breached_at is not None

    @property
    def is_kept(self) -> bool:
        return self.state == ClockState.MET and self.breached_at is None

    @property
    def work_target(self) -> WorkTarget:
        return WorkTarget.from_json(self.target)

    def missed_by(self, at: datetime) -> bool:
        """Whether `at` is too late: for minutes after the due time, for days at its very instant."""
        if self.due_at is None:
            return False
        return at >= self.due_at if self.ends_day else at > self.due_at

    def pause_spans(self, until: datetime) -> list[tuple[datetime, datetime]]:
        """The pauses as pairs of moments; one that goes on ends at `until`."""
        spans = []
        for begin, end, *_reason in self.pauses:
            first, last = datetime.fromisoformat(begin), datetime.fromisoformat(end) if end else until
            if last > first:
                spans.append((first, last))
        return spans

    @property
    def open_pause(self) -> list[Any] | None:
        return self.pauses[-1] if self.pauses and self.pauses[-1][1] is None else None
