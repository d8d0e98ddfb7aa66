"""What happened on a case, in the customer's words and newest first. Notes, priorities and the like stay inside.

Apps above this one add their own lines (a missed promise, a new one) with `@trail.source`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from common.events import ActorKind
from tickets.directory import Directory, directory
from tickets.models import CloseReason, Ticket, TicketEvent
from tickets.models.ticket import WaitReason


@dataclass(frozen=True)
class Line:
    """As `components/_trail.html` takes it; kind "" | "late" | "kept", `strong` is the bold beginning."""

    at: datetime
    text: str
    strong: str = ""
    icon: str = ""
    kind: str = ""


Source = Callable[[Ticket], Iterable[Line]]
_sources: dict[str, Source] = {}


def source(function: Source) -> Source:
    """Decorate a function that knows more lines of a case: `fn(ticket) -> lines`, in any order."""
    _sources[f"{function.__module__}.{function.__qualname__}"] = function
    return function


def lines_of(ticket: Ticket, events: Sequence[TicketEvent]) -> list[Line]:
    """The trail of a case from its events (with their actors), newest first."""
    names = directory()
    has_answer = False
    lines: list[Line] = []
    for event in sorted(events, key=lambda event: (event.at, event.pk)):
        if event.kind in _ANSWERS and not has_answer:
            has_answer = True
            if event.kind == "message.replied":
                lines.append(_first_answer(event))
                continue
        word = _WORDS.get(event.kind)
        line = word(event, names) if word else None
        if line is not None:
            lines.append(line)
    for fetch in _sources.values():
        lines += fetch(ticket)
    # An answer that came after a missed promise is no kept one.
    missed = min((line.at for line in lines if line.kind == "late"), default=None)
    if missed is not None:
        lines = [replace(line, kind="", icon="message") if _is_late_answer(line, missed) else line for line in lines]
    # Sorting is stable: what one verb did stays in its order, the last of it on top.
    return sorted(lines, key=lambda line: line.at)[::-1]


def _is_late_answer(line: Line, missed: datetime) -> bool:
    return line.kind == "kept" and line.strong == _("First answer") and line.at >= missed


_ANSWERS: Final = frozenset({"message.replied", "ticket.resolved"})
Word = Callable[[TicketEvent, Directory], "Line | None"]


def _actor(event: TicketEvent) -> str:
    return event.actor.name if event.actor is not None and event.actor_kind == ActorKind.STAFF else ""


def _first_answer(event: TicketEvent) -> Line:
    return Line(event.at, _(", by %(name)s") % {"name": _actor(event)}, _("First answer"), kind="kept")


def _assigned(event: TicketEvent, names: Directory) -> Line | None:
    if person := names.person(event.data.get("assignee")):
        return Line(event.at, _("%(name)s looks after it") % {"name": person}, icon="user")
    team = names.team(event.data.get("team"))
    return Line(event.at, _("Given to %(team)s") % {"team": team}, icon="users") if team else None


def _closed(event: TicketEvent, _names: Directory) -> Line:
    silent = event.data.get("reason") == CloseReason.SILENT
    text = _("Closed after 7 days without an answer") if silent else pgettext("timeline", "Closed")
    return Line(event.at, text, icon="circle-check")


def _reopened(event: TicketEvent, _names: Directory) -> Line:
    text = _("You opened it again") if event.data.get("by_customer") else _("Opened again by us")
    return Line(event.at, text, icon="refresh")


def _rated(event: TicketEvent, _names: Directory) -> Line:
    return Line(event.at, _("You rated us: %(rating)s of 5") % {"rating": event.data.get("rating")}, icon="star")


def _taken(event: TicketEvent, _names: Directory) -> Line:
    return Line(event.at, _("%(name)s took it") % {"name": _actor(event)}, icon="user")


def _resolved(event: TicketEvent, _names: Directory) -> Line:
    return Line(event.at, _(", waiting for your word"), _("Result given"), kind="kept")


def _waited(event: TicketEvent, _names: Directory) -> Line:
    reason = event.data.get("reason")
    text = _("Waiting for your parcel") if reason == WaitReason.CUSTOMER_PARCEL else _("Waiting for your answer")
    return Line(event.at, text, icon="user-question")


def _held(event: TicketEvent, _names: Directory) -> Line:
    text = {
        WaitReason.CARRIER: _("Waiting for the carrier"),
        WaitReason.SUPPLIER: _("Waiting for the factory"),
        WaitReason.PLATFORM: _("Waiting for the platform"),
        WaitReason.AUTHORITY: _("Waiting for an authority"),
    }.get(event.data.get("reason"), _("Waiting for somebody outside"))
    return Line(event.at, text, icon="hourglass-low")


def _plain(icon: str, text: Callable[[], str]) -> Word:
    return lambda event, _names: Line(event.at, text(), icon=icon)


_WORDS: Final[dict[str, Word]] = {
    "ticket.opened": _plain("inbox", lambda: _("Received, with a number and a promise")),
    "ticket.taken": _taken,
    "ticket.assigned": _assigned,
    "ticket.waited": _waited,
    "ticket.held": _held,
    "ticket.resumed": _plain("player-play", lambda: _("Work goes on")),
    "ticket.resolved": _resolved,
    "ticket.confirmed": _plain("circle-check", lambda: _("You said it is solved")),
    "ticket.closed": _closed,
    "ticket.reopened": _reopened,
    "ticket.withdrawn": _plain("arrow-back-up", lambda: _("You withdrew it")),
    "ticket.escalated": _plain("user", lambda: _("Handed to the team's lead")),
    "ticket.review_requested": _plain("user-question", lambda: _("You asked for another person to look at it")),
    "ticket.rated": _rated,
}
