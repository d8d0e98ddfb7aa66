"""Who speaks on a page: the organisation's name, logo and hotline, and what it calls its merchants."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import pgettext

from accounts.models import Organisation
from common.context import Brand, brand_source


def merchant_word() -> str:
    """What a merchant is called here: 店铺 in a brand's own product, 商家 on a marketplace."""
    organisation = Organisation.current()
    if organisation is not None and organisation.is_marketplace:
        return pgettext("on a marketplace", "merchant")
    return pgettext("of a brand", "shop")


def merchant_words() -> str:
    """The same for several, as a heading."""
    organisation = Organisation.current()
    if organisation is not None and organisation.is_marketplace:
        return pgettext("on a marketplace", "Merchants")
    return pgettext("of a brand", "Shops")


def organisation(request: HttpRequest) -> dict[str, Any]:
    """The context processor: `organisation` (None before the first start), `merchant_word`, `merchant_words`."""
    return {
        "organisation": SimpleLazyObject(Organisation.current),
        "merchant_word": SimpleLazyObject(merchant_word),
        "merchant_words": SimpleLazyObject(merchant_words),
    }


@brand_source
def brand(request: HttpRequest) -> Brand | None:
    """The organisation as the frame of a page shows it."""
    found = Organisation.current()
    if found is None:
        return None
    logo = f"{reverse('accounts:logo')}?v={str(found.logo.name).rsplit('/', 1)[-1]}" if found.logo else ""
    return Brand(name=found.name, logo_url=logo, hotline=found.hotline)
