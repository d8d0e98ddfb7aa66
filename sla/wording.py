"""Clocks in words: what a metric is called, how much time a target gives, and why a due time is what it is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _

from calendars.wording import why as why_words
from calendars.worktime import Segment
from common import wording as words
from sla.metrics import FIRST_RESPONSE, NEXT_RESPONSE, RECOVERY, RESOLUTION, UPDATE_EVERY
from sla.models import Clock

_MOST_SEGMENTS = 40


def language() -> str:
    return get_language() or "zh-hans"


def metric_name(metric: str) -> str:
    """What is promised: "First answer"."""
    names = {
        FIRST_RESPONSE: pgettext("promise", "First answer"),
        NEXT_RESPONSE: pgettext("promise", "Next answer"),
        UPDATE_EVERY: pgettext("promise", "Regular update"),
        RESOLUTION: pgettext("promise", "Result"),
        RECOVERY: pgettext("promise", "New promise after a miss"),
    }
    return names.get(metric, metric)


def target_words(target: Mapping[str, Any], *, is_always: bool = False) -> str:
    """How much time there is: "4 working hours, never more than 24 h", "2 working days"."""
    if "working_days" in target:
        count = target["working_days"]
        text = ngettext("%(count)s working day", "%(count)s working days", count) % {"count": count}
    elif "calendar_days" in target:
        count = target["calendar_days"]
        text = ngettext("%(count)s day", "%(count)s days", count) % {"count": count}
    else:
        minutes = target.get("minutes", target.get("seconds", 0) / 60)
        length = words.minutes(minutes, language())
        text = length if is_always else _("%(length)s of working time") % {"length": length}
    cap = target.get("max_elapsed_minutes")
    if cap is None:
        return text
    return _("%(time)s, never more than %(cap)s on the clock") % {"time": text, "cap": words.minutes(cap, language())}


def clock_target(clock: Clock) -> str:
    """The target of a clock in words."""
    return target_words(clock.target, is_always=clock.calendar_version.definition.get("hours") == "24x7")


def segments_of(clock: Clock, at: datetime) -> list[Segment]:
    """The time from the start to the due time (for a paused clock: to now), in stretches that counted or not."""
    until = clock.due_at or at
    worktime = clock.calendar_version.worktime()
    return worktime.explain(clock.counted_from, until, clock.pause_spans(at), clock.work_target)


def why(clock: Clock, at: datetime, *, for_customer: bool = False) -> dict[str, Any]:
    """As `components/_why.html` takes it: the stretches of a due time, what they add up to, and what decided."""
    segments = segments_of(clock, at)
    shown = [_segment(segment) for segment in segments[:_MOST_SEGMENTS]]
    if clock.promised_by_id is not None:
        shown = []
    counted = sum((segment.counted for segment in segments), timedelta(0))
    if clock.decided_by == "cap":
        total = {"what": _("Never more than %(cap)s on the clock") % {"cap": _cap(clock)}, "value": _due(clock, at)}
    else:
        total = {"what": _total(clock, counted), "value": _due(clock, at)}
    note = []
    if clock.metric == RECOVERY and clock.promised_by_id is None:
        note = [
            {"what": _("Half of the time that was missed, 30 minutes to 4 working hours"), "value": clock_target(clock)}
        ]
    elif clock.promised_by_id is not None:
        note = [{"what": _("A time that a person named"), "value": ""}]
    elif not for_customer and clock.due_at and clock.promised_at != clock.due_at:
        note = [{"what": _("Promised first"), "value": _moment(clock.promised_at, at)}]
    return {"segments": [*note, *shown, {**total, "sum": True}]}


def _segment(segment: Segment) -> dict[str, Any]:
    shown: dict[str, Any] = {"start": segment.start, "end": segment.end}
    if segment.counted:
        minutes = segment.counted.total_seconds() / 60
        shown["value"] = words.minutes(minutes, language())
        if segment.code not in ("working", "around_the_clock"):
            shown["what"] = why_words(segment)
    else:
        shown |= {"off": True, "value": why_words(segment)}
    return shown


def _total(clock: Clock, counted: timedelta) -> str:
    if clock.work_target.in_days:
        return _("Together: %(time)s") % {"time": target_words(clock.target)}
    minutes = counted.total_seconds() / 60
    return _("Together: %(time)s") % {"time": words.minutes(minutes, language())}


def _cap(clock: Clock) -> str:
    return words.minutes(clock.target.get("max_elapsed_minutes", 0), language())


def _due(clock: Clock, at: datetime) -> str:
    return _moment(clock.due_at, at, ends_day=clock.ends_day) if clock.due_at else ""


def _moment(moment: datetime, at: datetime, *, ends_day: bool = False) -> str:
    return words.moment(moment, at, timezone.get_current_timezone(), language(), ends_day=ends_day)
