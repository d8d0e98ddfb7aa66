"""Durations, moments and amounts as the words people read: "1 小时 50 分", "今天 16:20", "3 月 12 日（周四）18:00".

Pure: no Django, no clock, no settings. `language` is a language code ("zh-hans" or "en"; anything that does not begin
with "zh" is written in English), `now` is the moment the page speaks from, `zone` the product's time zone.
Chinese keeps a space around digits and full-width brackets; a rounding never flatters us: time left and time passed are
rounded down to the whole minute, so nobody is promised more than there is.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from typing import Final

WEEKDAYS_ZH: Final = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")
WEEKDAYS_EN: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS_EN: Final = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
CURRENCIES_ZH: Final = {"CNY": "元", "USD": "美元", "HKD": "港元", "EUR": "欧元"}

#: The units of `duration`, largest first: minutes in one, singular English, plural English, Chinese.
UNITS: Final = (
    (24 * 60, "day", "days", "天"),
    (60, "h", "h", "小时"),
    (1, "min", "min", "分"),
)


def is_chinese(language: str) -> bool:
    return language.lower().startswith("zh")


def duration(length: timedelta, language: str, *, units: int = 2) -> str:
    """`length` in at most `units` neighbouring units, rounded down, without its sign: the sentence around it says that.

    Days stand for 24 hours on the clock. Under a minute is "不到 1 分" / "under 1 min".
    """
    zh = is_chinese(language)
    minutes = int(abs(length).total_seconds() // 60)
    if minutes == 0:
        return "不到 1 分" if zh else "under 1 min"
    words: list[str] = []
    seen = 0
    for size, one, many, chinese in UNITS:
        count, minutes = divmod(minutes, size)
        if seen or count:
            seen += 1
        if count:
            words.append(f"{count} {chinese}" if zh else f"{count} {one if count == 1 else many}")
        if seen == units:
            break
    return " ".join(words)


def minutes(count: float, language: str) -> str:
    """A target or a worked time in minutes, exact: 90 is "1 小时 30 分"; hours never become days here.

    Working hours are not days: 48 of them are six days of work, so "2 days" would be wrong.
    """
    zh = is_chinese(language)
    whole = int(count)
    hours, rest = divmod(whole, 60)
    words = []
    if hours:
        words.append(f"{hours} 小时" if zh else f"{hours} h")
    if rest or not hours:
        words.append(f"{rest} 分" if zh else f"{rest} min")
    return " ".join(words)


def clock(at: datetime, zone: tzinfo) -> str:
    """The time of day as people write it, "16:20", "9:05"."""
    local = at.astimezone(zone)
    return f"{local.hour}:{local.minute:02}"


def weekday(on: date, language: str) -> str:
    return (WEEKDAYS_ZH if is_chinese(language) else WEEKDAYS_EN)[on.weekday()]


def day(on: date, today: date, language: str, *, with_weekday: bool = True, relative: bool = True) -> str:
    """A day: "今天", "昨天", "明天", else "3 月 12 日（周四）"; the year is named when it is not this one."""
    zh = is_chinese(language)
    distance = (on - today).days
    if relative and distance in (-1, 0, 1):
        return (("昨天", "今天", "明天") if zh else ("yesterday", "today", "tomorrow"))[distance + 1]
    if zh:
        text = f"{on.month} 月 {on.day} 日"
        if on.year != today.year:
            text = f"{on.year} 年 {text}"
        return f"{text}（{weekday(on, language)}）" if with_weekday else text
    text = f"{on.day} {MONTHS_EN[on.month - 1]}"
    if on.year != today.year:
        text = f"{text} {on.year}"
    return f"{weekday(on, language)} {text}" if with_weekday else text


def moment(
    at: datetime,
    now: datetime,
    zone: tzinfo,
    language: str,
    *,
    with_weekday: bool | None = None,
    ends_day: bool = False,
) -> str:
    """A moment seen from `now`: "今天 16:20", "3 月 12 日（周四）18:00", and for the past "3 月 9 日 15:06".

    The weekday stands with days to come, where people plan, and not with days gone by, unless `with_weekday` says so.
    `ends_day` writes 00:00 as 24:00 of the day before, as people say a deadline ("3 月 9 日 24:00").
    """
    local = at.astimezone(zone)
    on, hour = local.date(), clock(at, zone)
    if ends_day and local.time() == time(0):
        on, hour = on - timedelta(days=1), "24:00"
    today = now.astimezone(zone).date()
    if with_weekday is None:
        with_weekday = at > now
    text = day(on, today, language, with_weekday=with_weekday)
    if is_chinese(language):
        return f"{text}{hour}" if text.endswith("）") else f"{text} {hour}"
    return f"{text} {hour}" if abs((on - today).days) <= 1 else f"{text}, {hour}"


def short_moment(at: datetime, now: datetime, zone: tzinfo, language: str) -> str:
    """The dense form for lists: "14:20" today, "3/9 15:06" this year, "2025/3/9" before; in English "9 Mar 15:06"."""
    local, here = at.astimezone(zone), now.astimezone(zone)
    if local.date() == here.date():
        return clock(at, zone)
    month = MONTHS_EN[local.month - 1][:3]
    if local.year == here.year:
        return (
            f"{local.month}/{local.day} {clock(at, zone)}"
            if is_chinese(language)
            else f"{local.day} {month} {clock(at, zone)}"
        )
    if is_chinese(language):
        return f"{local.year}/{local.month}/{local.day}"
    return f"{local.day} {month} {local.year}"


def exact(at: datetime, zone: tzinfo) -> str:
    """The instant to the second with its offset, for the title on hover: "2026-03-09 16:20:00 +08:00"."""
    local = at.astimezone(zone)
    offset = local.strftime("%z")
    return f"{local:%Y-%m-%d %H:%M:%S} {offset[:3]}:{offset[3:5]}"


def span(start: datetime, end: datetime, now: datetime, zone: tzinfo, language: str) -> str:
    """From when to when, for the segments of a due time: "今天 14:20–16:20", "昨天 22:00–今天 9:00".

    An end at 00:00 is 24:00 of the day before; several whole days name both days.
    """
    zh = is_chinese(language)
    first, last = start.astimezone(zone), end.astimezone(zone)
    today = now.astimezone(zone).date()
    opening = moment(start, now, zone, language, with_weekday=True)
    last_day, last_hour = last.date(), clock(end, zone)
    if last.time() == time(0) and last > first:
        last_day, last_hour = last_day - timedelta(days=1), "24:00"
    apart = (last_day - first.date()).days
    if apart == 0:
        return f"{opening}–{last_hour}"
    if apart == 1 and abs((last_day - today).days) <= 1:
        ending = f"{day(last_day, today, language)} {last_hour}"
        return f"{opening}–{ending}" if zh else f"{opening} – {ending}"
    if apart == 1:
        return f"{opening}–次日 {last_hour}" if zh else f"{opening} – {last_hour} next day"
    if first.time() == time(0) and last_hour == "24:00":
        return f"{day(first.date(), today, language)}{'–' if zh else ' – '}{day(last_day, today, language)}"
    closing = moment(end, now, zone, language, with_weekday=True, ends_day=True)
    return f"{opening}–{closing}" if zh else f"{opening} – {closing}"


def money(amount: Decimal | int | str, currency: str, language: str) -> str:
    """An amount with its currency, two decimals and thousands: "1,199.00 元", in English "CNY 1,199.00"."""
    figure = f"{Decimal(amount):,.2f}"
    if is_chinese(language) and currency in CURRENCIES_ZH:
        return f"{figure} {CURRENCIES_ZH[currency]}"
    return f"{currency} {figure}"


def percent(share: Decimal | float | None, *, digits: int = 1) -> str:
    """A share of one as a percentage, rounded down, so that 99.96 % is never shown as 100 %; None is "–"."""
    if share is None:
        return "–"
    unit = Decimal(1).scaleb(-digits)
    return f"{(Decimal(str(share)) * 100).quantize(unit, rounding='ROUND_FLOOR')}"


def grouped_number(number: str) -> str:
    """A ticket number in groups that can be read aloud: "HY482719365" is "HY 4827 1936 5"."""
    letters = number.rstrip("0123456789")
    digits = number[len(letters) :]
    groups = [digits[i : i + 4] for i in range(0, len(digits), 4)]
    return " ".join([letters, *groups] if letters else groups)
