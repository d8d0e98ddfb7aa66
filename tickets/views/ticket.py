"""The page of one case. Fetch everything in a handful of statements, render it whole or in the parts that changed."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import CharField, Count, Exists, IntegerField, OuterRef, Subquery, Value
from django.db.models.functions import Cast, Concat, JSONObject
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from accounts.permissions import PERMISSIONS as ACCOUNT_PERMISSIONS
from common import wording
from common.models import Draft
from orders.carriers import carrier_name
from orders.models import Parcel, Tender
from orders.models.orders import TenderMethod
from tickets import actions, filters, queues, timeline
from tickets.actions.drafts import KINDS, save_draft
from tickets.advice import advise
from tickets.directory import directory, know_team
from tickets.links import path_of
from tickets.models import Attachment, AuthorKind, Message, Status, Ticket, TicketEvent, Visibility
from tickets.queues import Place
from tickets.told import words_of
from tickets.views.desk import desk, visible_case

#: Messages shown at once; older ones are a click away.
TALK = 100
STEPS = 6


def ticket_rows(reader: User) -> Any:
    """A case with everything its page names, and what `reader` has typed into it, in one statement."""
    places = [Concat(Value("ticket:"), Cast(OuterRef("pk"), CharField()), Value(f":{kind}")) for kind in KINDS]
    drafts = Draft.objects.filter(owner=f"user:{reader.pk}", place__in=places)
    tenders = (
        Tender.objects.filter(order=OuterRef("order_line__order"))
        .order_by("id")
        .values(row=JSONObject(method="method", amount="amount"))
    )
    parcels = (
        Parcel.objects.filter(order=OuterRef("order_line__order"))
        .order_by("id")
        .values(row=JSONObject(carrier="carrier", waybill="waybill", signed_at="signed_at"))
    )
    # A contact identifies nobody, so this is "the same contact", not "the same person".
    same = Ticket.objects.filter(customer__phone=OuterRef("customer__phone")).exclude(pk=OuterRef("pk"))
    same = same.exclude(customer__phone="").order_by()
    earlier = same.annotate(one=Value(1)).values("one")
    return Ticket.objects.select_related(
        "customer", "merchant", "category", "team", "assignee",
        "order_line__order",
    ).annotate(
        tenders=ArraySubquery(tenders),
        parcels=ArraySubquery(parcels),
        earlier=Subquery(earlier.annotate(n=Count("*")).values("n"), output_field=IntegerField()),
        earlier_open=Exists(same.filter(status__in=[Status.NEW, Status.OPEN, Status.PENDING, Status.ON_HOLD])),
        drafts=ArraySubquery(drafts.values(row=JSONObject(place="place", text="text", saved_at="saved_at"))),
        has_files=Exists(Attachment.objects.filter(ticket=OuterRef("pk"))),
    )  # fmt: skip


@desk("see_ticket")
@require_safe
def ticket(request: HttpRequest, number: str) -> HttpResponse:
    found = visible_case(request, number, ticket_rows(request.user))
    return render(request, "tickets/staff/ticket.html", case_context(request, found))


@desk("see_ticket")
@require_safe
def ticket_fresh(request: HttpRequest, number: str) -> HttpResponse:
    """What changed since the page was drawn: nothing (204), or the parts to put in its place.

    `seen` is the version that shows, `version` the one the composer was opened with: when colleagues or the customer
    did something since, the page says so before anything is sent.
    """
    known = visible_case(request, number)
    if str(known.version) == request.GET.get("seen"):
        return HttpResponse(status=204)
    found = visible_case(request, number, ticket_rows(request.user))
    context = case_context(request, found)
    context["since"] = _since(found, request.GET.get("version", ""), request)
    return render(request, "tickets/staff/_parts.html", {**context, "oob": True})


def _since(ticket: Ticket, version: str, request: HttpRequest) -> list[timeline.Step]:
    if not (version.isascii() and version.isdigit() and len(version) < 10):
        return []
    events = (
        TicketEvent.objects.filter(ticket=ticket, version__gt=int(version))
        .exclude(actor_kind="system")
        .exclude(actor=request.user.pk)
        .select_related("actor")
        .order_by("id")[:5]
    )
    return [timeline.in_words(event) for event in events]


def case_context(request: HttpRequest, ticket: Ticket, at: datetime | None = None) -> dict[str, Any]:
    """What the templates of the case page need."""
    at = at or timezone.now()
    available = actions.available(ticket, request.user)
    drafts = _drafts(ticket)
    know_team(request.user)
    steps = timeline.steps_of(ticket, limit=STEPS + 1)
    query = request.GET.copy()
    for name in ("seen", "version", "kind"):
        query.pop(name, None)
    return {
        "at": at,
        "ticket": ticket,
        "can": set(available),
        "is_reader": "reply" not in available and "reopen" not in available and not ticket.is_closed,
        "days": talk(ticket, at),
        "steps": steps[:STEPS],
        "has_more_steps": len(steps) > STEPS,
        "category_path": directory().path(ticket.category_id) if ticket.category_id else "",
        "order": _order(ticket),
        "may_reveal": ACCOUNT_PERMISSIONS.may(request.user, "reveal_contact"),
        "reply_draft": drafts.get("reply"),
        "note_draft": drafts.get("note"),
        "advice": _advice_context(drafts["reply"]["text"], at) if "reply" in drafts else None,
        "place_in_queue": _place(request, ticket, at),
        "query": query.urlencode(),
        "status_words": str(ticket.get_status_display()),
    }


def _drafts(ticket: Any) -> dict[str, dict[str, Any]]:
    """What was typed and not sent, by kind."""
    return {
        row["place"].rsplit(":", 1)[1]: {**row, "saved_at": datetime.fromisoformat(row["saved_at"])}
        for row in ticket.drafts
    }


def talk(ticket: Ticket, at: datetime) -> list[dict[str, Any]]:
    """The conversation by day, as `components/_msg.html` takes it."""
    messages = list(ticket.messages.select_related("author", "author__team").order_by("-at", "-id")[:TALK])
    messages.reverse()
    files: dict[int, list[Attachment]] = {}
    if messages and getattr(ticket, "has_files", True):
        for file in Attachment.objects.filter(message__in=messages).order_by("id"):
            files.setdefault(file.message_id or 0, []).append(file)
    days: dict[date, list[dict[str, Any]]] = {}
    for message in messages:
        days.setdefault(timezone.localdate(message.at), []).append(_message(message, ticket, files.get(message.pk, [])))
    return [{"on": on, "messages": found} for on, found in days.items()]


def _message(message: Message, ticket: Ticket, files: list[Attachment]) -> dict[str, Any]:
    customer = ticket.customer
    kind, who, via = "", "", ""
    if message.visibility == Visibility.NOTE:
        kind, who = "note", message.author.name if message.author else ""
    elif message.author_kind == AuthorKind.STAFF:
        kind, who = "mine", message.author.name if message.author else pgettext("timeline", "A colleague")
        via = message.author.team.name if message.author and message.author.team else ""
    elif message.author_kind == AuthorKind.SYSTEM:
        kind = "system"
    else:
        who = (customer.masked_name or customer.masked_contact if customer else "") or pgettext(
            "conversation", "Customer"
        )
        via = pgettext("conversation", "customer")
    return {
        "kind": kind,
        "who": who,
        "via": via,
        "at": message.at,
        "time_style": "clock",
        "text": words_of(message),
        "id": f"m{message.pk}",
        "files": files,
    }


def _order(ticket: Ticket) -> dict[str, Any] | None:
    line = ticket.order_line
    if line is None:
        return None
    names = dict(TenderMethod.choices)
    parcels = [
        {
            "carrier": carrier_name(parcel["carrier"]),
            "waybill": parcel["waybill"],
            "signed_at": datetime.fromisoformat(parcel["signed_at"]) if parcel["signed_at"] else None,
        }
        for parcel in getattr(ticket, "parcels", [])
    ]
    tenders = [
        {"method": str(names.get(tender["method"], tender["method"])), "amount": tender["amount"]}
        for tender in getattr(ticket, "tenders", [])
    ]
    return {"line": line, "order": line.order, "parcels": parcels, "tenders": tenders}


def _place(request: HttpRequest, ticket: Ticket, at: datetime) -> dict[str, Any] | None:
    """Where the case stands in the list it was opened from, and its neighbours. The place is that of the moment it was
    opened: an answer moves a case, but not the person who works through the list."""
    if "view" not in request.GET or request.GET.get("q"):
        return None
    asked = filters.asked(request.GET, request.user, at)
    queue = asked.queue
    place = Place.read(request.GET.get("place", "")) or Place.of(ticket, queue.view.order)
    near = queue.neighbours(place)
    tail = asked.address(view=queue.view.slug).removeprefix("?")
    return {
        "view": queue.view,
        "back": "?" + tail,
        "position": min(near.position, queues.MOST + 1),
        "total": max(near.total, near.position if near.position <= queues.MOST else 0),
        "earlier": near.earlier and (near.earlier.number, f"?{tail}&place={near.earlier.place}"),
        "later": near.later and (near.later.number, f"?{tail}&place={near.later.place}"),
    }


@desk("see_ticket")
@require_safe
def ticket_timeline(request: HttpRequest, number: str) -> HttpResponse:
    """Everything that happened, newest first."""
    found = visible_case(request, number)
    return render(
        request,
        "tickets/staff/timeline.html",
        {"ticket": found, "steps": timeline.steps_of(found, limit=500), "at": timezone.now()},
    )


@desk("make_link")
@require_safe
def ticket_links(request: HttpRequest, number: str) -> HttpResponse:
    """The links by which the customer reads this case."""
    found = visible_case(request, number)
    return render(request, "tickets/staff/links.html", links_context(found))


def links_context(ticket: Ticket) -> dict[str, Any]:
    at = timezone.now()
    links = [
        {"row": row, "is_valid": row.revoked_at is None and row.expires_at > at, "path": path_of(row)}
        for row in ticket.links.order_by("-id")[:50]
    ]
    return {"ticket": ticket, "links": links, "at": at}


@desk("note")
@require_POST
def ticket_draft(request: HttpRequest, number: str, kind: str) -> HttpResponse:
    """Keep what is being typed, and read it along: `_advice.html` says what an answer lacks."""
    found = visible_case(request, number)
    text = request.POST.get("body", "") or request.POST.get("proposal", "")
    at = timezone.now()
    saved_at = save_draft(found, kind, text, actor=request.user) if request.POST.get("keep", "1") == "1" else None
    context = {"saved_at": saved_at, "at": at, "advice": _advice_context(text, at) if kind == "reply" else None}
    return render(request, "tickets/staff/_advice.html", context)


def _advice_context(text: str, at: datetime) -> dict[str, Any] | None:
    """The notice of a text that lacks a next step and a time, with a time to put in; None when it lacks nothing."""
    found = advise(text)
    if not found.is_needed:
        return None
    return {"vague": found.vague, "first": found.vague[0] if found.vague else "", "instead": _instead(at)}


def _instead(at: datetime) -> str:
    """A time that can be kept: the next full hour but one, or tomorrow noon when the day is nearly over."""
    local = timezone.localtime(at)
    later = (local + timedelta(hours=2, minutes=59)).replace(minute=0, second=0, microsecond=0)
    if later.date() != local.date() or later.hour > 21 or local.hour < 7:
        later = (local + timedelta(days=0 if local.hour < 7 else 1)).replace(hour=12, minute=0, second=0, microsecond=0)
    words = wording.moment(later, at, timezone.get_current_timezone(), get_language() or "zh-hans")
    return _("before %(time)s") % {"time": words}


__all__ = ["case_context", "ticket", "ticket_draft", "ticket_fresh", "ticket_links", "ticket_rows", "ticket_timeline"]
