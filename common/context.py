"""What both bases need on every page: whose page it is, light or dark, and which frame an error page stands in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext

from common.preferences import THEME_COOKIE, THEMES


@dataclass(frozen=True)
class Brand:
    """Who speaks on a page: the organisation, or on a marketplace the merchant the case belongs to."""

    name: str
    logo_url: str = ""
    hotline: str = ""
    home_url: str = "/"


BrandSource = Callable[[HttpRequest], "Brand | None"]
_source: list[BrandSource] = []


def brand_source(function: BrandSource) -> BrandSource:
    """Decorate the function that knows the organisation (accounts does); only pages that show a brand ask it."""
    _source[:] = [function]
    return function


def brand(request: HttpRequest) -> Brand:
    """The brand of this request; the product's own name before the organisation is set up."""
    return (_source[0](request) if _source else None) or Brand(gettext("Huiyin"))


def theme(request: HttpRequest) -> str:
    """ "light", "dark" or "" (the device decides): the person's setting, for guests the cookie."""
    user = getattr(request, "user", None)
    chosen = getattr(user, "theme", "") if user is not None and user.is_authenticated else ""
    chosen = chosen or request.COOKIES.get(THEME_COOKIE, "")
    return chosen if chosen in THEMES else ""


def page(request: HttpRequest) -> dict[str, Any]:
    """The context processor: `brand`, `theme`, `page_base`. Nothing is fetched before a template asks."""
    user = getattr(request, "user", None)
    is_staff = bool(user is not None and user.is_authenticated and getattr(user, "is_staff", False))
    return {
        "brand": SimpleLazyObject(lambda: brand(request)),
        "theme": theme(request),
        "page_base": "base_staff.html" if is_staff else "base_customer.html",
    }
