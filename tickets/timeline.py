"""The timeline in words. Each kind of event has one wording here; apps above add theirs and their own events.

@timeline.wording("return.received")
def _received(event, names) -> Step: ...

@timeline.source
def breaches(ticket, limit) -> list[Step]: ...     # newest first, from the app's own event table
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _

from common import wording as words
from common.events import ActorKind
from tickets.directory import Directory, directory
from tickets.models import CloseReason, Priority, Ticket, TicketEvent
from tickets.models.ticket import Channel, WaitReason


@dataclass(frozen=True)
class Step:
    """One line of a timeline. `kind` is "", "late" or "kept"; `strong` is the beginning in bold."""

    at: datetime
    text: str
    icon: str = "circle-check"
    kind: str = ""
    strong: str = ""


Wording = Callable[[TicketEvent, Directory], Step]
Source = Callable[[Ticket, int], list[Step]]
_wordings: dict[str, Wording] = {}
_sources: dict[str, Source] = {}


def wording(*kinds: str) -> Callable[[Wording], Wording]:
    """Register the words of some kinds of event."""

    def keep(function: Wording) -> Wording:
        _wordings.update(dict.fromkeys(kinds, function))
        return function

    return keep


def source(function: Source) -> Source:
    """Register where further steps of a case come from."""
    _sources[f"{function.__module__}.{function.__qualname__}"] = function
    return function


def steps_of(ticket: Ticket, *, limit: int = 200) -> list[Step]:
    """What happened on a case, newest first, at most `limit` steps."""
    names = directory()
    events = ticket.events.select_related("actor").order_by("-at", "-id")[:limit]
    steps = [in_words(event, names) for event in events]
    for more in _sources.values():
        steps += more(ticket, limit)
    # Sorted is stable: what happened in one verb stays in its order.
    return sorted(steps, key=lambda step: step.at, reverse=True)[:limit]


def in_words(event: TicketEvent, names: Directory | None = None) -> Step:
    """One event as a line; a kind that a newer version wrote shows its code rather than nothing."""
    found = _wordings.get(event.kind)
    return found(event, names or directory()) if found else Step(event.at, event.kind, "info-circle")


def who(event: TicketEvent) -> str:
    """Who did it: a colleague's name, the customer, or the system."""
    if event.actor_kind == ActorKind.CUSTOMER:
        return pgettext("timeline", "The customer")
    if event.actor is not None:
        return event.actor.name
    if event.actor_kind == ActorKind.STAFF:
        return pgettext("timeline", "A colleague")
    return pgettext("timeline", "The system")


def _plain(kind: str, icon: str, text: Callable[[], str], mark: str = "") -> None:
    def say(event: TicketEvent, _names: Directory) -> Step:
        return Step(event.at, text() % {"who": who(event)}, icon, mark)

    _wordings[kind] = say


_plain("ticket.taken", "user-check", lambda: _("%(who)s took the case"))
_plain("message.received", "message", lambda: _("%(who)s wrote"))
_plain("message.noted", "lock", lambda: _("%(who)s added a note"))
_plain("ticket.resolved", "circle-check", lambda: _("%(who)s gave a result"), "kept")
_plain("ticket.confirmed", "thumb-up", lambda: _("%(who)s confirmed: solved"), "kept")
_plain("ticket.withdrawn", "arrow-back-up", lambda: _("%(who)s withdrew the complaint"))
_plain("ticket.spammed", "ban", lambda: _("%(who)s marked it as spam"))
_plain("ticket.unspammed", "arrow-back-up", lambda: _("%(who)s took the spam mark back"))
_plain("ticket.escalated", "speakerphone", lambda: _("%(who)s handed it to the lead"))
_plain("ticket.review_requested", "hand-stop", lambda: _("%(who)s asks for another person to look at it"))
_plain("ticket.described", "pencil", lambda: _("%(who)s corrected the facts of the case"))
_plain("link.made", "link", lambda: _("%(who)s made a new link for the customer"))
_plain("link.revoked", "ban", lambda: _("%(who)s revoked a link"))
_plain("ticket.imported", "download", lambda: _("Taken over from another system"))
_plain("ticket.forgotten", "eye-off", lambda: _("Three years over: name, contact and files deleted"))
_plain("ticket.merged", "arrows-sort", lambda: _("%(who)s merged it into another case"))


@wording("message.replied")
def _replied(event: TicketEvent, _names: Directory) -> Step:
    return Step(event.at, _("%(who)s answered the customer") % {"who": who(event)}, "corner-up-left", "kept")


@wording("message.told")
def _told(event: TicketEvent, _names: Directory) -> Step:
    return Step(event.at, _("The customer was told by the system"), "message-2")


@wording("file.added")
def _file(event: TicketEvent, _names: Directory) -> Step:
    return Step(event.at, _("%(who)s added a file") % {"who": who(event)}, "paperclip")


@wording("ticket.opened")
def _opened(event: TicketEvent, _names: Directory) -> Step:
    channel = _label(Channel, event.data.get("channel"))
    if event.actor_kind == ActorKind.STAFF:
        text = _("%(who)s filed it for the customer (%(channel)s)") % {"who": who(event), "channel": channel}
    else:
        text = _("Received (%(channel)s)") % {"channel": channel}
    return Step(event.at, text, "inbox")


@wording("ticket.assigned")
def _assigned(event: TicketEvent, names: Directory) -> Step:
    person = names.person(event.data.get("assignee"))
    team = names.team(event.data.get("team"))
    if person:
        text = _("%(who)s assigned it to %(person)s") % {"who": who(event), "person": person}
    elif team:
        text = _("%(who)s gave it to %(team)s") % {"who": who(event), "team": team}
    else:
        text = _("%(who)s put it back: nobody's") % {"who": who(event)}
    return Step(event.at, text, "user-plus")


@wording("ticket.prioritised")
def _prioritised(event: TicketEvent, _names: Directory) -> Step:
    change = {"before": _label(Priority, event.data.get("from")), "after": _label(Priority, event.data.get("to"))}
    return Step(
        event.at, _("%(who)s changed the priority: %(before)s → %(after)s") % {"who": who(event), **change}, "flag"
    )


@wording("ticket.categorised")
def _categorised(event: TicketEvent, names: Directory) -> Step:
    category = names.path(event.data.get("to")) or pgettext("category", "none")
    return Step(event.at, _("%(who)s: category %(category)s") % {"who": who(event), "category": category}, "tag")


@wording("ticket.waited", "ticket.held")
def _waits(event: TicketEvent, _names: Directory) -> Step:
    until = _moment(event.data.get("until"), event.at)
    reason = _label(WaitReason, event.data.get("reason"))
    text = _("%(who)s: %(reason)s, until %(until)s at the latest") % {
        "who": who(event),
        "reason": reason,
        "until": until,
    }
    return Step(event.at, text, "player-pause")


@wording("ticket.resumed")
def _resumed(event: TicketEvent, _names: Directory) -> Step:
    if event.data.get("by_itself"):
        return Step(event.at, _("The wait is over, the case goes on"), "player-play")
    return Step(event.at, _("%(who)s: the case goes on") % {"who": who(event)}, "player-play")


@wording("ticket.closed")
def _closed(event: TicketEvent, _names: Directory) -> Step:
    reason = _label(CloseReason, event.data.get("reason"))
    return Step(event.at, _("Closed: %(reason)s") % {"reason": reason}, "check", "kept")


@wording("ticket.reopened")
def _reopened(event: TicketEvent, _names: Directory) -> Step:
    if event.data.get("by_customer"):
        return Step(event.at, _("Not solved: the customer opened it again"), "arrow-back-up")
    return Step(event.at, _("%(who)s opened it again") % {"who": who(event)}, "arrow-back-up")


@wording("ticket.rated")
def _rated(event: TicketEvent, _names: Directory) -> Step:
    stars = int(event.data.get("rating") or 0)
    text = ngettext("The customer gave %(stars)s star", "The customer gave %(stars)s stars", stars) % {"stars": stars}
    return Step(event.at, text, "star")


def _label(choices: Any, value: Any) -> str:
    return str(choices(value).label) if value in choices.values else str(value or "")


def _moment(text: Any, now: datetime) -> str:
    try:
        at = datetime.fromisoformat(str(text))
    except ValueError:
        return str(text or "")
    return words.moment(at, now, timezone.get_current_timezone(), get_language() or "zh-hans")
