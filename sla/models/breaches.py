from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import User
from tickets.models import Ticket


class BreachStep(models.TextChoices):
    """How far a missed promise has come on its way to being made good."""

    RECORDED = "recorded", pgettext_lazy("breach", "recorded")
    TOLD = "told", pgettext_lazy("breach", "customer told")
    ESCALATED = "escalated", pgettext_lazy("breach", "waiting for a lead")
    HANDED_OVER = "handed_over", pgettext_lazy("breach", "with a lead, time to be named")
    ACKNOWLEDGED = "acknowledged", pgettext_lazy("breach", "acknowledged")
    HISTORIC = "historic", pgettext_lazy("breach", "from before")


class BreachQuerySet(models.QuerySet["Breach"]):
    def visible_to(self, user: User) -> BreachQuerySet:
        """Those of the cases this person may know of."""
        if user.is_staff and user.is_active and not user.scope:
            return self
        return self.filter(ticket__in=Ticket.objects.visible_to(user))

    def live(self) -> BreachQuerySet:
        return self.filter(is_historic=False)


class Breach(models.Model):
    """A promise that was missed: what, by whom it was held, how late. Exactly one per clock, never taken back.

    Shop, team, assignee, category and status are those of the moment it was recorded. `repeat` counts the misses of
    the same promise: 2 is a missed recovery. `late_by` is known once the promise was made good.
    """

    clock = models.OneToOneField("sla.Clock", on_delete=models.CASCADE, related_name="breach")
    ticket = models.ForeignKey("tickets.Ticket", on_delete=models.CASCADE, related_name="breaches")
    metric = models.CharField(max_length=24)
    recovers = models.CharField(max_length=24, blank=True)
    due_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    late_by = models.DurationField(null=True)
    repeat = models.PositiveSmallIntegerField(default=1)
    is_historic = models.BooleanField(default=False)
    status = models.CharField(max_length=10)
    wait_reason = models.CharField(max_length=20, blank=True)
    assignee = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    team = models.ForeignKey("accounts.Team", on_delete=models.SET_NULL, null=True, related_name="+")
    merchant = models.ForeignKey("accounts.Merchant", on_delete=models.SET_NULL, null=True, related_name="+")
    category = models.ForeignKey("tickets.Category", on_delete=models.SET_NULL, null=True, related_name="+")
    step = models.CharField(max_length=12, choices=BreachStep, default=BreachStep.RECORDED)
    told_at = models.DateTimeField(null=True)
    # The clock of the new promise: made by us after a first miss, by a person after a second.
    recovery = models.ForeignKey("sla.Clock", on_delete=models.SET_NULL, null=True, related_name="+")
    escalated_to = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    escalated_at = models.DateTimeField(null=True)
    acknowledge_by = models.DateTimeField(null=True)
    acknowledged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    acknowledged_at = models.DateTimeField(null=True)

    objects = BreachQuerySet.as_manager()

    class Meta:
        verbose_name = _("breach")
        verbose_name_plural = _("breaches")
        constraints = [
            models.CheckConstraint(condition=Q(step__in=BreachStep.values), name="breach_step_known"),
            models.CheckConstraint(
                condition=~Q(step=BreachStep.ACKNOWLEDGED) | Q(acknowledged_at__isnull=False),
                name="breach_acknowledged_has_time",
            ),
        ]
        indexes = [
            models.Index(fields=["step", "due_at"], condition=Q(is_historic=False), name="breach_board"),
            models.Index(fields=["-due_at", "-id"], name="breach_newest"),
            models.Index(
                fields=["acknowledge_by"],
                condition=Q(acknowledged_at__isnull=True, acknowledge_by__isnull=False),
                name="breach_unacknowledged",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.ticket_id} {self.metric}"

    @property
    def missed(self) -> str:
        """The metric that was missed in the first place, also when its recovery was missed."""
        return self.recovers or self.metric

    def late_at(self, at: datetime) -> timedelta:
        """How late it was, or is by now."""
        return self.late_by if self.late_by is not None else max(at - self.due_at, timedelta(0))


class StepKind(models.TextChoices):
    TELL = "tell", _("tell the customer")
    ESCALATE = "escalate", _("tell the lead")
    ESCALATE_UP = "escalate_up", _("tell the manager")
    HAND_OVER = "hand_over", _("hand to a person")


class StepState(models.TextChoices):
    WAITING = "waiting", pgettext_lazy("workflow step", "waiting")
    DONE = "done", pgettext_lazy("workflow step", "done")
    PARKED = "parked", pgettext_lazy("workflow step", "parked")


class WorkflowStep(models.Model):
    """One thing to be done because of a breach, exactly once. Rows say what is due; workers come and go."""

    breach = models.ForeignKey(Breach, on_delete=models.CASCADE, related_name="steps")
    kind = models.CharField(max_length=12, choices=StepKind)
    # Telling the manager is repeated; every other step happens in round 1 only.
    round = models.PositiveSmallIntegerField(default=1, db_default=1)
    state = models.CharField(max_length=8, choices=StepState, default=StepState.WAITING)
    not_before = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=500, blank=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("step of the timeout workflow")
        constraints = [
            models.UniqueConstraint(fields=["breach", "kind", "round"], name="workflow_step_once_a_round"),
            models.CheckConstraint(condition=Q(state__in=StepState.values), name="workflow_step_state_known"),
            models.CheckConstraint(
                condition=~Q(state=StepState.DONE) | Q(done_at__isnull=False), name="workflow_step_done_has_time"
            ),
        ]
        indexes = [
            models.Index(
                fields=["kind", "not_before", "id"], condition=Q(state="waiting"), name="workflow_step_waiting"
            ),
            models.Index(fields=["not_before"], condition=Q(state="parked"), name="workflow_step_parked"),
        ]

    def __str__(self) -> str:
        return f"{self.breach_id} {self.kind}"
