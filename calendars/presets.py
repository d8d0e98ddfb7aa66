"""The three working calendars offered at the first start, and where China's holidays come from."""

import csv
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from django.utils.translation import gettext, gettext_noop

from calendars.worktime import Holidays

HOLIDAYS_FILE = Path(__file__).parent / "data" / "cn_holidays_2007_2026.csv"
DEFAULT = "retail"


class Preset(NamedTuple):
    """A calendar ready to use: its code, its Chinese name, when we work."""

    code: str
    name: str
    title: str
    hours: Any
    holidays: Any

    def definition(self, timezone: str) -> dict[str, Any]:
        """As CALENDAR of contracts.md, in this time zone."""
        return {"timezone": timezone, "hours": self.hours, "holidays": self.holidays}


PRESETS = (
    Preset(
        "retail",
        "电商 7×（9–22），节假日照常",
        gettext_noop("Shop: every day 9 to 22, holidays too"),
        {day: [["09:00", "22:00"]] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")},
        [],
    ),
    Preset(
        "office",
        "企业 5×8，午休，法定节假日休息",
        gettext_noop("Office: Monday to Friday, 8 hours with a lunch break, China's public holidays off"),
        {day: [["09:00", "12:00"], ["13:00", "18:00"]] for day in ("mon", "tue", "wed", "thu", "fri")},
        "cn",
    ),
    Preset("always", "7×24 全天", gettext_noop("Around the clock"), "24x7", []),
)


def title(code: str, name: str) -> str:
    """The name of a calendar in the reader's language, as long as nobody gave a preset another name."""
    return next((gettext(preset.title) for preset in PRESETS if (preset.code, preset.name) == (code, name)), name)


def shipped_holidays() -> Holidays:
    """The holidays that come with the product, without a database: for programs that only count."""
    return Holidays.from_rows((day.notice_year, day.date, day.name, day.is_off) for day in announced_days())


class AnnouncedDay(NamedTuple):
    """One row of a holiday notice."""

    notice_year: int
    date: date
    name: str
    is_off: bool
    source: str


def announced_days(path: Path = HOLIDAYS_FILE) -> Iterator[AnnouncedDay]:
    """The notices in a CSV file (notice_year, date, name, is_off 1 or 0, papers); 2007-2026 ship with the product.

    They are those of the project holiday-cn (MIT). Raises ValueError, naming the line that is wrong.
    """
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.DictReader(file)
        for row in rows:
            try:
                if row["is_off"] not in ("0", "1") or not row["name"] or len(row["name"]) > 60:
                    raise ValueError
                year, day = int(row["notice_year"]), date.fromisoformat(row["date"])
                if abs(year - day.year) > 1:
                    raise ValueError
            except (KeyError, TypeError, ValueError):
                raise ValueError(
                    f"line {rows.line_num}: need notice_year, date (YYYY-MM-DD), name, is_off (1 or 0) and papers"
                ) from None
            yield AnnouncedDay(year, day, row["name"], row["is_off"] == "1", (row.get("papers") or "")[:400])
