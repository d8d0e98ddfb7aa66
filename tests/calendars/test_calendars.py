"""Calendars in the database: seeded holidays, versions that never change, what is held in memory."""

import ast
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import chinese_calendar
import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.utils import translation

from calendars import models, wording, worktime
from calendars.actions import announce_holidays, create_calendar, publish_version
from calendars.models import Calendar, CalendarVersion, Holiday, holidays
from calendars.presets import AnnouncedDay
from calendars.worktime import BadTime, Target, WorkCalendar
from common.errors import Conflict, Invalid

pytestmark = pytest.mark.django_db

SHANGHAI = ZoneInfo("Asia/Shanghai")
WEEK = {day: [["09:00", "18:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}
DEFINITION = {"timezone": "Asia/Shanghai", "hours": WEEK, "holidays": "cn"}
NEW_YEAR_2027 = AnnouncedDay(2027, date(2027, 1, 1), "元旦", True, "https://www.gov.cn/")


def cn(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def test_seeded_holidays_equal_chinesecalendar_day_by_day():
    office = Calendar.objects.get(code="office").current.worktime()
    differing = []
    day = date(2007, 1, 1)
    while day <= date(2026, 12, 31):
        if office.is_working_day(day) != chinese_calendar.is_workday(day):
            differing.append(day)
        day += timedelta(days=1)
    assert differing == []
    assert holidays().years == frozenset(range(2007, 2027))
    assert Holiday.objects.count() == 678


def test_first_start_offers_three_calendars():
    worked = {c.code: c.current.worktime() for c in Calendar.objects.all()}
    start = cn("2026-02-14 21:00")  # the eve of Spring Festival, a make-up Saturday
    due = {code: calendar.due(start, Target("minutes", 120)).at for code, calendar in worked.items()}
    assert due == {
        "retail": cn("2026-02-15 10:00"),
        "office": cn("2026-02-24 11:00"),
        "always": cn("2026-02-14 23:00"),
    }


def test_publish_makes_the_next_number_current():
    calendar = create_calendar("north", "北区", DEFINITION)
    first = calendar.current
    second = publish_version(calendar, DEFINITION | {"holidays": []}, note="春节照常")
    assert (first.number, second.number) == (1, 2)
    assert Calendar.objects.get(pk=calendar.pk).current == second


def test_wrong_definition_is_refused_and_nothing_is_published():
    calendar = create_calendar("north", "北区", DEFINITION)
    with pytest.raises(Invalid) as refusal:
        publish_version(calendar, DEFINITION | {"hours": {"mon": [["18:00", "09:00"]]}})
    assert list(refusal.value.errors) == ["definition.hours.mon[0]"]
    assert calendar.versions.count() == 1
    with pytest.raises(Invalid):
        create_calendar("north", "北区", DEFINITION)


def test_published_version_never_changes():
    version = CalendarVersion.objects.get(calendar__code="office")
    version.note = "anders"
    with pytest.raises(Conflict):
        version.save()
    with pytest.raises(Conflict):
        version.delete()
    for change in (
        lambda: CalendarVersion.objects.filter(pk=version.pk).update(note="other"),
        lambda: CalendarVersion.objects.filter(pk=version.pk)._raw_delete("default"),
    ):
        with pytest.raises(IntegrityError, match="never changes"), transaction.atomic():
            change()


def test_version_is_built_once_and_asks_for_holidays_at_most_once_a_second(django_assert_num_queries):
    version = Calendar.objects.get(code="office").current
    ready = version.worktime()
    with django_assert_num_queries(0):
        assert Calendar(current=version).current.worktime() is ready
    always = Calendar.objects.get(code="always").current
    with django_assert_num_queries(0):
        assert always.worktime() is always.worktime()


def test_announced_year_counts_at_once_and_not_after_a_rollback():
    version = Calendar.objects.get(code="office").current
    start, target = cn("2026-12-31 17:30"), Target("minutes", 60)
    before = version.worktime().due(start, target)
    assert (before.at, before.unannounced_years) == (cn("2027-01-01 09:30"), (2027,))
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        assert announce_holidays([NEW_YEAR_2027]) == 1
        after = version.worktime().due(start, target)
        assert (after.at, after.unannounced_years) == (cn("2027-01-04 09:30"), ())
        raise ZeroDivisionError
    assert version.worktime().due(start, target) == before
    assert holidays().years == frozenset(range(2007, 2027))


def test_announcing_twice_changes_nothing_and_a_correction_counts():
    assert announce_holidays([NEW_YEAR_2027]) == 1
    assert announce_holidays([NEW_YEAR_2027]) == 0
    assert announce_holidays([NEW_YEAR_2027._replace(is_off=False)]) == 1
    assert holidays().days[date(2027, 1, 1)].is_off is False
    assert Holiday.objects.filter(date=date(2027, 1, 1)).count() == 1


def test_change_made_by_another_process_is_seen_within_a_second(monkeypatch):
    monkeypatch.setattr(models, "_shelf", models._Shelf())  # one that forgets with the test
    version = Calendar.objects.get(code="office").current
    version.worktime()
    with connection.cursor() as cursor:  # as another process would: nothing in this one is told
        cursor.execute(
            "INSERT INTO calendars_holiday (date, name, is_off, notice_year, source) VALUES (%s, %s, true, 2027, '')",
            ["2027-01-01", "元旦"],
        )
    monkeypatch.setattr(models._shelf, "_look_at", 0.0)
    assert not version.worktime().is_working_day(date(2027, 1, 1))


def test_every_reason_and_every_sentence_of_worktime_can_be_translated():
    with translation.override("en"):
        assert {code: str(sentence) for code, sentence in wording.WHY.items()} == worktime.WHY
        known = {str(sentence) for sentence in wording.REASONS}
    raised = [
        call.args[1]
        for call in ast.walk(ast.parse(Path(worktime.__file__).read_text(encoding="utf-8")))
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") in ("BadCalendar", "BadTarget", "BadMoment")
    ]
    used = {arg.value if isinstance(arg, ast.Constant) else getattr(worktime, arg.id) for arg in raised}
    assert used == known


def test_reason_is_filled_with_what_was_given():
    with pytest.raises(BadTime) as refused, translation.override("en"):
        WorkCalendar.from_definition({"timezone": "Mars", "hours": "24x7"})
    with translation.override("en"):
        assert wording.reason(refused.value) == "Mars is not a time zone such as Asia/Shanghai"


def test_command_takes_over_a_notice_and_names_a_wrong_line(tmp_path, capsys):
    notice = tmp_path / "2027.csv"
    notice.write_text("notice_year,date,name,is_off,papers\n2027,2027-01-01,元旦,1,https://www.gov.cn/\n", "utf-8")
    call_command("announce_holidays", str(notice))
    assert capsys.readouterr().out == "1 days read, 1 new or changed.\n"
    assert holidays().days[date(2027, 1, 1)].name == "元旦"
    assert 2027 in holidays().years
    for wrong in ("2027,2027-02-30,春节,1,", "2027,2027-02-01,春节,yes,", "2027,2035-02-01,春节,1,", "2027"):
        notice.write_text(f"notice_year,date,name,is_off,papers\n{wrong}\n", "utf-8")
        with pytest.raises(CommandError, match="line 2"):
            call_command("announce_holidays", str(notice))
    with pytest.raises(CommandError, match="No such file"):
        call_command("announce_holidays", str(tmp_path / "nowhere.csv"))


def test_preset_is_called_by_the_readers_language_until_it_is_renamed():
    always = Calendar.objects.get(code="always")
    with translation.override("en"):
        assert str(always) == "Around the clock"
        always.name = "夜班"
        assert str(always) == "夜班"
