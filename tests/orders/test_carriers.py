"""The names of carriers."""

from __future__ import annotations

import pytest
from django.utils import translation

from orders.carriers import carrier_name


@pytest.mark.parametrize(
    ("code", "language", "name"),
    [
        ("yto", "zh-hans", "圆通"),
        (" SF ", "zh-hans", "顺丰"),
        ("yto", "en", "YTO Express"),
        ("同城闪送", "en", "同城闪送"),
    ],
)
def test_a_code_becomes_a_name_and_a_name_stays(code, language, name):
    with translation.override(language):
        assert carrier_name(code) == name
