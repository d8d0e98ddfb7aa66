"""What people type on the pages about promises."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from common import wording as words
from common.errors import Invalid
from sla import wording
from sla.figures import PERIODS, bounds
from sla.metrics import METRICS, RECOVERY
from sla.models import Breach
from tickets.directory import directory


class PromiseForm(forms.Form):
    """By when a person answers, in the product's time zone."""

    by_when = forms.DateTimeField(
        label=gettext_lazy("I answer by"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
        error_messages={"required": gettext_lazy("Name the time."), "invalid": gettext_lazy("Name a day and a time.")},
    )

    def require_valid(self) -> None:
        """Raise Invalid with the form's own sentences."""
        if not self.is_valid():
            sentences = [str(text) for texts in self.errors.values() for text in texts]
            raise Invalid(" ".join(sentences), errors={name: list(texts) for name, texts in self.errors.items()})


class MissedFilter:
    """The filters of a list of missed promises, read from an address; what makes no sense is left out."""

    def __init__(self, query: Any) -> None:
        self.days = PERIODS.get(str(query.get("days", "30")), 30)
        self.metric = query.get("metric", "") if query.get("metric") in {*METRICS, RECOVERY} else ""
        self.on = _date(query.get("on", ""))
        self.groups = {name: value for name in ("team", "category", "merchant") if (value := _group(query.get(name)))}
        self.before = _place(query.get("before", ""))

    def narrow(self, rows: QuerySet[Breach], at: datetime) -> QuerySet[Breach]:
        start, end = bounds(self.days, at)
        if self.on is not None:
            start = datetime.combine(self.on, time(0), timezone.get_current_timezone())
            end = start + timedelta(days=1)
        rows = rows.filter(due_at__gte=start, due_at__lt=end)
        if self.metric:
            rows = rows.filter(metric=self.metric)
        for name, value in self.groups.items():
            rows = rows.filter(**({f"{name}__isnull": True} if value == "none" else {name: value}))
        return rows

    def words(self) -> list[str]:
        """What is shown, in words."""
        names: dict[str, Callable[[Any], str]] = {"team": directory().team, "category": directory().path}
        found = [wording.metric_name(self.metric)] if self.metric else []
        if self.on is not None:
            found.append(words.day(self.on, timezone.localdate(), wording.language()))
        else:
            found.append(pgettext("period", "Today") if self.days == 1 else _("%(days)s days") % {"days": self.days})
        found += [names[name](value) for name, value in self.groups.items() if name in names and value != "none"]
        return [text for text in found if text]


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _group(text: str | None) -> str:
    text = text or ""
    return text if text == "none" or (text.isascii() and text.isdigit() and len(text) < 19) else ""


def _place(text: str) -> tuple[datetime, int] | None:
    moment, _tilde, pk = text.partition("~")
    try:
        at = parse_datetime(moment.replace(" ", "+"))
    except ValueError:
        return None
    return (at, int(pk)) if at and timezone.is_aware(at) and pk.isascii() and pk.isdigit() and len(pk) < 19 else None
