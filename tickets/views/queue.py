"""The queue and what is done from it."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_POST, require_safe

from common import toasts
from tickets import actions, counts, filters, queues
from tickets.actions.many import each
from tickets.directory import directory, know_team
from tickets.forms.staff import BulkAssignForm, BulkCategoryForm, BulkPriorityForm, VerbForm
from tickets.models import Ticket
from tickets.numbers import parse_number
from tickets.permissions import may
from tickets.queues import PAGE, VIEWS, Page, Place, section_of
from tickets.search import MOST_HITS
from tickets.templatetags.cases import METRICS
from tickets.views.desk import desk

MOST_ROWS = 10_000
SECTIONS = {
    "late": ("clock-exclamation", "late"),
    "hour": ("alert-triangle", "risk"),
    "today": ("clock", ""),
    "later": ("calendar", ""),
    "idle": ("check", ""),
    "waiting": ("player-pause", ""),
}


def _section_name(section: str) -> str:
    return {
        "late": pgettext("section", "Late"),
        "hour": pgettext("section", "Due within the hour"),
        "today": pgettext("section", "Today"),
        "later": pgettext("section", "Later"),
        "idle": pgettext("section", "Nothing due"),
        "waiting": pgettext("section", "Waiting for others, no clock runs"),
    }[section]


@desk()
@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """The cases of one view, most urgent first. To htmx, only what changes every few seconds."""
    at = timezone.now()
    know_team(request.user)
    asked = filters.asked(request.GET, request.user, at)
    page, pages = _page(asked)
    known = counts.snapshot(request.user).views
    context = {
        "at": at,
        "asked": asked,
        "view": asked.queue.view,
        "views": [(view, *_tab(asked, view), known[view.slug]) for view in VIEWS],
        "pills": asked.pills(),
        "sections": _sections(page, asked, at),
        "rows": page.rows,
        "tail": asked.address(view=asked.queue.view.slug),
        "view_address": f"?view={asked.queue.view.slug}",
        "queue_words": {
            "down": _("down"),
            "up": _("up"),
            "open": pgettext("key", "open"),
            "answer": _("answer"),
            "choose": _("choose"),
        },
        "may_take": may(request.user, "take"),
        "may_sort": may(request.user, "prioritise"),
        "may_open": may(request.user, "open_for_customer"),
        **pages,
    }
    template = "_queue.html" if getattr(request, "htmx", False) else "queue.html"
    return render(request, f"tickets/staff/{template}", context)


def _tab(asked: filters.Asked, view: queues.View) -> tuple[str, bool]:
    """Address of a view, and whether it is the one that shows. A search goes across all of them."""
    return f"?view={view.slug}", not asked.text and view is asked.queue.view


def _page(asked: filters.Asked) -> tuple[Page, dict[str, Any]]:
    if asked.hits is not None:
        return _found(asked)
    params = asked.params
    after, before = Place.read(params.get("after", "")), Place.read(params.get("before", ""))
    page = asked.queue.page(after=after, before=before)
    links: dict[str, Any] = {"first_url": asked.address() if after or before else ""}
    if page.before:
        links["newer_url"] = asked.address(before=page.before)
    if page.after:
        links["older_url"] = asked.address(after=page.after)
    return page, links


def _found(asked: filters.Asked) -> tuple[Page, dict[str, Any]]:
    """A page of hits, newest first; by its number, since there are never more than 1,000."""
    wanted = asked.params.get("page", "")
    number = max(
        1, min(int(wanted) if wanted.isascii() and wanted.isdigit() and len(wanted) < 4 else 1, MOST_HITS // PAGE)
    )
    end = number * PAGE
    if asked.has_filters:
        # Filters decide among the newest 1,000 hits.
        rows = asked.queue.branches()
        found = list(rows[0].order_by("-id").values_list("pk", flat=True)[: end + 1]) if len(rows) == 1 else []
        if len(rows) > 1:
            found = sorted({pk for branch in rows for pk in branch.values_list("pk", flat=True)}, reverse=True)
    else:
        found = asked.hits(end + 1) if asked.hits else []
    ids = found[end - PAGE : end]
    by_id = queues.as_lines(Ticket.objects.visible_to(asked.queue.user)).in_bulk(ids)
    links = {
        "newer_url": asked.address(page=number - 1) if number > 1 else "",
        "older_url": asked.address(page=number + 1) if len(found) > end and end < MOST_HITS else "",
        "is_cut": len(found) > MOST_HITS or (end == MOST_HITS and len(found) > end),
    }
    return Page([by_id[pk] for pk in ids if pk in by_id]), links


def _sections(page: Page, asked: filters.Asked, at: datetime) -> list[dict[str, Any]]:
    """The rows under their headings. Only the order by due time has any: elsewhere they would jump."""
    order = asked.queue.view.order
    for row in page.rows:
        row.place = str(Place.of(row, order))  # type: ignore[attr-defined]
    if order != "due" or asked.text:
        return [{"rows": page.rows}] if page.rows else []
    found: dict[str, list[Ticket]] = {}
    for row in page.rows:
        found.setdefault(section_of(row, at), []).append(row)
    sections = []
    for slug in (slug for slug in SECTIONS if slug in found):
        icon, kind = SECTIONS[slug]
        sections.append(
            {
                "slug": slug,
                "name": _section_name(slug),
                "icon": icon,
                "kind": kind,
                "rows": found[slug],
                "goes_on": bool(page.after and found[slug][-1] is page.rows[-1])
                or bool(page.before and found[slug][0] is page.rows[0]),
            }
        )
    return sections


@desk()
@require_safe
def queue_filter(request: HttpRequest) -> HttpResponse:
    """All filters as one form: a dialog over the queue, or a page of its own."""
    asked = filters.asked(request.GET, request.user, timezone.now())
    asked.form.initial = {}
    context = {
        "asked": asked,
        "form": asked.form,
        "focus": request.GET.get("focus", ""),
        "view": request.GET.get("view", ""),
    }
    template = "_filter.html" if getattr(request, "htmx", False) else "filter.html"
    return render(request, f"tickets/staff/{template}", context)


# ── CSV ──────────────────────────────────────────────────────────────────────


class _Echo:
    """A file that hands back what is written into it."""

    def write(self, text: str) -> str:
        return text


@desk()
@require_safe
def queue_csv(request: HttpRequest) -> StreamingHttpResponse:
    """What the queue shows, at most 10,000 rows, as a file that spreadsheets open; names are masked as on the page."""
    asked = filters.asked(request.GET, request.user, timezone.now())
    response = StreamingHttpResponse(_lines(asked), content_type="text/csv; charset=utf-8")
    name = f"tickets-{timezone.localtime(asked.queue.at):%Y%m%d-%H%M}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _lines(asked: filters.Asked) -> Iterator[str]:
    writer = csv.writer(_Echo())
    # Without the mark, spreadsheets read Chinese as something else.
    yield "\ufeff" + writer.writerow(
        [
            _("Number"),
            _("Status"),
            _("Due"),
            _("What is due"),
            _("In the customer's words"),
            _("Customer"),
            _("Shop"),
            _("Category"),
            _("Amount (CNY)"),
            _("Priority"),
            _("In charge"),
            _("Channel"),
            _("Opened"),
        ]
    )
    names = directory()
    written, after = 0, None
    while written < MOST_ROWS:
        page = asked.queue.page(after=after, size=500)
        for row in page.rows[: MOST_ROWS - written]:
            yield writer.writerow([_safe(cell) for cell in _cells(row, names)])
        written += len(page.rows)
        after = page.after
        if after is None:
            return


def _cells(row: Ticket, names: Any) -> list[str]:
    return [
        row.number,
        str(row.get_status_display()),
        timezone.localtime(row.due_at).isoformat(timespec="seconds") if row.due_at < queues.FAR_FUTURE else "",
        str(METRICS.get(row.due_metric, row.due_metric)),
        row.subject,
        str(row.customer or ""),
        row.merchant.name if row.merchant else "",
        names.path(row.category_id) if row.category_id else "",
        f"{row.amount:.2f}" if row.amount is not None else "",
        str(row.get_priority_display()),
        row.assignee.name if row.assignee else "",
        str(row.get_channel_display()),
        timezone.localtime(row.opened_at).isoformat(timespec="seconds"),
    ]


def _safe(cell: str) -> str:
    """A cell that a spreadsheet does not take for a formula: customers write what they like."""
    return f"'{cell}" if cell[:1] in {"=", "+", "-", "@", "\t", "\r"} else cell


# ── acting from the queue ────────────────────────────────────────────────────


@desk("take")
@require_POST
def take_next(request: HttpRequest) -> HttpResponse:
    """Take the most urgent case that is nobody's, and open it."""
    ticket = actions.take_next(actor=request.user)
    counts.forget(request.user)
    if ticket is None:
        toasts.say(request, _("Nothing is waiting for somebody to take it."))
        return _go(request, _back(request))
    toasts.say(request, _("It is yours: %(number)s.") % {"number": ticket.number})
    return _go(request, reverse("tickets:ticket", args=[ticket.number]) + "?view=mine")


def _go(request: HttpRequest, address: str) -> HttpResponse:
    if getattr(request, "htmx", False):
        return HttpResponse(status=204, headers={"HX-Redirect": address})
    return HttpResponseRedirect(address)


def _back(request: HttpRequest) -> str:
    """Where the person came from, if that is a page of ours."""
    back = request.POST.get("back", "") or request.GET.get("back", "")
    fits = url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure())
    return back if back and fits else reverse("tickets:queue")


def _chosen(request: HttpRequest, data: QueryDict) -> list[Ticket]:
    numbers = [number for text in data.getlist("number")[:200] if (number := parse_number(text))]
    return list(Ticket.objects.visible_to(request.user).filter(number__in=numbers).order_by("due_at", "id"))


BULK: dict[str, tuple[type[VerbForm], Callable[..., Any]]] = {
    "assign": (BulkAssignForm, actions.assign),
    "categorise": (BulkCategoryForm, actions.categorise),
    "prioritise": (BulkPriorityForm, actions.prioritise),
}


@desk("assign")
def many(request: HttpRequest, verb: str) -> HttpResponse:
    """Assign, categorise or prioritise several cases at once; what can't be done is named, the rest is done."""
    form_class, action = BULK[verb]
    data = request.POST if request.method == "POST" else request.GET
    chosen = _chosen(request, data)
    form = form_class(request.POST if request.method == "POST" else None, user=request.user)
    if request.method == "POST" and chosen and form.is_valid():
        outcome = each(chosen, action, actor=request.user, **form.values())
        counts.forget(request.user)
        done = len(outcome.done)
        said = [ngettext("%(count)s case changed.", "%(count)s cases changed.", done) % {"count": done}] if done else []
        said += [f"{refused.number}：{sentence}" for refused, sentence in outcome.refused[:3]]
        if len(outcome.refused) > 3:
            said.append(_("And %(count)s more not changed.") % {"count": len(outcome.refused) - 3})
        toasts.say(request, " ".join(said))
        return _go(request, _back(request))
    context = {
        "verb": verb,
        "form": form,
        "chosen": chosen,
        "back": _back(request),
        "title": {
            "assign": _("Assign"),
            "categorise": _("Change the category"),
            "prioritise": _("Change the priority"),
        }[verb],
    }
    template = "_many.html" if getattr(request, "htmx", False) else "many.html"
    status = 422 if request.method == "POST" else 200
    return render(request, f"tickets/staff/{template}", context, status=status)
