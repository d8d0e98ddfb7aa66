"""How a case is drawn in lists and headings: its chip, its metric, its place in a queue."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import pgettext, pgettext_lazy

from common.templatetags.ui import draw_icon, sla
from tickets import queues
from tickets.counts import shown
from tickets.models import FAR_FUTURE, Status, Ticket
from tickets.models.ticket import WaitReason

register = template.Library()

METRICS = {
    "first_response": pgettext_lazy("metric", "first answer"),
    "next_response": pgettext_lazy("metric", "next answer"),
    "update_every": pgettext_lazy("metric", "regular update"),
    "resolution": pgettext_lazy("metric", "result"),
    "recovery": pgettext_lazy("metric", "recovery time"),
}
_OUTSIDE = {
    WaitReason.CARRIER: ("truck-delivery", pgettext_lazy("waiting for", "carrier")),
    WaitReason.SUPPLIER: ("building-store", pgettext_lazy("waiting for", "supplier")),
    WaitReason.PLATFORM: ("world", pgettext_lazy("waiting for", "platform")),
    WaitReason.AUTHORITY: ("gavel", pgettext_lazy("waiting for", "authority")),
}


@register.filter
def metric(code: str) -> str:
    """The name of what is due."""
    return str(METRICS.get(code, code))


@register.filter
def count(number: int) -> str:
    """47, or 999+ where counting stopped."""
    return shown(number)


def state_of(ticket: Ticket, at: Any) -> str:
    """ontime | risk | late | you | paused | idle | resolved | closed"""
    if ticket.status in {Status.RESOLVED, Status.CLOSED}:
        return ticket.status
    if ticket.due_at >= FAR_FUTURE:
        return {Status.PENDING: "you", Status.ON_HOLD: "paused"}.get(ticket.status, "idle")  # type: ignore[call-overload]
    if ticket.due_at < at:
        return "late"
    return "risk" if ticket.warn_at <= at or ticket.due_at < at + queues.SOON else "ontime"


@register.simple_tag(takes_context=True)
def case_chip(context: Any, ticket: Ticket, with_metric: bool = False) -> SafeString:
    """The SLA chip of a case: icon, words, time; ticking in the browser."""
    state = state_of(ticket, context.get("at") or timezone.now())
    if state in {"ontime", "risk", "late"}:
        before = f"{metric(ticket.due_metric)} " if with_metric and ticket.due_metric else ""
        return sla(context, state, ticket.due_at, before=before)
    if state == "you":
        return sla(context, "you", waits_for=pgettext("waiting for", "customer"))
    if state == "paused":
        icon, whom = _OUTSIDE.get(ticket.wait_reason, ("player-pause", ""))  # type: ignore[call-overload]
        return sla(context, "paused", waits_for=str(whom), icon=icon)
    if state == "idle":
        return format_html(
            '<span class="sla sla--paused">{}{}</span>', draw_icon("check", "sm"), pgettext("chip", "nothing due")
        )
    return format_html('<span class="sla sla--met">{}{}</span>', draw_icon("check", "sm"), ticket.get_status_display())


@register.simple_tag(takes_context=True)
def section(context: Any, ticket: Ticket) -> str:
    return queues.section_of(ticket, context.get("at") or timezone.now())
