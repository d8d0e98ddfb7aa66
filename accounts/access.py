"""The door of a staff page: signed in, and a role that its app's table allows."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
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
