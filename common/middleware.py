"""A refusal becomes an answer in one place for pages (for the API see common/api.py)."""

from __future__ import annotations

from collections.abc import Callable

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from common.errors import DomainError, Missing


class Refusals:
    """Show a DomainError as a page, or to htmx as a notice, with its own status. Nothing was written by then.

    Views whose form should keep what was typed catch nothing either: they render their form in
    `request.on_refusal(error) -> HttpResponse`, which they set before they act.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if isinstance(error, Missing):
            # Looks exactly like an address that does not exist.
            raise Http404 from error
        if not isinstance(error, DomainError):
            return None
        on_refusal = getattr(request, "on_refusal", None)
        if on_refusal is not None:
            response: HttpResponse = on_refusal(error)
            response.status_code = error.status
        else:
            template = "errors/_refused.html" if getattr(request, "htmx", False) else "errors/refused.html"
            response = render(request, template, {"error": error}, status=error.status)
        if retry_after := error.details.get("retry_after"):
            response["Retry-After"] = str(int(retry_after))
        return response


def permission_denied(request: HttpRequest, exception: PermissionDenied | None = None) -> HttpResponse:
    """Django's own 403 in our words."""
    error = DomainError(str(exception) or _("Your role does not include this page."))
    return render(request, "errors/refused.html", {"error": error}, status=403)
