"""What a colleague has typed into a case and not sent. Nobody else sees it; it changes nothing about the case."""

from __future__ import annotations

from datetime import datetime

from accounts.models import User
from common import clock
from common.models import Draft
from tickets.actions.steps import allow
from tickets.actions.talking import LONGEST
from tickets.models import Ticket

KINDS = ("reply", "note")


def save_draft(ticket: Ticket, kind: str, text: str, *, actor: User, at: datetime | None = None) -> datetime | None:
    """Keep the text of a reply or note; returns when. An empty text is forgotten (None)."""
    allow(actor, kind)
    text = text.replace("\x00", "")[:LONGEST]
    if not text.strip():
        drop_draft(ticket, kind, actor=actor)
        return None
    at = at or clock.now()
    Draft.objects.update_or_create(
        owner=_owner(actor), place=_place(ticket, kind), defaults={"text": text, "saved_at": at}
    )
    return at


def drop_draft(ticket: Ticket, kind: str, *, actor: User) -> None:
    """Forget it: it was sent or cleared."""
    Draft.objects.filter(owner=_owner(actor), place=_place(ticket, kind)).delete()


def _owner(actor: User) -> str:
    return f"user:{actor.pk}"


def _place(ticket: Ticket, kind: str) -> str:
    return f"ticket:{ticket.pk}:{kind}"
