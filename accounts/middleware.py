from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation

from accounts.models import Organisation

Answer = Callable[[HttpRequest], HttpResponse]


class Preferences:
    """A signed-in person reads pages in their own language on every device; guests have the cookie."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated and translation.check_for_language(request.user.language):
            translation.activate(request.user.language)
            request.LANGUAGE_CODE = translation.get_language()
        return self.get_response(request)


class FirstStart:
    """Until somebody has set the product up, its pages say so, and lead who may to the set-up page."""

    #: Open before: the set-up itself, signing in on the way, what machines ask, and the choice of language.
    OPEN = ("/setup/", "/accounts/", "/static/", "/preferences/", "/i18n/", "/healthz", "/readyz", "/metrics")

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith(self.OPEN) or Organisation.current() is not None:
            return self.get_response(request)
        if request.user.is_authenticated and request.user.role == "admin":
            return HttpResponseRedirect(reverse("accounts:setup"))
        if request.path.startswith("/api/"):
            return self.get_response(request)
        return render(request, "accounts/not_set_up.html", status=503)
