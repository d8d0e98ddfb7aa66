"""When we work: calendars, their published versions, and the holidays that the State Council announces."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from django.db import models, transaction
from django.db.models import Count, Max
from django.db.models.functions import Now
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from common.errors import Conflict

from .presets import title
from .worktime import Holidays, WorkCalendar


class Calendar(models.Model):
    """Working hours under a name; what they are is said by its versions, of which one is current."""

    code = models.SlugField(_("calendar code"), max_length=40, unique=True)
    name = models.CharField(_("calendar name"), max_length=80)
    current = models.ForeignKey(
        "CalendarVersion", verbose_name=_("current version"), on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        verbose_name = _("working calendar")
        verbose_name_plural = _("working calendars")
        ordering = ["name"]

    def __str__(self) -> str:
        return title(self.code, self.name)


class CalendarVersion(models.Model):
    """One published definition (CALENDAR of contracts.md). It never changes: clocks say under which one they began.

    The database refuses updates and deletions too; see the first migration.
    """

    calendar = models.ForeignKey(Calendar, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField(_("version number"))
    definition = models.JSONField(_("working hours and holidays"))
    created_at = models.DateTimeField(_("published at"), db_default=Now())
    note = models.TextField(_("note on this version"), blank=True)

    class Meta:
        verbose_name = _("version of a calendar")
        verbose_name_plural = _("versions of calendars")
        ordering = ["calendar_id", "-number"]
        constraints = [models.UniqueConstraint(fields=["calendar", "number"], name="calendar_version_number_once")]

    def __str__(self) -> str:
        return f"{self.calendar_id}/{self.number}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise Conflict(_("A published calendar does not change. Publish a new version instead."))
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        raise Conflict(_("A published calendar can't be deleted: clocks have run by it."))

    @cached_property
    def uses_holidays(self) -> bool:
        return self.definition.get("holidays") == "cn"

    def worktime(self) -> WorkCalendar:
        """What this version counts by, with today's knowledge of holidays; shared inside the process."""
        if not self.uses_holidays:
            return _worktimes.get(self.pk, 0, self.definition, None)
        revision, known = _shelf.read()
        return _worktimes.get(self.pk, revision, self.definition, known)


class Holiday(models.Model):
    """A day off or a make-up working day by a notice of the State Council (notices may reach into other years)."""

    date = models.DateField(_("date"), unique=True)
    name = models.CharField(_("name of the holiday"), max_length=60)
    is_off = models.BooleanField(_("is a day off"), help_text=_("No means a make-up working day."))
    notice_year = models.PositiveSmallIntegerField(_("year of the notice"), db_index=True)
    source = models.CharField(_("official notices"), max_length=400, blank=True)  # addresses, apart by spaces
    changed_at = models.DateTimeField(_("last changed at"), db_default=Now())

    class Meta:
        verbose_name = _("holiday")
        verbose_name_plural = _("holidays")
        ordering = ["date"]

    def __str__(self) -> str:
        return f"{self.date} {self.name}"


def holidays() -> Holidays:
    """All announced holidays; shared inside the process, and at most a second behind another process's change."""
    return _shelf.read()[1]


def holidays_changed() -> None:
    """Read the table again at the next question and at every one until the change is committed or gone.

    Call `holidays()` before the change, inside the same transaction, so that it is known what the change was from.
    """
    _shelf.changed()


class _Shelf:
    """The table of holidays in memory.

    Whether it changed is one cheap query, asked at most once a second; a process that changes the table itself asks
    every time until it has committed or rolled back, so that it sees its own change and sees it go.
    """

    LOOK_EVERY = 1.0  # seconds

    def __init__(self) -> None:
        self._held: tuple[Any, Holidays] | None = None
        self._look_at = 0.0
        self._before: Any = None  # the revision before a change of ours that is not committed yet

    def read(self) -> tuple[Any, Holidays]:
        held = self._held
        if held and self._before is None and time.monotonic() < self._look_at:
            return held
        revision = self._revision()
        if self._before == revision:
            self._before = None
        if not held or held[0] != revision:
            rows = Holiday.objects.order_by("date").values_list("notice_year", "date", "name", "is_off")
            held = self._held = (revision, Holidays.from_rows(rows))
        self._look_at = time.monotonic() + self.LOOK_EVERY
        return held

    def changed(self) -> None:
        if self._before is None and self._held:
            self._before = self._held[0]
        transaction.on_commit(self._committed)

    def _committed(self) -> None:
        self._before, self._look_at = None, 0.0

    @staticmethod
    def _revision() -> tuple[Any, ...]:
        facts = Holiday.objects.aggregate(count=Count("*"), newest=Max("id"), changed=Max("changed_at"))
        return tuple(facts.values())


class _Worktimes:
    """Calendars that are ready to count, by version and revision of the holidays; the oldest make room."""

    MOST = 64

    def __init__(self) -> None:
        self._ready: dict[Any, WorkCalendar] = {}

    def get(self, pk: int | None, revision: Any, definition: Mapping, known: Holidays | None) -> WorkCalendar:
        ready = self._ready.get((pk, revision))
        if ready is None:
            ready = WorkCalendar.from_definition(definition, known)
            if pk is not None:
                if len(self._ready) >= self.MOST:
                    self._ready.pop(next(iter(self._ready)), None)
                self._ready[pk, revision] = ready
        return ready


_shelf = _Shelf()
_worktimes = _Worktimes()
