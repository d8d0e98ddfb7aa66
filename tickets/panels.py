"""What cases put into places of every staff page."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import get_language

from common import wording
from common.panels import offer
from tickets.counts import snapshot
from tickets.permissions import may


@offer("topbar", order=10)
def oldest(request: HttpRequest, **_context: Any) -> str:
    """Who has been waiting for an answer of ours the longest."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated or not may(user, "see_queue"):
        return ""
    found = snapshot(user).oldest
    if found is None:
        return ""
    at = timezone.now()
    roughly = wording.duration(at - found.since, get_language() or "zh-hans", units=1)
    context = {"oldest": found, "waited": at - found.since, "hours": roughly, "is_late": found.is_late(at), "at": at}
    return render_to_string("tickets/staff/_oldest.html", context, request=request)
