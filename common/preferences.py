"""Language and light or dark: two small forms in every frame, for guests too, kept in cookies.

An app that knows people adds a keeper, so that a signed-in person finds the choice on every device:

    @preferences.keeper
    def keep(user, *, language=None, theme=None): ...
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import check_for_language
from django.views.decorators.http import require_POST

THEME_COOKIE: Final = "theme"
#: "" follows the device.
THEMES: Final = ("", "light", "dark")
YEAR: Final = 365 * 24 * 3600

Keeper = Callable[..., Any]
_keepers: dict[str, Keeper] = {}


def keeper(function: Keeper) -> Keeper:
    _keepers[f"{function.__module__}.{function.__qualname__}"] = function
    return function


@require_POST
def choose(request: HttpRequest) -> HttpResponse:
    """Take `language` and/or `theme`, go back to `next`. An unknown value changes nothing."""
    back = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure()):
        back = "/"
    response = HttpResponseRedirect(back)
    kept: dict[str, str] = {}
    language = request.POST.get("language")
    if language in dict(settings.LANGUAGES) and check_for_language(language):
        kept["language"] = language
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME, language, max_age=YEAR, samesite="Lax", secure=request.is_secure()
        )
    theme = request.POST.get("theme")
    if theme is not None and theme in THEMES:
        kept["theme"] = theme
        response.set_cookie(THEME_COOKIE, theme, max_age=YEAR, samesite="Lax", secure=request.is_secure())
    user = getattr(request, "user", None)
    if kept and user is not None and user.is_authenticated:
        for keep in _keepers.values():
            keep(user, **kept)
    return response
