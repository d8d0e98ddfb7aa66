"""The names of common carriers, for the codes that shop systems push."""

from __future__ import annotations

from typing import Any, Final

from django.utils.translation import pgettext_lazy

CARRIERS: Final[dict[str, Any]] = {
    "sf": pgettext_lazy("carrier", "SF Express"),
    "zto": pgettext_lazy("carrier", "ZTO Express"),
    "yto": pgettext_lazy("carrier", "YTO Express"),
    "sto": pgettext_lazy("carrier", "STO Express"),
    "yunda": pgettext_lazy("carrier", "Yunda Express"),
    "jt": pgettext_lazy("carrier", "J&T Express"),
    "jd": pgettext_lazy("carrier", "JD Logistics"),
    "ems": "EMS",
    "chinapost": pgettext_lazy("carrier", "China Post"),
    "deppon": pgettext_lazy("carrier", "Deppon"),
    "cainiao": pgettext_lazy("carrier", "Cainiao"),
    "danniao": pgettext_lazy("carrier", "Danniao"),
}


def carrier_name(code: str) -> str:
    """The name of a carrier in the reader's language; what is no known code is shown as it was pushed."""
    return str(CARRIERS.get(code.strip().lower(), code))
