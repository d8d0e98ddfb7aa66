"""What the queue can be narrowed by. Every filter stands in the address, so a list can be kept and sent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from accounts.models import Merchant, User
from common.events import Origin
from tickets import search
from tickets.directory import directory
from tickets.models import FAR_FUTURE, OPEN_STATES, Kind, Priority, Status, Ticket
from tickets.models.ticket import Channel
from tickets.numbers import parse_number
from tickets.queues import BY_SLUG, NEXT_HOURS, SOON, Narrow, Queue, View, default_view

SLA_STATES = [
    ("late", pgettext_lazy("SLA state", "late")),
    ("risk", pgettext_lazy("SLA state", "at risk")),
    ("4h", pgettext_lazy("SLA state", "due within 4 hours")),
    ("today", pgettext_lazy("SLA state", "due today")),
    ("none", pgettext_lazy("SLA state", "nothing due")),
]
_ANY = pgettext_lazy("filter", "any")
#: Of what else the address may hold.
_NOT_FILTERS = ("view", "after", "before", "page", "place")


def _teams() -> list[tuple[Any, Any]]:
    return [("none", pgettext_lazy("team", "none")), *sorted(directory().teams.items(), key=lambda pair: pair[1])]


def _people() -> list[tuple[Any, Any]]:
    people = [(person.pk, person.name) for person in directory().people.values() if person.is_working]
    return [("me", pgettext_lazy("assignee", "me")), ("none", pgettext_lazy("assignee", "nobody")), *people]


def _categories() -> list[tuple[Any, Any]]:
    return [(entry.pk, "　" * (depth - 1) + entry.name) for entry, depth in directory().walk()]


def category_choices() -> list[tuple[Any, Any]]:
    """Categories that may be chosen now, indented by level."""
    return [(entry.pk, "　" * (depth - 1) + entry.name) for entry, depth in directory().walk() if entry.is_active]


class MerchantField(forms.ModelChoiceField):
    def label_from_instance(self, merchant: Any) -> str:
        return str(merchant.name)


class MerchantFilter(django_filters.ModelChoiceFilter):
    field_class = MerchantField


def visible_merchants(user: User) -> QuerySet[Merchant]:
    found = Merchant.objects.order_by("name")
    return found.filter(pk__in=user.scope) if user.scope else found


class QueueFilter(django_filters.FilterSet):
    """Filters of the queue. `asked` reads `status` and `q`, which decide the way through the table."""

    status = django_filters.MultipleChoiceFilter(
        widget=forms.CheckboxSelectMultiple, label=gettext_lazy("Status"), choices=Status.choices, method="as_is"
    )
    sla = django_filters.ChoiceFilter(
        empty_label=_ANY, label=gettext_lazy("Deadline"), choices=SLA_STATES, method="by_sla"
    )
    team = django_filters.ChoiceFilter(empty_label=_ANY, label=gettext_lazy("Team"), choices=_teams, method="by_team")
    assignee = django_filters.ChoiceFilter(
        empty_label=_ANY, label=gettext_lazy("In charge"), choices=_people, method="by_assignee"
    )
    merchant = MerchantFilter(empty_label=_ANY, label=gettext_lazy("Shop"), queryset=Merchant.objects.none())
    category = django_filters.ChoiceFilter(
        empty_label=_ANY, label=gettext_lazy("Category"), choices=_categories, method="by_category"
    )
    priority = django_filters.MultipleChoiceFilter(
        widget=forms.CheckboxSelectMultiple, label=gettext_lazy("Priority"), choices=Priority.choices
    )
    channel = django_filters.MultipleChoiceFilter(
        widget=forms.CheckboxSelectMultiple, label=gettext_lazy("Channel"), choices=Channel.choices
    )
    kind = django_filters.MultipleChoiceFilter(
        widget=forms.CheckboxSelectMultiple, label=gettext_lazy("Kind"), choices=Kind.choices
    )
    origin = django_filters.ChoiceFilter(empty_label=_ANY, label=gettext_lazy("Origin"), choices=Origin.choices)
    opened_from = django_filters.DateFilter(
        label=gettext_lazy("Opened from"), method="by_first_day", widget=forms.DateInput(attrs={"type": "date"})
    )
    opened_to = django_filters.DateFilter(
        label=gettext_lazy("Opened until"), method="by_last_day", widget=forms.DateInput(attrs={"type": "date"})
    )
    q = django_filters.CharFilter(label=gettext_lazy("Words"), method="as_is", max_length=200)

    class Meta:
        model = Ticket
        fields: list[str] = []

    def __init__(self, *args: Any, user: User, at: datetime, **options: Any) -> None:
        super().__init__(*args, **options)
        self.user, self.at = user, at
        self.filters["merchant"].queryset = visible_merchants(user)

    def as_is(self, rows: QuerySet[Ticket], _name: str, _value: Any) -> QuerySet[Ticket]:
        return rows

    def by_sla(self, rows: Any, _name: str, value: str) -> QuerySet[Ticket]:
        rows = rows.unclosed()
        if value == "late":
            return rows.filter(due_at__lt=self.at)
        if value == "risk":
            soon = Q(warn_at__lte=self.at) | Q(due_at__lt=self.at + SOON)
            return rows.filter(soon, due_at__gte=self.at, due_at__lt=FAR_FUTURE)
        if value == "4h":
            return rows.filter(due_at__gte=self.at, due_at__lt=self.at + NEXT_HOURS)
        if value == "today":
            return rows.filter(due_at__gte=self.at, due_at__lte=_start(timezone.localdate(self.at) + timedelta(days=1)))
        return rows.filter(due_at=FAR_FUTURE)

    def by_team(self, rows: QuerySet[Ticket], _name: str, value: str) -> QuerySet[Ticket]:
        return rows.filter(team__isnull=True) if value == "none" else rows.filter(team=int(value))

    def by_assignee(self, rows: QuerySet[Ticket], _name: str, value: str) -> QuerySet[Ticket]:
        if value == "none":
            return rows.filter(assignee__isnull=True)
        return rows.filter(assignee=self.user.pk if value == "me" else int(value))

    def by_category(self, rows: QuerySet[Ticket], _name: str, value: str) -> QuerySet[Ticket]:
        return rows.filter(category__in=directory().subtree(int(value)))

    def by_first_day(self, rows: QuerySet[Ticket], _name: str, value: date) -> QuerySet[Ticket]:
        return rows.filter(opened_at__gte=_start(value))

    def by_last_day(self, rows: QuerySet[Ticket], _name: str, value: date) -> QuerySet[Ticket]:
        return rows.filter(opened_at__lt=_start(value) + timedelta(days=1))


def _start(day: date) -> datetime:
    return datetime.combine(day, time(0), timezone.get_current_timezone())


@dataclass
class Pill:
    """A filter that is set: what it says, and the address without it. Or one that is not set: `value` is empty."""

    name: str
    label: Any
    value: str = ""
    without: str = ""


@dataclass
class Asked:
    """What an address asks of the queue: filters, text, view; and the queue that answers it."""

    queue: Queue
    form: Any
    values: dict[str, Any]
    text: str
    #: The ids that the text found, newest first; None when no text was asked for.
    hits: Callable[[int], list[int]] | None
    params: QueryDict

    @property
    def has_filters(self) -> bool:
        return any(self.values[name] for name in self.values if name != "q")

    def address(self, *, drop: tuple[str, ...] = (), **put: Any) -> str:
        """The query string with some things changed, always without the page."""
        params = self.params.copy()
        for name in (*_NOT_FILTERS[1:], *drop):
            params.pop(name, None)
        for name, value in put.items():
            params[name] = str(value)
        text = params.urlencode()
        return f"?{text}" if text else "?"

    def pills(self) -> list[Pill]:
        """Set filters first, then those that could be."""
        fields = self.form.fields
        on = [
            Pill(name, fields[name].label, self._said(name), self.address(drop=(name,)))
            for name in fields
            if name != "q" and self.values.get(name)
        ]
        return on + [Pill(name, fields[name].label) for name in fields if name != "q" and not self.values.get(name)]

    def _said(self, name: str) -> str:
        value = self.values[name]
        if isinstance(value, list):
            words = dict(self.form.fields[name].choices)
            return _(", ").join(str(words.get(part, part)) for part in value)
        if isinstance(value, Merchant):
            return value.name
        if isinstance(value, date):
            return value.isoformat()
        if name == "category":
            return directory().path(value)
        words = {str(key): label for key, label in self.form.fields[name].choices}
        return str(words.get(str(value), value)).strip()


def asked(params: QueryDict, user: User, at: datetime) -> Asked:
    """Read an address. What makes no sense in it is left out, and the form says so; the rest still works."""
    filters = QueueFilter(params, queryset=Ticket.objects.none(), user=user, at=at)
    form = filters.form
    form.is_valid()
    values = {name: form.cleaned_data.get(name) for name in form.fields}
    text = (values.get("q") or "").strip()
    view = _view(params.get("view", ""), user, values.get("status") or [], bool(text))
    narrow = _narrow(filters, form)
    hits = _hits(text, user) if text else None
    if hits is not None:
        narrow = _found(narrow, hits)
    queue = Queue(user, view, at, narrow=narrow, statuses=values.get("status") or ())
    kept = params.copy()
    for name in [name for name in kept if not any(kept.getlist(name))]:
        del kept[name]
    return Asked(queue, form, values, text, hits, kept)


def _narrow(filters: QueueFilter, form: forms.Form) -> Narrow:
    def narrow(rows: QuerySet[Ticket]) -> QuerySet[Ticket]:
        for name, value in form.cleaned_data.items():
            if name not in {"q", "status"}:
                rows = filters.filters[name].filter(rows, value)
        return rows

    return narrow


def _found(narrow: Narrow, hits: Callable[[int], list[int]]) -> Narrow:
    return lambda rows: narrow(rows).filter(pk__in=hits(search.MOST_HITS))


def _view(slug: str, user: User, statuses: list[str], is_search: bool) -> View:
    """The view asked for; one that can hold what is asked for when it can't."""
    view = BY_SLUG.get(slug)
    if is_search or (statuses and not set(statuses) <= set(OPEN_STATES) and (view is None or view.is_open_only)):
        return BY_SLUG["all"]
    return view or default_view(user)


def _hits(text: str, user: User) -> Callable[[int], list[int]]:
    """How cases are found: by number, else by everything said on them (which holds order number and phone, too)."""

    def find(limit: int) -> list[int]:
        if number := parse_number(text):
            found = Ticket.objects.visible_to(user).filter(number=number).values_list("pk", flat=True)
            return list(found)
        return search.find(text, merchants=user.scope, limit=min(limit, search.MOST_HITS))

    return find
