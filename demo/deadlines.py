"""What time does to cases, played at its own moments: missed promises, waits that end, silence that closes."""

from __future__ import annotations

from datetime import datetime, timedelta

from sla.actions.breaches import acknowledge, set_promise
from sla.actions.sweep import LAG, sweep
from sla.actions.workflow import run_steps
from sla.models import Breach, Clock, ClockState, StepState, WorkflowStep
from tickets.actions import close_silent, resume_expired

#: How often waits and silence are looked at while the year is played.
_EVERY = timedelta(hours=1)
_SEEN_AFTER = timedelta(minutes=9)
_OWN_PROMISE = timedelta(hours=8)


class Deadlines:
    """Called before each step with its moment; does what fell due since the last one, in order."""

    def __init__(self) -> None:
        self._looked_at: datetime | None = None

    def _acknowledge(self, at: datetime) -> None:
        """The lead it came to looks after it within minutes; after a second miss they name a time themselves."""
        waiting = Breach.objects.filter(acknowledged_at__isnull=True, escalated_at__isnull=False, is_historic=False)
        for breach in waiting.select_related("escalated_to", "team", "ticket"):
            seen_at = at + _SEEN_AFTER
            if breach.escalated_to is not None:
                acknowledge(breach, actor=breach.escalated_to, at=seen_at)
                if breach.repeat > 1 and not breach.ticket.is_closed:
                    set_promise(breach, by_when=seen_at + _OWN_PROMISE, actor=breach.escalated_to, at=seen_at)

    def __call__(self, at: datetime) -> None:
        while (due := _next_due(at)) is not None:
            sweep(at=due)
            run_steps(at=due)
            self._acknowledge(due)
        if self._looked_at is None or at - self._looked_at >= _EVERY:
            self._looked_at = at
            resume_expired(at=at)
            close_silent(at=at)


def _next_due(before: datetime) -> datetime | None:
    """The next moment at which a sweep, or a step of the timeout workflow, would have had something to do."""
    clocks = Clock.objects.filter(state=ClockState.RUNNING, breached_at__isnull=True, due_at__lt=before - LAG)
    steps = WorkflowStep.objects.filter(state=StepState.WAITING, not_before__lt=before)
    due = clocks.order_by("due_at").values_list("due_at", flat=True).first()
    step = steps.order_by("not_before").values_list("not_before", flat=True).first()
    return min((moment for moment in (due and due + LAG, step) if moment), default=None)
