"""The case as its customer sees it, and what they can do there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import (
    FileResponse,
    HttpRequest,
    HttpResponse,
    HttpResponseNotModified,
    HttpResponseRedirect,
    JsonResponse,
)
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import Organisation
from common import toasts
from common.errors import DomainError, Invalid, Missing
from tickets import actions, told, trail
from tickets.forms.customer import DetailsForm, MessageForm, RatingForm, Refusable
from tickets.models import Attachment, AuthorKind, CloseReason, Message, Status, Ticket, TicketEvent
from tickets.models.ticket import Demand
from tickets.once import new_form_key, once, upload_key_of
from tickets.serving import original_of, preview_of
from tickets.turns import is_reopenable, turn_of
from tickets.views.customer.doors import Door, enter, hotline_of, speaker, version_behind
from tickets.views.customer.uploads import by_script, keep_sent_files
from tickets.views.customer.words import script_texts

#: Messages shown; of a longer conversation the newest part.
MOST_MESSAGES = 500
#: The parts of the page that are fetched again when something happened.
PARTS = ("_case_top", "_case_talk", "_case_send", "_case_side")


@never_cache
@require_safe
def case(request: HttpRequest, token: str = "", number: str = "") -> HttpResponse:
    """The page behind the link: what was promised, whose turn it is, the conversation, what can be done."""
    if number and not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    at = timezone.now()
    return _show(request, enter(request, token, number, at), at)


@require_safe
def case_fresh(request: HttpRequest, token: str = "", number: str = "") -> HttpResponse:
    """The changing parts of an open page, or 304 after one look at the version when nothing happened."""
    at = timezone.now()
    version = version_behind(request, token, number, at)
    if version is None:
        raise Missing(_("There is nothing here."))
    etag = _etag(version)
    if request.headers.get("If-None-Match") == etag:
        response: HttpResponse = HttpResponseNotModified()
    else:
        context = _context(request, enter(request, token, number, at), at)
        parts = (render_to_string(f"tickets/customer/{name}.html", context, request) for name in PARTS)
        response = HttpResponse("".join(parts))
    response["ETag"] = etag
    response["Cache-Control"] = "private, no-cache"
    return response


@require_POST
def case_write(request: HttpRequest, token: str = "", number: str = "") -> HttpResponse:
    """Add something: text, files or both."""
    return _say(request, token, number, "write")


@require_POST
def case_decline(request: HttpRequest, token: str = "", number: str = "") -> HttpResponse:
    """ "Not solved": with what is still wrong, if they say so."""
    return _say(request, token, number, "decline")


@require_POST
def case_confirm(request: HttpRequest, token: str = "", number: str = "") -> HttpResponse:
    """ "Solved": what stands in the message box goes along."""
    return _say(request, token, number, "confirm")


def _say(request: HttpRequest, token: str, number: str, verb: str) -> HttpResponse:
    at = timezone.now()
    door = enter(request, token, number, at)
    form = MessageForm(request.POST)
    form_key = request.POST.get("key", "")
    request.on_refusal = lambda error: _refuse(request, door, form, error, form_key)  # type: ignore[attr-defined]
    upload_key = upload_key_of(form_key)
    complaints = keep_sent_files(request, form_key)
    if complaints or not form.is_valid():
        sentences = complaints or [str(text) for texts in form.errors.values() for text in texts]
        raise Invalid(" ".join(sentences), errors={"body": sentences})
    body = form.cleaned_data["body"]
    if not body and Attachment.objects.filter(upload_key=upload_key, ticket__isnull=True).exists():
        body = _("(files only)")
    if not body and verb == "write":
        raise Invalid(_("Please write something first."), errors={"body": [_("Please write something first.")]})

    def act() -> int:
        ticket = door.ticket
        if verb == "write":
            return actions.write(ticket, body, user=door.user, uploads=upload_key).pk
        if verb == "decline":
            return actions.decline(ticket, body, user=door.user, uploads=upload_key).pk
        if body:
            ticket = actions.write(ticket, body, user=door.user, uploads=upload_key)
        return actions.confirm(ticket, user=door.user).pk

    pk, _is_new = once(f"{verb}:{door.ticket.pk}", form_key, [body], act)
    path = door.url() if pk == door.ticket.pk else door.url_to(Ticket.objects.get(pk=pk), at)
    if by_script(request):
        return JsonResponse({"location": path, "key": new_form_key(), "moved": pk != door.ticket.pk})
    return HttpResponseRedirect(f"{path}#write")


def _refuse(request: HttpRequest, door: Door, form: Refusable, error: DomainError, form_key: str = "") -> HttpResponse:
    """The page again with everything that was typed, and the sentence beside it."""
    if by_script(request):
        return JsonResponse({"message": str(error.message)}, status=error.status)
    form.is_valid()
    form.take(error)
    at = timezone.now()
    # What is in memory may have been undone with the transaction: read the case again.
    return _show(request, enter(request, door.token, door.ticket.number, at), at, refused=form, form_key=form_key)


@require_POST
def case_rate(request: HttpRequest, token: str = "", number: str = "") -> HttpResponse:
    """1 to 5; may be changed."""
    form = RatingForm(request.POST)
    rating = form.cleaned_data["rating"] if form.is_valid() else 0
    return _do(request, token, number, lambda ticket, user: actions.rate(ticket, rating, user=user), _("Thank you."))


@require_POST
def case_tell_more(request: HttpRequest, token: str = "", number: str = "") -> HttpResponse:
    """What is wanted, the order number, a name: one tap or one line, each can be left out."""
    form = DetailsForm(request.POST)
    at = timezone.now()
    door = enter(request, token, number, at)
    request.on_refusal = lambda error: _refuse(request, door, form, error)  # type: ignore[attr-defined]
    if not form.is_valid():
        sentences = [str(text) for texts in form.errors.values() for text in texts]
        raise Invalid(" ".join(sentences))
    given = {name: value for name, value in form.cleaned_data.items() if value}
    return _do(request, token, number, lambda ticket, user: actions.tell_more(ticket, user=user, **given), _("Noted."))


@require_http_methods(["GET", "POST"])
def case_withdraw(request: HttpRequest, token: str = "", number: str = "") -> HttpResponse:
    """Take the complaint back, after one page that says what that means."""
    if request.method == "POST":
        return _do(request, token, number, lambda ticket, user: actions.withdraw(ticket, user=user))
    door = enter(request, token, number, timezone.now())
    context = {"ticket": door.ticket, "case_url": door.url(), **speaker(door.ticket.merchant)}
    return render(request, "tickets/customer/withdraw.html", context)


@require_http_methods(["GET", "POST"])
def case_review(request: HttpRequest, token: str = "", number: str = "") -> HttpResponse:
    """Ask another person to look at it, with a word why if they like."""
    door = enter(request, token, number, timezone.now())
    form = MessageForm(request.POST or None)
    context = {
        "ticket": door.ticket,
        "form": form,
        "form_key": request.POST.get("key") or new_form_key(),
        "case_url": door.url(),
        **speaker(door.ticket.merchant),
    }

    def refused(error: DomainError) -> HttpResponse:
        form.is_valid()
        form.take(error)
        return render(request, "tickets/customer/review.html", context)

    request.on_refusal = refused  # type: ignore[attr-defined]
    if request.method == "POST" and form.is_valid():
        body = form.cleaned_data["body"]
        return _do(
            request,
            token,
            number,
            lambda ticket, user: once(
                f"review:{ticket.pk}",
                request.POST.get("key", ""),
                [body],
                lambda: actions.request_review(ticket, body, user=user).pk,
            ),
            _("Another colleague will look at it."),
        )
    return render(request, "tickets/customer/review.html", context, status=422 if request.method == "POST" else 200)


def _do(
    request: HttpRequest, token: str, number: str, act: Callable[[Ticket, Any], Any], done: str = ""
) -> HttpResponse:
    """Fetch, act, go back to the case."""
    door = enter(request, token, number, timezone.now())
    act(door.ticket, door.user)
    if done:
        toasts.say(request, done)
    return HttpResponseRedirect(door.url())


@require_safe
def case_file(request: HttpRequest, pk: int, token: str = "", number: str = "") -> FileResponse:
    """A file of one's own conversation, as a download."""
    return original_of(_file(enter(request, token, number, timezone.now()), pk))


@require_safe
def case_preview(request: HttpRequest, pk: int, token: str = "", number: str = "") -> FileResponse:
    """The small picture of such a file."""
    return preview_of(_file(enter(request, token, number, timezone.now()), pk))


def _file(door: Door, pk: int) -> Attachment:
    """Only what hangs on a public message: files of notes look missing."""
    public = Message.objects.public().filter(ticket=door.ticket)
    attachment = Attachment.objects.filter(ticket=door.ticket, message__in=public, pk=pk).first()
    if attachment is None:
        raise Missing(_("There is nothing here."))
    return attachment


# --- what the page shows ---------------------------------------------------------------------------------------------


def _show(
    request: HttpRequest, door: Door, at: datetime, *, refused: Refusable | None = None, form_key: str = ""
) -> HttpResponse:
    context = _context(request, door, at)
    key = form_key if refused is not None and _is_ours(form_key) else new_form_key()
    kept = Attachment.objects.filter(upload_key=upload_key_of(key), ticket__isnull=True) if refused else []
    context |= {
        "form": refused if isinstance(refused, MessageForm) else MessageForm(),
        "refused": refused,
        "form_key": key,
        "kept": [{"id": row.pk, "name": row.name} for row in kept],
        "most_files": actions.MOST_FILES,
        "script_texts": script_texts(),
        "etag": _etag(door.ticket.version),
    }
    return render(request, "tickets/customer/case.html", context)


def _is_ours(form_key: str) -> bool:
    try:
        return bool(upload_key_of(form_key))
    except Invalid:
        return False


def _context(request: HttpRequest, door: Door, at: datetime) -> dict[str, Any]:
    ticket = door.ticket
    messages = _messages(ticket)
    events = list(TicketEvent.objects.filter(ticket=ticket).select_related("actor").order_by("id"))
    return {
        "door": door,
        "ticket": ticket,
        "at": at,
        "turn": turn_of(ticket, at),
        "is_reopenable": is_reopenable(ticket, at),
        "result": _result(ticket, messages, events),
        "talk": _talk(door, messages, at),
        "trail": trail.lines_of(ticket, events),
        "item": _item(ticket),
        "missing": _missing(ticket),
        "demands": Demand.choices,
        "can_rate": ticket.is_closed and ticket.close_reason in {CloseReason.CONFIRMED, CloseReason.SILENT},
        "ratings": _ratings(),
        "ask": _ask(ticket),
        "hotline": hotline_of(ticket.merchant),
        "urls": _urls(door),
        "form_key": new_form_key(),
        **speaker(ticket.merchant),
    }


def _ask(ticket: Ticket) -> str:
    """What stands in the empty message box."""
    if ticket.is_closed:
        return _("What is it about now?")
    return _("What is still wrong?") if ticket.status == Status.RESOLVED else _("Add something, or ask")


def _urls(door: Door) -> dict[str, str]:
    pages = ("write", "confirm", "decline", "rate", "tell_more", "withdraw", "review", "fresh")
    return {"case": door.url(), **{page: door.url(f"case_{page}") for page in pages}}


def _messages(ticket: Ticket) -> list[Message]:
    """The public conversation, oldest first; of a very long one the newest part."""
    newest = (
        Message.objects.public()
        .filter(ticket=ticket)
        .select_related("author__team")
        .prefetch_related("attachments")
        .order_by("-at", "-id")[:MOST_MESSAGES]
    )
    return list(newest)[::-1]


def _talk(door: Door, messages: list[Message], at: datetime) -> list[dict[str, Any]]:
    """The messages as `components/_msg.html` takes them, each with the day it opens."""
    talk: list[dict[str, Any]] = []
    day = None
    several_days = len({timezone.localdate(message.at) for message in messages}) > 1
    for message in messages:
        on = timezone.localdate(message.at)
        opens_day = on if several_days and on != day else None
        day = on
        talk.append({"day": opens_day, "msg": _bubble(door, message, at, several_days=several_days)})
    return talk


def _bubble(door: Door, message: Message, at: datetime, *, several_days: bool) -> dict[str, Any]:
    kind, who, via = "", "", ""
    if message.author_kind == AuthorKind.CUSTOMER:
        kind = "mine"
    elif message.author_kind == AuthorKind.SYSTEM:
        # What is said because of a missed promise stands apart from a receipt.
        kind = "late" if message.template.startswith("sla.") else "system"
        organisation = Organisation.current()
        who = door.ticket.merchant.name if door.ticket.merchant else organisation.name if organisation else ""
    else:
        who = message.author.name if message.author else ""
        via = message.author.team.name if message.author and message.author.team else ""
    return {
        "id": f"m{message.pk}",
        "kind": kind,
        "who": who,
        "via": via,
        "at": message.at,
        "time_style": "clock" if several_days else "",
        "text": told.words_of(message),
        "shots": [
            {
                "url": door.url("case_file", file.pk),
                "thumb_url": door.url("case_preview", file.pk) if file.preview else "",
                "name": file.name,
                "is_image": bool(file.preview),
            }
            for file in message.attachments.all()
        ],
    }


def _result(ticket: Ticket, messages: list[Message], events: list[TicketEvent]) -> dict[str, Any] | None:
    """What we proposed, once there is a result and as long as it stands."""
    if ticket.status not in {Status.RESOLVED, Status.CLOSED} or ticket.resolved_at is None:
        return None
    given = next((event for event in reversed(events) if event.kind == "ticket.resolved"), None)
    message = next((m for m in messages if given is not None and m.pk == given.message_id), None)
    if message is None:
        return None
    return {"text": told.words_of(message), "by": message.author.name if message.author else "", "at": message.at}


def _item(ticket: Ticket) -> dict[str, Any] | None:
    """What was bought: from an entry link its name, else only the order number as typed (see tickets/entry.py)."""
    if ticket.order_number:
        return {"name": _("Order %(number)s") % {"number": ticket.order_number}, "meta": []}
    if ticket.order_line is not None:
        line = ticket.order_line
        return {"name": line.name, "meta": [_("%(count)s pcs") % {"count": line.quantity}]}
    return None


def _missing(ticket: Ticket) -> dict[str, bool]:
    """What may still be asked: until our first answer, then people talk to each other."""
    is_open = ticket.status in {Status.NEW, Status.OPEN} and ticket.first_response_at is None
    missing = {
        "demand": is_open and not ticket.demand,
        "order_number": is_open and not ticket.order_number and ticket.order_line_id is None,
        "name": is_open and ticket.customer is not None and not ticket.customer.name,
    }
    return missing if any(missing.values()) else {}


def _ratings() -> list[tuple[int, str]]:
    return [
        (1, pgettext("rating", "very bad")),
        (2, pgettext("rating", "bad")),
        (3, pgettext("rating", "fair")),
        (4, pgettext("rating", "good")),
        (5, pgettext("rating", "very good")),
    ]


def _etag(version: int) -> str:
    """Changes with every step of the case and with the reader's language."""
    return f'"{version}-{translation.get_language()}"'
