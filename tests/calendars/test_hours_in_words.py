"""Working hours as customers read them."""

import pytest
from django.utils import translation

from calendars.presets import PRESETS
from calendars.wording import hours


@pytest.mark.parametrize(
    ("code", "chinese", "english"),
    [
        ("retail", "每天 9:00–22:00；节假日照常", "every day 9:00–22:00; public holidays, too"),
        (
            "office",
            "周一至周五 9:00–12:00、13:00–18:00；法定节假日休息",
            "Monday to Friday 9:00–12:00, 13:00–18:00; closed on public holidays",
        ),
        ("always", "全天", "around the clock"),
    ],
)
def test_the_hours_of_each_preset_read_like_a_sign_on_a_door(code: str, chinese: str, english: str) -> None:
    preset = next(preset for preset in PRESETS if preset.code == code)
    with translation.override("zh-hans"):
        assert hours(preset.definition("Asia/Shanghai")) == chinese
    with translation.override("en"):
        assert hours(preset.definition("Asia/Shanghai")) == english


def test_days_with_hours_of_their_own_are_named_one_by_one() -> None:
    with translation.override("zh-hans"):
        shown = hours({"hours": {"mon": [["09:00", "18:00"]], "sat": [["10:00", "24:00"]]}, "holidays": []})
    assert shown == "周一 9:00–18:00；周六 10:00–24:00；节假日照常"
