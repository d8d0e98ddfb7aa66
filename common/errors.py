"""Refusals: sentences for the person who asked, turned into a response in one place for pages and one for the API."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


class DomainError(Exception):
    """Something that was asked for can't be done; `message` tells the person what to do next.

    `errors` maps a field name to its sentences, `details` carries facts that a page may show
    (for a conflict: what changed and by whom). Nothing is written when one is raised inside a verb.
    """

    status = 400
    code = "refused"

    def __init__(
        self,
        message: Any,
        *,
        errors: Mapping[str, Sequence[Any]] | None = None,
        details: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.errors = dict(errors or {})
        self.details = dict(details or {})


class NotAllowed(DomainError):
    """This person may not do this."""

    status, code = 403, "not_allowed"


class Missing(DomainError):
    """There is no such thing, or this person may not know of it: the two look the same."""

    status, code = 404, "missing"


class Conflict(DomainError):
    """Somebody else was faster, or the case is in a state where this move is not possible."""

    status, code = 409, "conflict"


class Invalid(DomainError):
    """What was typed can't be used; `errors` names the fields."""

    status, code = 422, "invalid"


class TooMany(DomainError):
    """Too often in too short a time; `details["retry_after"]` is in seconds."""

    status, code = 429, "too_many"


def require(condition: object, message: Any, error: type[DomainError] = NotAllowed) -> None:
    """Raise `error` with `message` unless `condition` holds."""
    if not condition:
        raise error(message)
