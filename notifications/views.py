"""The bell, the outbox and the sink: fetch, act, render."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlencode

from csp.decorators import csp_replace
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.defaultfilters import linebreaksbr
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_POST, require_safe

from accounts.access import needs
from common import toasts
from common.errors import Missing, require
from common.models import Outbox, OutboxState
from notifications import actions, panels, words
from notifications.channels import has_sink, is_set_up
from notifications.health import oldest_due
from notifications.mail_style import SHEET, undressed
from notifications.models import Notice, SinkMessage
from notifications.permissions import PERMISSIONS
from tickets.models import Ticket

PAGE = 50
_ADDRESS = re.compile(r"(https?://[^\s<>\"'()\[\]，。；、）]+)")
IN_THE_BELL = 8
#: Counts on the page of the outbox stop here.
MOST_COUNTED = 1000


def _before(request: HttpRequest) -> int | None:
    text = request.GET.get("before", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else None


def _page(rows: Any, request: HttpRequest, **kept: str) -> tuple[list[Any], dict[str, str]]:
    """Newest first, one page from `?before=`; with the address of the next one."""
    before = _before(request)
    if before:
        rows = rows.filter(pk__lt=before)
    found = list(rows.order_by("-pk")[: PAGE + 1])
    more = len(found) > PAGE
    found = found[:PAGE]
    query = {name: value for name, value in kept.items() if value}
    older = "?" + urlencode({**query, "before": found[-1].pk}) if more else ""
    return found, {"older_url": older, "first_url": ("?" + urlencode(query)) if before else ""}


# ── the bell ──


def _lines(notices: list[Notice]) -> list[dict[str, Any]]:
    lines = []
    for notice in notices:
        ring = words.RINGS.get(notice.letter)
        lines.append(
            {
                "notice": notice,
                "icon": ring.icon if ring else "bell",
                "kind": ring.kind if ring else "",
                "text": ring.words(notice.data) if ring else notice.letter,
            }
        )
    return lines


def _mine(request: HttpRequest) -> Any:
    return Notice.objects.filter(user=request.user.pk).select_related("ticket")


@needs(PERMISSIONS, "see_notices")
@require_safe
def notices(request: HttpRequest) -> HttpResponse:
    """Everything the bell rang about, newest first."""
    rows = _mine(request)
    only_unread = request.GET.get("show") == "unread"
    if only_unread:
        rows = rows.unread()
    found, pages = _page(rows, request, show="unread" if only_unread else "")
    newest = found[0].pk if found else 0
    context = {"lines": _lines(found), "newest": newest, "only_unread": only_unread, "at": timezone.now(), **pages}
    return render(request, "notifications/notices.html", context)


@needs(PERMISSIONS, "see_notices")
@require_safe
def bell(request: HttpRequest) -> HttpResponse:
    """The number at the bell, asked for every 20 seconds."""
    return render(request, "notifications/_bell_count.html", {"unread": panels.unread(request.user)})


@needs(PERMISSIONS, "see_notices")
@require_safe
def bell_list(request: HttpRequest) -> HttpResponse:
    """The newest lines, when the bell is opened."""
    found = list(_mine(request).order_by("-pk")[:IN_THE_BELL])
    return render(request, "notifications/_bell_list.html", {"lines": _lines(found), "at": timezone.now()})


@needs(PERMISSIONS, "see_notices")
@require_POST
def notice_open(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark a line as read and go to its case."""
    notice = get_object_or_404(_mine(request), pk=pk)
    actions.read_notice(notice)
    return redirect("tickets:ticket", notice.ticket.number) if notice.ticket else redirect("notifications:notices")


@needs(PERMISSIONS, "see_notices")
@require_POST
def notices_read(request: HttpRequest) -> HttpResponse:
    """Mark everything that was shown as read."""
    text = request.POST.get("up_to", "")
    up_to = int(text) if text.isascii() and text.isdigit() and len(text) < 18 else 0
    actions.read_all(actor=request.user, up_to=up_to)  # type: ignore[arg-type]
    return redirect("notifications:notices")


# ── the outbox ──


def _count(state: str) -> str:
    number = len(Outbox.objects.filter(state=state).values_list("pk")[: MOST_COUNTED + 1])
    return f"{MOST_COUNTED}+" if number > MOST_COUNTED else str(number)


@needs(PERMISSIONS, "see_outbox")
@require_safe
def outbox(request: HttpRequest) -> HttpResponse:
    """What waits, what failed, what left; never the words or the contacts."""
    state = request.GET.get("state", "")
    state = state if state in OutboxState.values else OutboxState.FAILED
    at = timezone.now()
    found, pages = _page(Outbox.objects.filter(state=state), request, state=state)
    numbers = dict(Ticket.objects.filter(pk__in=[r.payload.get("ticket") for r in found]).values_list("pk", "number"))
    rows = [
        {
            "row": row,
            "what": words.letter_name(row.kind),
            "way": words.channel_name(row.channel),
            "number": numbers.get(row.payload.get("ticket"), ""),
        }
        for row in found
    ]
    states = [{"state": s, "name": str(s.label), "count": _count(s)} for s in (OutboxState.FAILED, OutboxState.WAITING)]
    states.append({"state": OutboxState.SENT, "name": str(OutboxState.SENT.label), "count": ""})
    ways = [{"name": words.channel_name(c), "is_set_up": is_set_up(c)} for c in ("mail", "sms", "robot")]
    context = {
        "rows": rows,
        "state": state,
        "states": states,
        "oldest": oldest_due(at),
        "at": at,
        "ways": ways,
        **pages,
    }
    return render(request, "notifications/outbox.html", context | {"has_sink": has_sink()})


@needs(PERMISSIONS, "retry_delivery")
@require_POST
def outbox_retry(request: HttpRequest, pk: int) -> HttpResponse:
    """Send again what failed; for a case one may see, or for admins any."""
    row = get_object_or_404(Outbox, pk=pk)
    sees = Ticket.objects.visible_to(request.user).filter(pk=row.payload.get("ticket")).exists()  # type: ignore[arg-type]
    require(sees or PERMISSIONS.may(request.user, "see_outbox"), "", Missing)
    actions.retry(row, actor=request.user)  # type: ignore[arg-type]
    toasts.say(request, _("It is being sent again."))
    back = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure()):
        return redirect(back)
    return redirect("notifications:outbox")


# ── the sink ──


def _linked(text: str) -> SafeString:
    """A message with its links to press and its line ends; Django's own filter wants a space before an address."""
    pieces = _ADDRESS.split(text)
    drawn = [
        format_html('<a href="{}">{}</a>', piece, piece) if at % 2 else linebreaksbr(piece, autoescape=True)
        for at, piece in enumerate(pieces)
    ]
    return mark_safe("".join(drawn))  # noqa: S308 - each piece is escaped


def _require_sink() -> None:
    if not has_sink():
        raise Http404


@needs(PERMISSIONS, "see_sink")
@require_safe
def sink(request: HttpRequest) -> HttpResponse:
    """Messages of channels without a server, as their readers would see them."""
    _require_sink()
    channel = request.GET.get("channel", "")
    rows = SinkMessage.objects.all()
    if channel in {"mail", "sms", "robot"}:
        rows = rows.filter(channel=channel)
    else:
        channel = ""
    if query := request.GET.get("q", "").strip()[:100]:
        rows = rows.filter(Q(recipient__icontains=query) | Q(text__icontains=query))
    found, pages = _page(rows, request, channel=channel, q=query)
    channels = [{"code": code, "name": words.channel_name(code)} for code in ("sms", "mail", "robot")]
    for message in found:
        message.way = words.channel_name(message.channel)
        message.linked = _linked(message.text)
    context = {
        "messages_kept": found,
        "channel": channel,
        "channels": channels,
        "q": query,
        "at": timezone.now(),
        **pages,
    }
    return render(request, "notifications/sink.html", context)


@needs(PERMISSIONS, "see_sink")
@require_safe
@xframe_options_sameorigin
@csp_replace({"frame-ancestors": ["'self'"]})
def sink_mail(request: HttpRequest, pk: int) -> HttpResponse:
    """One mail as a mailbox would draw it, with its style as a sheet: our pages allow no inline style."""
    _require_sink()
    message = get_object_or_404(SinkMessage, pk=pk, channel="mail")
    if not message.html:
        return HttpResponse(message.text, content_type="text/plain; charset=utf-8")
    return HttpResponse(undressed(message.html, static(SHEET)))
