"""Pages about promises: how they are kept, what was missed and what is done about it, and what we promise."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_POST, require_safe

from accounts.access import View, staff_only
from accounts.models import Merchant, Organisation
from calendars.wording import hours as hours_in_words
from common import wording as words
from sla import figures, promises, wording
from sla.actions import breaches as verbs
from sla.forms import MissedFilter, PromiseForm
from sla.metrics import FIRST_RESPONSE, NEXT_RESPONSE, RECOVERY, RESOLUTION
from sla.models import Breach, PolicySet, Target
from sla.permissions import PERMISSIONS
from tickets.directory import directory
from tickets.models import Priority, Ticket

SHOWN = (FIRST_RESPONSE, RESOLUTION, RECOVERY)
TARGET_PERCENT = 95
_ROWS = 50
_PER_COLUMN = 30


def staff(verb: str) -> Callable[[View], View]:
    """Let in staff whose role may do `verb`; to customers these pages do not exist."""
    return staff_only(PERMISSIONS, verb)


# -- the manager's page -----------------------------------------------------------------------------------------------


@require_safe
@staff("see_dashboard")
def dashboard(request: HttpRequest) -> HttpResponse:
    """How promises are kept: today, 7 or 30 days against the period before; what is late and what is next."""
    at = timezone.now()
    period = request.GET.get("days", "30")
    days = figures.PERIODS.get(period, 30)
    found = figures.attainment(request.user, days)
    now = figures.now(request.user)
    queue = reverse("tickets:queue")
    context = {
        "at": at,
        "days": days,
        "periods": [(1, pgettext("period", "Today")), (7, _("7 days")), (30, _("30 days"))],
        "kpis": [*(_share_tile(found, metric) for metric in SHOWN), _late_tile(now, at, queue), _soon_tile(now, queue)],
        "trend": _trend(found),
        "tables": [
            _by(_by_team(), "team", found.by_team, directory().teams, days),
            _by(_by_category(), "category", found.by_category, _Categories(found.by_category), days),
            _by(_by_shop(), "merchant", found.by_merchant, _merchants(found.by_merchant), days),
        ],
        "urgent": _urgent(request, at),
        "steps": _steps(now),
        "recent": _recent(request, at),
        "imported": _imported(request),
        "csv_url": f"{reverse('sla:dashboard_csv')}?days={days}",
    }
    return render(request, "sla/dashboard.html", context)


def _imported(request: HttpRequest) -> dict[str, str] | None:
    """What the figures say about imported cases; None where there are none."""
    found = figures.imported(request.user)
    if not found.cases:
        return None
    return {
        "cases": _shown(found.cases),
        "judged": _shown(found.judged),
        "url": f"{reverse('tickets:queue')}?view=all&origin=import",
    }


@require_safe
@staff("see_dashboard")
def dashboard_csv(request: HttpRequest) -> StreamingHttpResponse:
    """Every figure of the page as a table: what, by what, kept, missed, share."""
    days = figures.PERIODS.get(request.GET.get("days", "30"), 30)
    found = figures.attainment(request.user, days)
    return _csv(f"promises-{days}.csv", _csv_rows(found))


def _csv_rows(found: figures.Attainment) -> Iterator[Sequence[Any]]:
    yield [_("Promise"), _("By"), _("Name"), _("Kept"), _("Missed"), _("Kept, percent")]

    def row(metric: str, by: str, name: Any, share: figures.Share) -> list[Any]:
        return [wording.metric_name(metric), by, name, share.kept, share.missed, words.percent(share.rate)]

    for metric, share in found.totals.items():
        yield row(metric, _("All"), "", share)
    for (metric, day), share in sorted(found.by_day.items(), key=lambda entry: (entry[0][0], entry[0][1])):
        yield row(metric, _("Day"), day.isoformat(), share)
    groups: tuple[tuple[str, Mapping[int | None, Mapping[str, figures.Share]], Any], ...] = (
        (_("Team"), found.by_team, directory().teams),
        (_("Category"), found.by_category, _Categories(found.by_category)),
        (_("Shop"), found.by_merchant, _merchants(found.by_merchant)),
    )
    for title, group, names in groups:
        for pk, shares in group.items():
            for metric, share in shares.items():
                yield row(metric, title, _name(names, pk), share)


class _Echo:
    """Hands back what the csv writer writes."""

    def write(self, text: str) -> str:
        return text


def _csv(name: str, rows: Iterator[Sequence[Any]]) -> StreamingHttpResponse:
    writer = csv.writer(_Echo())

    def lines() -> Iterator[str]:
        yield "\ufeff"  # so that spreadsheet programs read it as UTF-8
        for row in rows:
            # A cell that begins like a formula would be run by a spreadsheet.
            yield writer.writerow([f"'{cell}" if str(cell)[:1] in "=+-@\t" else cell for cell in row])

    response = StreamingHttpResponse(lines(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _share_tile(found: figures.Attainment, metric: str) -> dict[str, Any]:
    share, before = found.totals.get(metric, figures.Share()), found.before.get(metric, figures.Share())
    tile: dict[str, Any] = {
        "label": {
            FIRST_RESPONSE: _("First answer on time"),
            RESOLUTION: _("Result on time"),
            RECOVERY: _("New promises kept"),
        }[metric],
        "value": words.percent(share.rate),
        "unit": "%" if share.judged else "",
        "count": _("%(kept)s of %(judged)s") % {"kept": f"{share.kept:,}", "judged": f"{share.judged:,}"},
        "url": _missed_url(found.days, metric=metric),
    }
    if before.rate is None:
        tile["before"] = _("nothing in the period before")
    else:
        tile["before"] = _("period before %(percent)s%%") % {"percent": words.percent(before.rate)}
        if share.rate is not None:
            change = (share.rate - before.rate) * 100
            points = _("%(points)s points") % {"points": f"{abs(change):.1f}"}
            if abs(change) >= 0.05:
                tile["up" if change > 0 else "down"] = points
    return tile


def _late_tile(now: figures.Now, at: datetime, queue: str) -> dict[str, Any]:
    oldest = words.duration(at - now.oldest_late, wording.language()) if now.oldest_late else ""
    waiting = now.steps.get("escalated", 0) + now.steps.get("handed_over", 0)
    return {
        "kind": "late" if now.late else "",
        "label": _("Late now"),
        "value": _shown(now.late),
        "unit": ngettext("case", "cases", now.late),
        "before": _("longest %(time)s") % {"time": oldest} if oldest else _("nothing is late"),
        "count": _("%(count)s wait for a lead's word") % {"count": _shown(waiting)} if waiting else "",
        "url": f"{queue}?view=late",
    }


def _soon_tile(now: figures.Now, queue: str) -> dict[str, Any]:
    return {
        "kind": "risk" if now.soon else "",
        "label": _("Due within 4 hours"),
        "value": _shown(now.soon),
        "unit": ngettext("case", "cases", now.soon),
        "before": _("%(count)s of them nobody's") % {"count": _shown(now.soon_nobodys)} if now.soon else "",
        "count": "",
        "url": f"{queue}?view=open&sla=4h",
    }


def _shown(count: int) -> str:
    return f"{figures.MOST - 1}+" if count > figures.MOST else str(count)


def _missed_url(days: int, **filters: Any) -> str:
    return f"{reverse('sla:missed')}?{urlencode({'days': days, **filters})}"


def _trend(found: figures.Attainment) -> dict[str, Any]:
    zone = timezone.get_current_timezone()
    first, last = found.start.astimezone(zone).date(), found.end.astimezone(zone).date()
    listed = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    series: list[dict[str, Any]] = []
    rows = []
    for metric in (FIRST_RESPONSE, RESOLUTION):
        values = [_percent(found.by_day.get((metric, day))) for day in listed]
        series.append({"name": wording.metric_name(metric), "values": values})
    known = [value for one in series for value in one["values"] if value is not None]
    for day in listed:
        row: list[Any] = [words.day(day, last, wording.language(), relative=False, with_weekday=False)]
        for metric in (FIRST_RESPONSE, RESOLUTION):
            share = found.by_day.get((metric, day), figures.Share())
            row += [
                {"text": words.percent(share.rate), "url": _missed_url(found.days, metric=metric, on=day.isoformat())}
                if share.judged
                else None,
                share.judged or None,
            ]
        rows.append(row)
    rows.reverse()
    first_name, result_name = (wording.metric_name(metric) for metric in (FIRST_RESPONSE, RESOLUTION))
    return {
        "chart": {
            "kind": "line",
            "labels": [_axis(day) for day in listed],
            "series": series,
            "target": TARGET_PERCENT,
            "unit": "%",
            "min": int(min([*known, TARGET_PERCENT - 15]) // 20 * 20),
            "max": 100,
            "links": [_missed_url(found.days, on=day.isoformat()) for day in listed],
        },
        "table": {
            "columns": [
                {"label": _("Day")},
                {"label": _("%(metric)s, %%") % {"metric": first_name}, "num": True},
                {"label": _("decided"), "num": True},
                {"label": _("%(metric)s, %%") % {"metric": result_name}, "num": True},
                {"label": _("decided"), "num": True},
            ],
            "rows": rows,
        },
    }


def _axis(day: date) -> str:
    return (
        f"{day.month}/{day.day}"
        if words.is_chinese(wording.language())
        else f"{day.day} {words.MONTHS_EN[day.month - 1][:3]}"
    )


def _percent(share: figures.Share | None) -> float | None:
    return float(words.percent(share.rate)) if share is not None and share.rate is not None else None


def _by_team() -> tuple[str, str]:
    return _("By team"), pgettext("column", "Team")


def _by_category() -> tuple[str, str]:
    return _("By category"), pgettext("column", "Category")


def _by_shop() -> tuple[str, str]:
    return _("By shop"), pgettext("column", "Shop")


def _by(
    heading: tuple[str, str], name: str, groups: Mapping[int | None, Mapping[str, figures.Share]], names: Any, days: int
) -> dict[str, Any]:
    """A table of shares by team, category or shop; where most was missed stands first, at most 12 rows."""
    ordered = sorted(groups.items(), key=lambda entry: -sum(share.missed for share in entry[1].values()))[:12]
    rows: list[list[Any]] = []
    for pk, shares in ordered:
        row: list[Any] = [{"text": _name(names, pk), "strong": True}]
        for metric in (FIRST_RESPONSE, RESOLUTION):
            share = shares.get(metric, figures.Share())
            row.append(words.percent(share.rate) if share.judged else None)
        missed = sum(share.missed for share in shares.values())
        row.append({"text": str(missed), "url": _missed_url(days, **{name: pk or "none"})} if missed else 0)
        rows.append(row)
    title, label = heading
    columns = [
        {"label": label},
        *(
            {"label": _("%(metric)s, %%") % {"metric": wording.metric_name(m)}, "num": True}
            for m in (FIRST_RESPONSE, RESOLUTION)
        ),
        {"label": _("missed"), "num": True},
    ]
    return {"title": title, "columns": columns, "rows": rows}


def _name(names: Any, pk: int | None) -> str:
    return (names.get(pk) if pk else None) or pgettext("group", "none")


class _Categories:
    """Names of categories from the root down."""

    def __init__(self, _groups: Any) -> None:
        self._directory = directory()

    def get(self, pk: int) -> str:
        return self._directory.path(pk)


def _merchants(groups: Mapping[int | None, Any]) -> dict[int, str]:
    return dict(Merchant.objects.filter(pk__in=[pk for pk in groups if pk]).values_list("pk", "name"))


def _urgent(request: HttpRequest, at: datetime) -> list[Ticket]:
    """The most urgent cases: the latest, then those that fall due next."""
    due = Ticket.objects.visible_to(request.user).unclosed().filter(due_at__lt=at + figures.SOON)
    return list(due.select_related("assignee").order_by("due_at", "id")[:6])


def _steps(now: figures.Now) -> list[dict[str, Any]]:
    board = reverse("sla:breaches")
    return [
        {"name": name, "count": _shown(now.steps.get(column, 0)), "hint": hint, "url": f"{board}#{column}"}
        for column, name, hint in column_words()
    ]


def column_words() -> list[tuple[str, str, str]]:
    """The columns of the board: code, name, what happens there."""
    return [
        ("recorded", pgettext("board", "Telling the customer"), _("Goes out by itself; a failure needs a person")),
        ("escalated", pgettext("board", "Waiting for the lead"), _("Without a word the manager hears of it")),
        ("handed_over", pgettext("board", "Missed twice"), _("A person names the time themselves")),
        ("acknowledged", pgettext("board", "Acknowledged"), _("Somebody looks after it; last 7 days")),
    ]


def _recent(request: HttpRequest, at: datetime) -> list[dict[str, Any]]:
    rows = (
        Breach.objects.visible_to(request.user)
        .live()
        .select_related("ticket", "assignee", "escalated_to", "acknowledged_by", "clock")
    )
    return [_line(breach, at) for breach in rows.order_by("-due_at", "-id")[:8]]


def _line(breach: Breach, at: datetime) -> dict[str, Any]:
    name = wording.metric_name(breach.missed)
    if breach.metric == RECOVERY:
        name = _("%(metric)s, again") % {"metric": name}
    return {
        "breach": breach,
        "ticket": breach.ticket,
        "metric": name,
        "late": words.duration(breach.late_at(at), wording.language()),
        "is_open": breach.late_by is None,
        "step": promises.step_words(breach),
        "who": breach.acknowledged_by or breach.escalated_to or breach.assignee,
    }


# -- what was missed --------------------------------------------------------------------------------------------------


@require_safe
@staff("see_breaches")
def breaches(request: HttpRequest) -> HttpResponse:
    """The board: every missed promise by what has to happen next."""
    at = timezone.now()
    board = figures.on_board(request.user, at)
    columns = []
    for column, name, hint in column_words():
        rows = list(
            board[column].select_related("ticket", "team", "escalated_to", "acknowledged_by", "clock", "assignee")[
                : _PER_COLUMN + 1
            ]
        )
        columns.append(
            {
                "code": column,
                "name": name,
                "hint": hint,
                "count": _shown(figures.bounded(board[column])) if len(rows) > _PER_COLUMN else str(len(rows)),
                "cards": [_card(breach, request, at) for breach in rows[:_PER_COLUMN]],
                "more": len(rows) > _PER_COLUMN,
            }
        )
    return render(request, "sla/breaches.html", {"columns": columns, "at": at, "form": PromiseForm()})


def _card(breach: Breach, request: HttpRequest, at: datetime) -> dict[str, Any]:
    line = _line(breach, at)
    mine = verbs.may_acknowledge(breach, request.user)
    return {
        **line,
        "late": _("%(metric)s %(late)s late") % {"metric": line["metric"], "late": line["late"]},
        "mark": _("time no. %(count)s") % {"count": breach.repeat} if breach.repeat > 1 else "",
        "can_acknowledge": mine and breach.acknowledged_at is None,
        "can_promise": mine and breach.step == "handed_over",
        "parked": breach.step == "recorded",
    }


@require_POST
@staff("acknowledge")
def acknowledge(request: HttpRequest, pk: int) -> HttpResponse:
    """Say that one looks after a missed promise."""
    breach = get_object_or_404(Breach.objects.visible_to(request.user).select_related("team"), pk=pk)
    verbs.acknowledge(breach, actor=request.user)
    cache.delete(f"sla.now:{'-'.join(map(str, sorted(request.user.scope)))}")
    messages.success(request, _("Acknowledged: you look after it now."))
    return HttpResponseRedirect(_back(request))


@require_POST
@staff("set_promise")
def set_promise(request: HttpRequest, pk: int) -> HttpResponse:
    """Name the time by which one answers oneself, after a second miss."""
    breach = get_object_or_404(Breach.objects.visible_to(request.user).select_related("team", "ticket"), pk=pk)
    form = PromiseForm(request.POST)
    form.require_valid()
    verbs.set_promise(breach, by_when=form.cleaned_data["by_when"], actor=request.user)
    messages.success(request, _("Promised. The customer sees your name and the time."))
    return HttpResponseRedirect(_back(request))


def _back(request: HttpRequest) -> str:
    place = request.POST.get("next", "")
    return (
        place if place.startswith("/") and not place.startswith("//") and "\\" not in place else reverse("sla:breaches")
    )


@require_safe
@staff("see_breaches")
def missed(request: HttpRequest) -> HttpResponseBase:
    """The cases behind a figure: which promises were missed, filtered as the figure was; newest first."""
    at = timezone.now()
    chosen = MissedFilter(request.GET)
    rows = chosen.narrow(Breach.objects.visible_to(request.user), at)
    if request.GET.get("format") == "csv":
        listed = rows.select_related("ticket", "assignee", "escalated_to", "acknowledged_by", "clock")
        return _csv("missed.csv", _missed_csv(listed, at))
    before = chosen.before
    if before is not None:
        rows = rows.filter(pk__lt=before[1], due_at=before[0]) | rows.filter(due_at__lt=before[0])
    found = list(
        rows.select_related("ticket", "assignee", "escalated_to", "acknowledged_by", "clock").order_by(
            "-due_at", "-id"
        )[: _ROWS + 1]
    )
    more = len(found) > _ROWS
    query = request.GET.copy()
    query.pop("before", None)
    context = {
        "at": at,
        "lines": [_line(breach, at) for breach in found[:_ROWS]],
        "words": chosen.words(),
        "csv_url": f"?{urlencode([*query.items(), ('format', 'csv')])}",
    }
    if more:
        last = found[_ROWS - 1]
        context["next_url"] = f"?{urlencode([*query.items(), ('before', f'{last.due_at.isoformat()}~{last.pk}')])}"
    return render(request, "sla/missed.html", context)


def _missed_csv(rows: Any, at: datetime) -> Iterator[Sequence[Any]]:
    yield [_("Number"), _("Promise"), _("Due"), _("Late by"), _("In charge"), _("Step")]
    for breach in rows.order_by("-due_at", "-id")[:10_000].iterator(chunk_size=500):
        line = _line(breach, at)
        due = timezone.localtime(breach.due_at).strftime("%Y-%m-%d %H:%M")
        yield [breach.ticket.number, line["metric"], due, line["late"], line["who"] or "", line["step"]]


# -- what we promise --------------------------------------------------------------------------------------------------


@require_safe
def promise(request: HttpRequest, number: int | None = None) -> HttpResponse:
    """The service promise as the published policy says it, dated, with its older versions. For everybody."""
    at = timezone.now()
    published = PolicySet.objects.published()
    shown = get_object_or_404(published, number=number) if number else PolicySet.objects.in_force(at)
    if shown is None:
        raise Http404
    return render(
        request,
        "sla/promise.html",
        {
            "shown": shown,
            "is_old": number is not None,
            "hours": _usual_hours(),
            "lines": list(_lines(shown)),
            "versions": published[:20],
            "at": at,
        },
    )


def _usual_hours() -> str:
    """What counts as working time wherever nothing else is said."""
    organisation = Organisation.current()
    version = organisation.calendar.current if organisation else None
    return hours_in_words(version.definition) if version else ""


def _lines(policy_set: PolicySet) -> Iterator[dict[str, Any]]:
    """Each line of a set: its name, when people work, and per promise the time for each degree of urgency."""
    policies = policy_set.policies.select_related("calendar__current").prefetch_related("targets__calendar")
    for policy in policies:
        targets = sorted(policy.targets.all(), key=lambda one: ["", *Priority.values].index(one.priority))
        metrics = [
            {
                "name": wording.metric_name(metric),
                "rows": [_promised(target) for target in targets if target.metric == metric],
            }
            for metric in (FIRST_RESPONSE, NEXT_RESPONSE, RESOLUTION)
        ]
        own = policy.calendar.current if policy.calendar else None
        hours = hours_in_words(own.definition) if own else ""
        yield {"name": policy.name, "metrics": [m for m in metrics if m["rows"]], "hours": hours}


def _promised(target: Target) -> dict[str, Any]:
    always = bool(target.calendar and target.calendar.code == "always")
    return {
        "priority": Priority(target.priority).label if target.priority else "",
        "time": wording.target_words(target.to_json(), is_always=always),
        "always": always,
    }
