"""The sentences of worktime.py in the reader's language."""

from collections.abc import Mapping
from itertools import groupby
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.errors import Invalid

from .worktime import BadTime, Segment

WHY = {
    "working": gettext_lazy("working time"),
    "around_the_clock": gettext_lazy("counts around the clock"),
    "make_up_day": gettext_lazy("working time on a make-up working day ({name})"),
    "special_hours": gettext_lazy("working time by the special hours of this date"),
    "off_hours": gettext_lazy("outside working hours"),
    "midday": gettext_lazy("between two working intervals of the day"),
    "break": gettext_lazy("closed for a break on this date"),
    "holiday": gettext_lazy("public holiday ({name})"),
    "listed_holiday": gettext_lazy("holiday"),
    "rest_day": gettext_lazy("weekly rest day"),
    "closed_day": gettext_lazy("closed on this date"),
    "pause": gettext_lazy("the clock is paused"),
    "receipt_day": gettext_lazy("the day of receipt is not counted"),
    "working_day": gettext_lazy("counted as a working day"),
    "calendar_day": gettext_lazy("counted as a calendar day"),
    "extension": gettext_lazy("the last day was off, so this one is the last"),
    "past_due": gettext_lazy("after the due time"),
}

REASONS = (
    gettext_lazy("must be an object with timezone and hours"),
    gettext_lazy("is not part of a calendar"),
    gettext_lazy("holds no working time at all"),
    gettext_lazy("China's holidays are not loaded"),
    gettext_lazy('must be "cn" or a list of dates'),
    gettext_lazy("{value} is not a time zone such as Asia/Shanghai"),
    gettext_lazy('must be "24x7" or an object of weekdays'),
    gettext_lazy("{value} is not a weekday (mon tue wed thu fri sat sun)"),
    gettext_lazy("must be an object of dates"),
    gettext_lazy("{value} is not a date written YYYY-MM-DD"),
    gettext_lazy('must be a list such as [["09:00", "12:00"], ["13:30", "18:00"]]'),
    gettext_lazy('must be two times such as ["09:00", "18:00"]'),
    gettext_lazy("24:00 may close an interval, not open one"),
    gettext_lazy("ends before it starts; split hours that cross midnight at 24:00"),
    gettext_lazy("has intervals that overlap"),
    gettext_lazy("{value} is not a time written HH:MM"),
    gettext_lazy('must be an object such as {"minutes": 30}'),
    gettext_lazy("give exactly one of minutes, seconds, working_days, calendar_days"),
    gettext_lazy("is not part of a target"),
    gettext_lazy("must be a whole number"),
    gettext_lazy("can't be negative"),
    gettext_lazy("is more than {years} years"),
    gettext_lazy("must be none, public_holiday or rest_day"),
    gettext_lazy("only a target in calendar_days has one"),
    gettext_lazy("must be true or false"),
    gettext_lazy("only a target in minutes or seconds can go on through pauses"),
    gettext_lazy("more than {years} years can't be counted"),
    gettext_lazy("there is not enough working time for this in {years} years"),
    gettext_lazy("needs a UTC offset"),
    gettext_lazy("must lie between the years 1900 and 2199"),
    gettext_lazy("ends before it starts"),
)


WEEKDAYS = {
    "mon": gettext_lazy("Monday"),
    "tue": gettext_lazy("Tuesday"),
    "wed": gettext_lazy("Wednesday"),
    "thu": gettext_lazy("Thursday"),
    "fri": gettext_lazy("Friday"),
    "sat": gettext_lazy("Saturday"),
    "sun": gettext_lazy("Sunday"),
}


def hours(definition: Mapping[str, Any]) -> str:
    """Working hours as customers read them: "Monday to Friday 9:00–12:00, 13:00–18:00; closed on public holidays"."""
    weekly = definition.get("hours")
    if not isinstance(weekly, Mapping):
        return _("around the clock")
    stretches = []
    for spans, days in groupby(WEEKDAYS, key=lambda day: tuple(map(tuple, weekly.get(day) or ()))):
        named = list(days)
        if not spans:
            continue
        if len(named) == len(WEEKDAYS):
            when = _("every day")
        elif len(named) == 1:
            when = str(WEEKDAYS[named[0]])
        else:
            when = _("%(first)s to %(last)s") % {"first": WEEKDAYS[named[0]], "last": WEEKDAYS[named[-1]]}
        times = _(", ").join(f"{start.removeprefix('0')}–{end.removeprefix('0')}" for start, end in spans)
        stretches.append(f"{when} {times}")
    off = _("closed on public holidays") if definition.get("holidays") else _("public holidays, too")
    return _("; ").join([*stretches, off])


def why(segment: Segment) -> str:
    """Say why a segment counts or not, in the reader's language."""
    return str(WHY[segment.code]).format(name=segment.name)


def reason(bad: BadTime) -> str:
    """Say what is wrong with a calendar, a target or a moment, in the reader's language."""
    sentence = _(bad.sentence)
    return sentence.format(**bad.facts) if bad.facts else sentence


def refusal(bad: BadTime, within: str = "") -> Invalid:
    """The refusal that names the field at fault, inside the field `within`."""
    field = ".".join(part for part in (within, bad.field) if part)
    return Invalid(_("This can't be counted: look at %(field)s.") % {"field": field}, errors={field: [reason(bad)]})
