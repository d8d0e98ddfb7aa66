from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from common.events import Event


class SlaEvent(Event):
    """What happened to a promise. Listeners find the case on `ticket`; `breach` and `clock` where there are any.

    Times in `data` are ISO 8601 in UTC; `to`, `managers`, `lead` are ids of colleagues.
    """

    ticket = models.ForeignKey("tickets.Ticket", on_delete=models.CASCADE, null=True, related_name="sla_events")
    clock = models.ForeignKey("sla.Clock", on_delete=models.CASCADE, null=True, related_name="+", db_index=False)
    breach = models.ForeignKey("sla.Breach", on_delete=models.CASCADE, null=True, related_name="events")
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")

    SCHEMAS = {
        "sla.at_risk": frozenset({"metric", "due_at", "percent"}),
        "sla.breached": frozenset({"metric", "recovers", "due_at", "repeat"}),
        "sla.told": frozenset({"metric", "template", "message"}),
        "sla.recovery_promised": frozenset({"metric", "due_at", "lead", "by_person"}),
        "sla.escalated": frozenset({"metric", "to", "acknowledge_by", "level", "repeat"}),
        "sla.acknowledged": frozenset({"metric"}),
        "sla.handed_over": frozenset({"metric", "to", "managers", "repeat"}),
        "sla.step_parked": frozenset({"step"}),
        "sla.policy_published": frozenset({"version"}),
        "sla.review_promised": frozenset({"due_at", "lead"}),
        "sla.rematched": frozenset({"metric", "from", "to"}),
    }

    class Meta:
        verbose_name = _("event of a promise")
        indexes = [models.Index(fields=["ticket", "-at", "-id"], name="sla_event_timeline")]

    def __str__(self) -> str:
        return f"{self.kind} {self.ticket_id}"
