"""How a case is drawn in lists and headings: its chip, its metric, its place in a queue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django import template
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext, pgettext, pgettext_lazy

from common import wording
from common.templatetags.ui import draw_icon, draw_moment, sla
from tickets import queues
from tickets.counts import shown
from tickets.models import FAR_FUTURE, AuthorKind, Priority, Status, Ticket
from tickets.models.ticket import Channel, WaitReason

register = template.Library()

METRICS = {
    "first_response": pgettext_lazy("metric", "first answer"),
    "next_response": pgettext_lazy("metric", "next answer"),
    "update_every": pgettext_lazy("metric", "regular update"),
    "resolution": pgettext_lazy("metric", "result"),
    "recovery": pgettext_lazy("metric", "recovery time"),
}
_WAITS_FOR = {
    WaitReason.CUSTOMER_FACTS: ("user-question", pgettext_lazy("waiting for", "customer")),
    WaitReason.CUSTOMER_PARCEL: ("user-question", pgettext_lazy("waiting for", "customer")),
    WaitReason.CARRIER: ("truck-delivery", pgettext_lazy("waiting for", "carrier")),
    WaitReason.SUPPLIER: ("building-store", pgettext_lazy("waiting for", "supplier")),
    WaitReason.PLATFORM: ("world", pgettext_lazy("waiting for", "platform")),
    WaitReason.AUTHORITY: ("gavel", pgettext_lazy("waiting for", "authority")),
}
_WAITS_TO_HAVE = {
    WaitReason.CUSTOMER_FACTS: pgettext_lazy("waiting to have", "details"),
    WaitReason.CUSTOMER_PARCEL: pgettext_lazy("waiting to have", "the goods"),
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
    if state in {"you", "paused"}:
        icon, whom = _WAITS_FOR.get(ticket.wait_reason, ("player-pause", ""))  # type: ignore[call-overload]
        since = getattr(ticket, "waits_since", None)
        if since is None:
            return sla(context, state, waits_for=str(whom), icon=icon)
        # Hours or days will do, and fit into the column.
        waited = (context.get("at") or timezone.now()) - since
        time = wording.duration(waited, get_language() or "zh-hans", units=1)
        words = pgettext("queue: waits for whom, how long", "{whom} {time}")
        return format_html(
            '<span class="sla sla--{}">{}<span>{}</span></span>',
            state,
            draw_icon(icon, "sm"),
            format_html(words, whom=whom, time=format_html("<b>{}</b>", time)),
        )
    if state == "idle":
        return format_html(
            '<span class="sla sla--paused">{}{}</span>', draw_icon("check", "sm"), pgettext("chip", "nothing due")
        )
    return format_html('<span class="sla sla--met">{}{}</span>', draw_icon("check", "sm"), ticket.get_status_display())


# ── a line of the queue ──────────────────────────────────────────────────────
# Written here and not as a template: fifty lines of fourteen parts are half of what the busiest page costs, and this
# way they cost a tenth of it. Everything that people typed goes through format_html.

_ROW = (
    '<tr class="queue__row{unread}" data-number="{number}">'
    '<td><input class="check" type="checkbox" aria-label="{choose}"></td>'
    '<td class="q-due">{chip}</td>'
    '<td class="q-metric">{due}{metric}</td>'
    '<td class="q-say"><a class="queue__say" href="{href}">{danger}{subject}</a>'
    '<span class="queue__last">{last}</span></td>'
    '<td class="q-no queue__no">{spaced}</td>'
    "<td>{customer}</td>"
    '<td class="q-shop">{shop}{category}</td>'
    '<td class="num">{amount}</td>'
    "<td>{priority}</td>"
    '<td class="q-who"><span class="who"><span class="avatar-s{none}" aria-hidden="true">{initial}</span>{who}</span>'
    "</td>"
    "</tr>\n"
)


@register.simple_tag(takes_context=True)
def queue_rows(context: Any, rows: Sequence[Ticket]) -> SafeString:
    """The lines of one section of the queue."""
    words = {
        "choose": gettext("Choose %(number)s"),
        "us": gettext("us: {}"),
        "customer": gettext("customer: {}"),
        "opened": gettext("opened"),
        "danger": draw_icon("alert-triangle", "sm", gettext("Danger")),
        "nobody": format_html('<span class="muted">{}</span>', gettext("nobody")),
        "priorities": {value: str(label) for value, label in Priority.choices},
        "english": (get_language() or "").startswith("en"),
        "base": reverse("tickets:queue").removesuffix("queue/") + "t/",
    }
    at = context.get("at") or timezone.now()
    tail = context.get("tail") or "?"
    return mark_safe("".join(_row(context, row, at, tail, words) for row in rows))  # noqa: S308 - format_html each


def _row(context: Any, row: Ticket, at: datetime, tail: str, words: Mapping[str, Any]) -> SafeString:
    is_over = row.status in {Status.RESOLVED, Status.CLOSED}
    due: datetime | None = row.due_at
    name = metric(row.due_metric)
    if row.status in {Status.PENDING, Status.ON_HOLD}:
        due = row.wait_until
        name = _WAITS_TO_HAVE.get(row.wait_reason, "")  # type: ignore[call-overload]
    elif is_over or row.due_at >= FAR_FUTURE:
        due, name = row.opened_at, words["opened"]
    person = row.assignee.name if row.assignee else ""
    category = (row.category.name_en if words["english"] else row.category.name_zh) if row.category else ""
    priority = words["priorities"].get(row.priority, row.priority)
    customer = row.customer
    spaced = wording.grouped_number(row.number)
    return format_html(
        _ROW,
        unread=" is-unread" if row.last_author_kind == AuthorKind.CUSTOMER and not is_over else "",
        number=row.number,
        choose=words["choose"] % {"number": spaced},
        chip=case_chip(context, row),
        due=draw_moment(due, at, style="short"),
        metric=name,
        href=f"{words['base']}{row.number}/{tail}&place={getattr(row, 'place', '')}",
        danger=format_html("{} ", words["danger"]) if row.is_safety else "",
        subject=row.subject,
        last=_last(row, words),
        spaced=spaced,
        customer=_called(customer),
        shop=row.merchant.name if row.merchant else "—",
        category=format_html('<span class="muted"> · {}</span>', category) if category else "",
        amount="—" if row.amount is None else f"{row.amount:,.2f}",
        priority=format_html("<b>{}</b>", priority) if row.priority == Priority.URGENT else priority,
        none="" if person else " avatar-s--none",
        initial=person[:1].upper(),
        who=format_html('<span class="clip">{}</span>', person) if person else words["nobody"],
    )


def _called(customer: Any) -> str:
    """A masked name; without one the end of the number, which fits into the column and is what people read out."""
    if customer is None:
        return "—"
    if customer.masked_name or not customer.phone:
        return str(customer.masked_name or customer.masked_contact or "—")
    return gettext("no. …%(end)s") % {"end": customer.phone[-4:]}


def _last(row: Ticket, words: Mapping[str, Any]) -> str:
    """The last public word, unless it is the sentence that stands before it anyway."""
    if row.last_snippet and row.last_author_kind == AuthorKind.STAFF:
        return words["us"].format(row.last_snippet)
    if row.last_snippet and row.last_snippet[:8] != row.subject[:8]:
        return words["customer"].format(row.last_snippet)
    return str(row.get_channel_display()) if row.channel != Channel.FORM else ""
