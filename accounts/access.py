"""The door of a staff page: signed in, and a role that its app's table allows."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from accounts.permissions import Permissions
from common.errors import require

View = Callable[..., HttpResponse]


def needs(permissions: Permissions, verb: str) -> Callable[[View], View]:
    """Decorate a view: guests are asked to sign in, a role without `verb` is told so (403)."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            require(permissions.may(request.user, verb), _("Your role does not include this page."))
            return view(request, *args, **kwargs)

        return login_required(guarded)

    return decorate


def staff_only(permissions: Permissions, verb: str) -> Callable[[View], View]:
    """Like `needs`, for pages that do not exist for customers: they find nothing (404), whatever the table says."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            if not request.user.is_staff:
                raise Http404
            require(permissions.may(request.user, verb), _("Your role does not include this page."))
            return view(request, *args, **kwargs)

        return guarded

    return decorate
