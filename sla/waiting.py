"""What should have been done by now and was not: /readyz asks, so that a standstill is seen before customers see it."""

from __future__ import annotations

from datetime import datetime

from sla.actions.sweep import LAG
from sla.models import Clock, ClockState, StepKind, StepState, WorkflowStep


def oldest_step(at: datetime) -> datetime | None:
    """When the longest-waiting step of the timeout workflow was due; parked ones count from their next try."""
    steps = WorkflowStep.objects.filter(not_before__lte=at).order_by("not_before").values_list("not_before", flat=True)
    # One question per kind: that is how the index of waiting steps is ordered.
    heads = [steps.filter(state=StepState.WAITING, kind=kind)[:1] for kind in StepKind]
    return min(steps.filter(state=StepState.PARKED)[:1].union(*heads, all=True), default=None)


def oldest_unrecorded(at: datetime) -> datetime | None:
    """When the oldest promise fell due that the sweep should have recorded as missed."""
    clocks = Clock.objects.filter(state=ClockState.RUNNING, breached_at__isnull=True, due_at__lte=at - LAG)
    return clocks.order_by("due_at", "id").values_list("due_at", flat=True).first()
