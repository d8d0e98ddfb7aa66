"""The door to every staff page: who is not signed in goes to sign in, who is a customer finds nothing here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from accounts.access import View, staff_only
from tickets.models import Ticket
from tickets.numbers import parse_number
from tickets.permissions import PERMISSIONS


def desk(verb: str = "see_queue") -> Callable[[View], View]:
    """Let in staff whose role may do `verb`. To customers these pages do not exist."""
    return staff_only(PERMISSIONS, verb)


def visible_case(request: HttpRequest, number: str, rows: Any = None) -> Ticket:
    """The case with this number, written in any way; 404 when there is none or it is not theirs to know of."""
    rows = rows if rows is not None else Ticket.objects.all()
    return get_object_or_404(rows.visible_to(request.user), number=parse_number(number) or "")
