"""The verbs of calendars. Who may is asked by the apps that know people; calendars know none."""

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from common import clock
from common.errors import Invalid

from .models import Calendar, CalendarVersion, Holiday, holidays, holidays_changed
from .presets import AnnouncedDay
from .wording import refusal
from .worktime import BadTime, WorkCalendar


@transaction.atomic
def create_calendar(code: str, name: str, definition: dict[str, Any], *, note: str = "") -> Calendar:
    """Make a calendar with its first version. Raises Invalid if the code is taken or the definition is wrong."""
    if Calendar.objects.filter(code=code).exists():
        raise Invalid(_("There is a calendar with this code already."), errors={"code": [_("Choose another code.")]})
    calendar = Calendar.objects.create(code=code, name=name)
    publish_version(calendar, definition, note=note)
    return calendar


@transaction.atomic
def publish_version(calendar: Calendar, definition: dict[str, Any], *, note: str = "") -> CalendarVersion:
    """Publish new hours as the calendar's current version; clocks that run keep the version they began under.

    Raises Invalid, naming the part of the definition that is wrong (`definition.hours.mon[1]`).
    """
    try:
        WorkCalendar.from_definition(definition, holidays())
    except BadTime as bad:
        raise refusal(bad, "definition") from bad
    # Two people who publish at once get two numbers.
    locked = Calendar.objects.select_for_update().get(pk=calendar.pk)
    newest = locked.versions.order_by("-number").values_list("number", flat=True).first() or 0
    version = CalendarVersion.objects.create(
        calendar=locked, number=newest + 1, definition=definition, note=note, created_at=clock.now()
    )
    calendar.current = locked.current = version
    locked.save(update_fields=["current"])
    return version


@transaction.atomic
def announce_holidays(rows: Iterable[AnnouncedDay]) -> int:
    """Take over the days of a notice, new ones and corrected ones; returns how many days changed.

    Due times already promised stay as they are.
    """
    holidays()
    rows = list({row.date: row for row in rows}.values())
    fields = ("notice_year", "name", "is_off", "source")
    known = {day.date: day for day in Holiday.objects.filter(date__in=[row.date for row in rows])}
    changed = [
        row
        for row in rows
        if row.date not in known or any(getattr(known[row.date], field) != getattr(row, field) for field in fields)
    ]
    if changed:
        at = clock.now()
        Holiday.objects.bulk_create(
            [Holiday(**row._asdict(), changed_at=at) for row in changed],
            update_conflicts=True,
            unique_fields=["date"],
            update_fields=[*fields, "changed_at"],
        )
        holidays_changed()
    return len(changed)
