"""The door to every staff page: who is not signed in goes to sign in, who is a customer finds nothing here."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from common.errors import require
from tickets.models import Ticket
from tickets.numbers import parse_number
from tickets.permissions import may

View = Callable[..., HttpResponse]


def desk(verb: str = "see_queue") -> Callable[[View], View]:
    """Let in staff whose role may do `verb`. To customers these pages do not exist."""

    def door(view: View) -> View:
        @wraps(view)
        def enter(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            if not request.user.is_staff:
                raise Http404
            require(may(request.user, verb), _("Your role does not include this page."))
            return view(request, *args, **kwargs)

        return enter

    return door


def visible_case(request: HttpRequest, number: str, rows: Any = None) -> Ticket:
    """The case with this number, written in any way; 404 when there is none or it is not theirs to know of."""
    rows = rows if rows is not None else Ticket.objects.all()
    return get_object_or_404(rows.visible_to(request.user), number=parse_number(number) or "")
