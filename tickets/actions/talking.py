"""What is said on a case."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from accounts.models import User
from common import clock
from common.errors import Conflict, Invalid
from common.events import ActorKind
from tickets import search
from tickets.actions import files as file_steps
from tickets.actions.steps import Entry, allow, change, hold, move, record, record_many
from tickets.models import AuthorKind, Message, Status, Ticket, Visibility

#: Characters of one message; longer texts are refused with a sentence, never cut.
LONGEST = 20_000
_SNIPPET = 80


def checked(body: str, *, what: str = "body") -> str:
    """The text as it will be kept; raises Invalid when there is none or too much of it."""
    # PostgreSQL keeps no NUL; line ends become one kind, so that a text sent twice is the same text.
    text = body.replace("\x00", "").replace("\r\n", "\n").strip()
    if not text:
        message = _("Please write something first.")
        raise Invalid(message, errors={what: [message]})
    if len(text) > LONGEST:
        message = _("This text has %(length)s characters; at most %(most)s are possible. Please shorten it.") % {
            "length": f"{len(text):,}",
            "most": f"{LONGEST:,}",
        }
        raise Invalid(message, errors={what: [message]})
    return text


def snippet(text: str) -> str:
    """The beginning of a text on one line, as lists show it."""
    return " ".join(text.split())[:_SNIPPET]


def post(
    ticket: Ticket,
    text: str,
    *,
    at: datetime,
    author: User | None = None,
    author_kind: str = AuthorKind.STAFF,
    visibility: str = Visibility.PUBLIC,
    uploads: str = "",
    received_at: datetime | None = None,
    to: str | None = None,
    **fields: Any,
) -> Message:
    """Keep a message of a locked case, with the files sent for it; `to` and `fields` change the case with it."""
    message = Message.objects.create(
        ticket=ticket,
        visibility=visibility,
        author_kind=author_kind,
        author=author,
        body=text,
        at=at,
        received_at=received_at,
    )
    if visibility == Visibility.PUBLIC:
        fields |= {"last_message_at": at, "last_author_kind": author_kind, "last_snippet": snippet(text)}
    if to and to != ticket.status:
        move(ticket, to, **fields)
    else:
        change(ticket, **fields)
    if uploads:
        file_steps.attach(message, uploads, author)
    search.add_words(ticket, text)
    return message


@transaction.atomic
def reply(
    ticket: Ticket,
    body: str,
    *,
    actor: User,
    uploads: str = "",
    version: int | None = None,
    at: datetime | None = None,
) -> Message:
    """Answer the customer. Takes a new case, and gives one that is nobody's to the person who answers.

    `uploads` is the key under which files were sent beforehand. Raises Invalid for an empty or over-long text,
    Conflict when the case is closed or was changed since `version`.
    """
    allow(actor, "reply", _("Only service staff can answer customers."))
    text = checked(body)
    ticket, at = hold(ticket, version=version, at=at)
    if ticket.is_closed:
        raise Conflict(_("This case is closed. Reopen it to write to the customer."))
    fields: dict[str, Any] = {}
    if ticket.first_response_at is None:
        fields["first_response_at"] = at
    if ticket.assignee_id is None:
        fields["assignee"] = actor
    to = Status.OPEN if ticket.status == Status.NEW else None
    message = post(ticket, text, at=at, author=actor, uploads=uploads, to=to, **fields)
    record(ticket, "message.replied", at=at, actor=actor, message=message)
    return message


@transaction.atomic
def note(
    ticket: Ticket,
    body: str,
    *,
    actor: User,
    uploads: str = "",
    version: int | None = None,
    at: datetime | None = None,
) -> Message:
    """Write something that only colleagues see. Raises Invalid for an empty or over-long text."""
    allow(actor, "note")
    text = checked(body)
    ticket, at = hold(ticket, version=version, at=at)
    message = post(ticket, text, at=at, author=actor, uploads=uploads, visibility=Visibility.NOTE)
    record(ticket, "message.noted", at=at, actor=actor, message=message)
    return message


def tell(
    ticket: Ticket, template: str, *, facts: Mapping[str, Any] | None = None, at: datetime | None = None
) -> Message:
    """Let the system tell the customer something on the case page; stops and starts no clock."""
    return tell_many([(ticket, facts or {})], template, at=at)[0]


@transaction.atomic
def tell_many(
    entries: Iterable[tuple[Ticket, Mapping[str, Any]]], template: str, *, at: datetime | None = None
) -> list[Message]:
    """Tell many customers the same kind of thing, each with their own facts, in a handful of statements.

    The words are made when the message is shown (tickets/told.py), in the reader's language. The caller has locked
    the cases.
    """
    entries = list(entries)
    at = at or clock.now()
    messages = [
        Message(
            ticket=ticket,
            author_kind=AuthorKind.SYSTEM,
            visibility=Visibility.PUBLIC,
            template=template,
            facts=dict(facts),
            at=at,
        )
        for ticket, facts in entries
    ]
    Message.objects.bulk_create(messages)
    _raise_versions([ticket for ticket, _facts in entries])
    record_many(
        [
            Entry(m.ticket, "message.told", actor_kind=ActorKind.SYSTEM, message=m, data={"template": template})
            for m in messages
        ],
        at=at,
    )
    return messages


def _raise_versions(tickets: Sequence[Ticket]) -> None:
    Ticket.objects.filter(pk__in=[ticket.pk for ticket in tickets]).update(version=F("version") + 1)
    for ticket in tickets:
        ticket.version += 1
