"""What every endpoint shares: problems as RFC 9457 says, and creates that can safely be sent twice."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework import exceptions, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import set_rollback

from common.errors import Conflict, DomainError, Invalid, Missing, NotAllowed, TooMany
from common.models import IdempotencyKey

PROBLEM = "application/problem+json"


def problem_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """Answer every foreseen error with `type title status detail errors`; what is not foreseen stays a 500."""
    refusal = as_domain_error(error)
    if refusal is None:
        return None
    set_rollback()
    headers = {}
    if isinstance(error, exceptions.APIException):
        if scheme := getattr(error, "auth_header", None):
            headers["WWW-Authenticate"] = scheme
        if seconds := getattr(error, "wait", None):
            headers["Retry-After"] = str(int(seconds))
    status_code = error.status_code if isinstance(error, exceptions.APIException) else refusal.status
    if isinstance(error, exceptions.ValidationError):
        status_code = Invalid.status
    body: dict[str, Any] = {
        "type": f"urn:huiyin:problem:{refusal.code}",
        "title": str(status_titles().get(status_code, _("This could not be done."))),
        "status": status_code,
        "detail": str(refusal.message),
        "errors": {name: [str(text) for text in texts] for name, texts in refusal.errors.items()},
    }
    if events := refusal.details.get("events"):
        body["changes"] = [{"event": event.kind, "at": event.at, "by": str(event.actor or "")} for event in events]
    return Response(body, status=status_code, headers=headers, content_type=PROBLEM)


def status_titles() -> dict[int, Any]:
    return {
        400: _("The request can't be understood."),
        401: _("Please sign in."),
        403: _("Not allowed."),
        404: _("There is nothing here."),
        405: _("This address does not take that method."),
        406: _("This form of answer is not offered."),
        409: _("Something changed in the meantime."),
        415: _("This kind of content is not understood."),
        422: _("Something in what was sent can't be used."),
        429: _("Too many requests."),
    }


def as_domain_error(error: Exception) -> DomainError | None:
    """One of ours for whatever Django and REST framework raise for foreseen reasons."""
    if isinstance(error, DomainError):
        return error
    if isinstance(error, Http404):
        return Missing(_("There is nothing here."))
    if isinstance(error, PermissionDenied):
        return NotAllowed(_("Your role does not include this step."))
    if isinstance(error, exceptions.ValidationError):
        return Invalid(_("Some fields can't be used."), errors=_flat(error.detail))
    if isinstance(error, exceptions.Throttled):
        return TooMany(_("Too many requests. Please wait a moment."))
    if isinstance(error, exceptions.APIException):
        refusal = DomainError(str(error.detail))
        refusal.code = str(getattr(error, "default_code", "refused"))
        return refusal
    return None


def _flat(detail: Any, name: str = "") -> dict[str, list[Any]]:
    """{"lines": [{}, {"price": ["bad"]}]} -> {"lines.1.price": ["bad"]}."""
    if isinstance(detail, dict):
        parts = [_flat(value, f"{name}.{key}" if name else str(key)) for key, value in detail.items()]
    elif isinstance(detail, list) and any(isinstance(value, (dict, list)) for value in detail):
        parts = [_flat(value, f"{name}.{index}" if name else str(index)) for index, value in enumerate(detail)]
    else:
        return {name or "non_field_errors": list(detail) if isinstance(detail, list) else [detail]}
    return {key: texts for part in parts for key, texts in part.items()}


IDEMPOTENCY_HEADER = OpenApiParameter(
    name="Idempotency-Key",
    location=OpenApiParameter.HEADER,
    required=False,
    type=str,
    description="Any text of at most 120 characters. The same key sent again within 24 hours gets the first answer.",
)


def idempotent(method: Callable[..., Response]) -> Callable[..., Response]:
    """Decorate a create: with an `Idempotency-Key` its effect happens once and a repeat gets the same answer.

    The key belongs to the person and the address. The same key with another body is a Conflict; a refusal is not
    remembered, so that a corrected request can use the same key.
    """

    @wraps(method)
    def create(view: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        key = request.headers.get("Idempotency-Key", "").strip()
        if not key:
            return method(view, request, *args, **kwargs)
        if len(key) > 120 or not key.isprintable():
            message = _("An Idempotency-Key has at most 120 printable characters.")
            raise Invalid(message, errors={"Idempotency-Key": [message]})
        scope = f"{request.user.pk or 'anonymous'} {request.path}"[:80]
        fingerprint = _fingerprint(request)
        with transaction.atomic():
            # The row is inserted first: a twin that comes at the same time waits here for our commit.
            row = IdempotencyKey.claim(scope=scope, key=key, fingerprint=fingerprint)
            if row is None:
                return _repeat(IdempotencyKey.objects.get(scope=scope, key=key), fingerprint)
            response = method(view, request, *args, **kwargs)
            row.status, row.body = response.status_code, json.loads(json.dumps(response.data, default=str))
            row.save(update_fields=["status", "body"])
            return response

    return create


def _fingerprint(request: Request) -> str:
    """A digest of what was sent; files count by name and size, since a browser makes new boundaries each time."""
    parts: dict[str, Any] = {}
    for name, value in request.data.lists() if hasattr(request.data, "lists") else [("", request.data)]:
        parts[name] = (
            [f"{item.name}:{item.size}" if hasattr(item, "size") else item for item in value] if name else value
        )
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()


def _repeat(row: IdempotencyKey, fingerprint: str) -> Response:
    if row.fingerprint != fingerprint:
        raise Conflict(_("This Idempotency-Key was used with different content. Send a new key."))
    return Response(row.body, status=row.status or status.HTTP_200_OK, headers={"Idempotent-Replay": "true"})
