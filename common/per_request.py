"""What one request asks for again and again, asked once: a panel need not know what the frame has read already.

Outside of requests (workers, commands, tests) nothing is kept, so nobody there sees something old.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from asgiref.local import Local
from django.core.signals import request_finished, request_started

Value = TypeVar("Value")
_kept = Local()


def kept(key: str, ask: Callable[[], Value]) -> Value:
    """The answer of `ask`, in a request the one that was given to this key before."""
    values: dict[str, Any] | None = getattr(_kept, "values", None)
    if values is None:
        return ask()
    if key not in values:
        values[key] = ask()
    return values[key]


def forget(key: str) -> None:
    """Ask again: this very request has changed it."""
    values: dict[str, Any] | None = getattr(_kept, "values", None)
    if values is not None:
        values.pop(key, None)


def _begin(**_signal: Any) -> None:
    _kept.values = {}


def _end(**_signal: Any) -> None:
    _kept.values = None


request_started.connect(_begin, dispatch_uid="common.per_request")
request_finished.connect(_end, dispatch_uid="common.per_request")
