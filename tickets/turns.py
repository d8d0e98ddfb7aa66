"""Whose turn it is on a case, in the customer's words: ours, theirs, or somebody's outside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from tickets.actions.outcome import REOPENABLE
from tickets.models import CloseReason, Status, Ticket
from tickets.models.ticket import WaitReason


@dataclass(frozen=True)
class Turn:
    """As `components/_turn.html` takes it: kind "" (ours or outside) or "you"."""

    kind: str
    icon: str
    title: str
    text: str


def turn_of(ticket: Ticket, at: datetime) -> Turn:
    """Whose turn it is now, with the status in plain words."""
    match ticket.status:
        case Status.PENDING:
            return Turn("you", "user-check", _("Your turn"), _pending_words(ticket))
        case Status.RESOLVED:
            return Turn("you", "user-check", _("Your turn"), _("There is a result. Is it solved for you?"))
        case Status.ON_HOLD:
            return Turn("", _HOLD_ICONS.get(ticket.wait_reason, "hourglass-low"), *_hold_words(ticket))
        case Status.CLOSED:
            return Turn("", "circle-check", pgettext("turn", "Closed"), _closed_words(ticket, at))
    if ticket.assignee is not None:
        return Turn("", "users", _("Our turn"), _("%(name)s is working on it") % {"name": ticket.assignee.name})
    if ticket.team is not None:
        return Turn(
            "", "users", _("Our turn"), _("with %(team)s, not yet taken by a person") % {"team": ticket.team.name}
        )
    return Turn("", "users", _("Our turn"), _("not yet taken by a person"))


_HOLD_ICONS: Mapping[str, str] = {
    WaitReason.CARRIER: "truck-delivery",
    WaitReason.SUPPLIER: "tool",
    WaitReason.AUTHORITY: "scale",
}


def _pending_words(ticket: Ticket) -> str:
    if ticket.wait_reason == WaitReason.CUSTOMER_PARCEL:
        return _("We are waiting for your parcel; tell us here once it is on its way")
    return _("We asked you something below; your answer lets us go on")


def _hold_words(ticket: Ticket) -> tuple[str, str]:
    titles = {
        WaitReason.CARRIER: _("The carrier's turn"),
        WaitReason.SUPPLIER: _("The factory's turn"),
        WaitReason.PLATFORM: _("The platform's turn"),
        WaitReason.AUTHORITY: _("An authority's turn"),
    }
    title = titles.get(WaitReason(ticket.wait_reason), _("Somebody outside has to answer first"))
    return title, _("We are asking them; without an answer we go on by ourselves")


def _closed_words(ticket: Ticket, at: datetime) -> str:
    match ticket.close_reason:
        case CloseReason.CONFIRMED:
            words = _("You said it is solved")
        case CloseReason.WITHDRAWN:
            words = _("You withdrew it")
        case CloseReason.SILENT:
            words = _("We heard nothing for 7 days")
        case _:
            return _("Nothing more happens here")
    closed_at = ticket.closed_at or at
    if at - closed_at <= REOPENABLE:
        return _("%(words)s. Write below and it opens again.") % {"words": words}
    return _("%(words)s. Write below and a new case goes on from here.") % {"words": words}


def is_reopenable(ticket: Ticket, at: datetime) -> bool:
    """Whether writing opens this very case again, rather than a new one that follows it."""
    closed_at = ticket.closed_at or at
    return ticket.close_reason not in {CloseReason.MERGED, CloseReason.SPAM} and at - closed_at <= REOPENABLE
