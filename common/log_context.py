"""Puts the ticket's number on every log line of a request about it."""

from collections.abc import Callable
from typing import Any

import structlog
from django.http import HttpRequest, HttpResponse


class TicketInLogs:
    """Every address about one ticket has `number` in it; what the view logs then carries that number."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Callable, args: tuple, kwargs: dict[str, Any]) -> None:
        if "number" in kwargs:
            structlog.contextvars.bind_contextvars(ticket=str(kwargs["number"]))
