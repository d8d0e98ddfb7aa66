from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from common import wording

SHANGHAI = ZoneInfo("Asia/Shanghai")
ZH, EN = "zh-hans", "en"


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=SHANGHAI)


#: Monday 9 March 2026, 14:30.
NOW = at(2026, 3, 9, 14, 30)


@pytest.mark.parametrize(
    ("length", "zh", "en"),
    [
        (timedelta(0), "不到 1 分", "under 1 min"),
        (timedelta(seconds=59), "不到 1 分", "under 1 min"),
        (timedelta(minutes=1), "1 分", "1 min"),
        (timedelta(minutes=9, seconds=59), "9 分", "9 min"),
        (timedelta(hours=1), "1 小时", "1 h"),
        (timedelta(hours=1, minutes=50), "1 小时 50 分", "1 h 50 min"),
        (timedelta(hours=23, minutes=59, seconds=59), "23 小时 59 分", "23 h 59 min"),
        (timedelta(days=1), "1 天", "1 day"),
        (timedelta(days=1, hours=3, minutes=40), "1 天 3 小时", "1 day 3 h"),
        (timedelta(days=2, minutes=40), "2 天", "2 days"),
        (timedelta(days=45, hours=7), "45 天 7 小时", "45 days 7 h"),
        (-timedelta(minutes=38), "38 分", "38 min"),
    ],
)
def test_durations_are_said_in_two_units_and_never_rounded_up(length, zh, en):
    assert wording.duration(length, ZH) == zh
    assert wording.duration(length, EN) == en


def test_one_unit_is_enough_for_what_is_far_away():
    assert wording.duration(timedelta(days=3, hours=3), ZH, units=1) == "3 天"
    assert wording.duration(timedelta(hours=5, minutes=59), EN, units=1) == "5 h"


def test_worked_hours_do_not_become_days():
    assert wording.minutes(90, ZH) == "1 小时 30 分"
    assert wording.minutes(48 * 60, ZH) == "48 小时"
    assert wording.minutes(48 * 60, EN) == "48 h"
    assert wording.minutes(0, ZH) == "0 分"


@pytest.mark.parametrize(
    ("moment", "zh", "en"),
    [
        (at(2026, 3, 9, 16, 20), "今天 16:20", "today 16:20"),
        (at(2026, 3, 9, 9, 5), "今天 9:05", "today 9:05"),
        (at(2026, 3, 10, 12, 0), "明天 12:00", "tomorrow 12:00"),
        (at(2026, 3, 8, 15, 6), "昨天 15:06", "yesterday 15:06"),
        (at(2026, 3, 12, 18, 0), "3 月 12 日（周四）18:00", "Thu 12 March, 18:00"),
        (at(2026, 3, 2, 18, 41), "3 月 2 日 18:41", "2 March, 18:41"),
        (at(2027, 1, 4, 9, 0), "2027 年 1 月 4 日（周一）9:00", "Mon 4 January 2027, 9:00"),
        (at(2025, 11, 3, 9, 5), "2025 年 11 月 3 日 9:05", "3 November 2025, 9:05"),
    ],
)
def test_moments_name_the_day_as_people_do(moment, zh, en):
    assert wording.moment(moment, NOW, SHANGHAI, ZH) == zh
    assert wording.moment(moment, NOW, SHANGHAI, EN) == en


def test_a_moment_is_said_in_the_products_zone_whatever_zone_it_came_in():
    assert wording.moment(datetime(2026, 3, 9, 17, 0, tzinfo=UTC), NOW, SHANGHAI, ZH) == "明天 1:00"


def test_the_end_of_a_day_is_24_oclock_of_that_day():
    assert wording.moment(at(2026, 3, 18, 0, 0), NOW, SHANGHAI, ZH, ends_day=True) == "3 月 17 日（周二）24:00"
    assert wording.moment(at(2026, 3, 10, 0, 0), NOW, SHANGHAI, ZH, ends_day=True) == "今天 24:00"
    assert wording.moment(at(2026, 3, 10, 0, 0), NOW, SHANGHAI, EN, ends_day=True) == "today 24:00"
    assert wording.moment(at(2026, 3, 10, 0, 0), NOW, SHANGHAI, ZH) == "明天 0:00"
    assert wording.moment(at(2026, 3, 18, 0, 1), NOW, SHANGHAI, ZH, ends_day=True) == "3 月 18 日（周三）0:01"


def test_lists_say_a_moment_as_short_as_they_can():
    assert wording.short_moment(at(2026, 3, 9, 14, 20), NOW, SHANGHAI, ZH) == "14:20"
    assert wording.short_moment(at(2026, 3, 8, 15, 6), NOW, SHANGHAI, ZH) == "3/8 15:06"
    assert wording.short_moment(at(2026, 3, 8, 15, 6), NOW, SHANGHAI, EN) == "8 Mar 15:06"
    assert wording.short_moment(at(2025, 11, 3, 9, 5), NOW, SHANGHAI, ZH) == "2025/11/3"
    assert wording.short_moment(at(2025, 11, 3, 9, 5), NOW, SHANGHAI, EN) == "3 Nov 2025"


def test_the_exact_instant_has_seconds_and_offset():
    assert wording.exact(datetime(2026, 3, 9, 8, 20, 5, tzinfo=UTC), SHANGHAI) == "2026-03-09 16:20:05 +08:00"


@pytest.mark.parametrize(
    ("start", "end", "zh", "en"),
    [
        (at(2026, 3, 9, 14, 20), at(2026, 3, 9, 16, 20), "今天 14:20–16:20", "today 14:20–16:20"),
        (at(2026, 3, 8, 22, 0), at(2026, 3, 9, 9, 0), "昨天 22:00–今天 9:00", "yesterday 22:00 – today 9:00"),
        (
            at(2026, 3, 13, 22, 0),
            at(2026, 3, 14, 9, 0),
            "3 月 13 日（周五）22:00–次日 9:00",
            "Fri 13 March, 22:00 – 9:00 next day",
        ),
        (at(2026, 3, 9, 22, 0), at(2026, 3, 10, 0, 0), "今天 22:00–24:00", "today 22:00–24:00"),
        (
            at(2026, 2, 15, 0, 0),
            at(2026, 2, 24, 0, 0),
            "2 月 15 日（周日）–2 月 23 日（周一）",
            "Sun 15 February – Mon 23 February",
        ),
        (
            at(2026, 2, 13, 18, 0),
            at(2026, 2, 24, 9, 0),
            "2 月 13 日（周五）18:00–2 月 24 日（周二）9:00",
            "Fri 13 February, 18:00 – Tue 24 February, 9:00",
        ),
    ],
)
def test_segments_say_from_when_to_when(start, end, zh, en):
    assert wording.span(start, end, NOW, SHANGHAI, ZH) == zh
    assert wording.span(start, end, NOW, SHANGHAI, EN) == en


def test_days_leave_the_weekday_out_when_asked():
    assert wording.day(date(2026, 3, 2), NOW.date(), ZH, with_weekday=False) == "3 月 2 日"
    assert wording.day(date(2026, 3, 9), NOW.date(), ZH, relative=False) == "3 月 9 日（周一）"
    assert wording.day(date(2026, 3, 10), NOW.date(), EN) == "tomorrow"


def test_money_has_its_currency_and_two_decimals():
    assert wording.money(Decimal("199"), "CNY", ZH) == "199.00 元"
    assert wording.money("1234567.5", "CNY", ZH) == "1,234,567.50 元"
    assert wording.money(Decimal("199"), "CNY", EN) == "CNY 199.00"
    assert wording.money(Decimal("5"), "JPY", ZH) == "JPY 5.00"


def test_a_share_is_never_flattered():
    assert wording.percent(Decimal("0.9618")) == "96.1"
    assert wording.percent(Decimal("0.99999")) == "99.9"
    assert wording.percent(1) == "100.0"
    assert wording.percent(None) == "–"


def test_a_number_can_be_read_aloud():
    assert wording.grouped_number("HY482719365") == "HY 4827 1936 5"
    assert wording.grouped_number("12345") == "1234 5"
