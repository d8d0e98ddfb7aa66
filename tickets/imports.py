"""What the columns of an imported table mean for a case: rows in, conversations out, reasons for what can't be used."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from accounts.contacts import Phone, parse_contact
from common.errors import Invalid
from common.imports import BadRow, Field, Row
from tickets.actions.importing import Conversation, Said, importable
from tickets.actions.talking import LONGEST
from tickets.models import AuthorKind, Kind, Priority, Status, Visibility
from tickets.models.ticket import Channel

FIELDS: Mapping[str, Field] = {
    "external_id": Field(longest=80),
    "subject": Field(longest=2000),
    "body": Field(longest=LONGEST),
    "kind": Field(),
    "category": Field(longest=120),
    "product": Field(longest=200),
    "merchant": Field(longest=60),
    "customer": Field(longest=60),
    "contact": Field(),
    "channel": Field(),
    "priority": Field(),
    "status": Field(),
    "assignee": Field(longest=60),
    "tags": Field(longest=1000),
    "note": Field(longest=LONGEST),
    "order_number": Field(longest=80),
    "amount": Field(kind="amount"),
    "opened_at": Field(kind="moment"),
    "first_response_at": Field(kind="moment"),
    "first_response_text": Field(longest=LONGEST),
    "resolved_at": Field(kind="moment"),
    "closed_at": Field(kind="moment"),
    "message_at": Field(kind="moment"),
    "message_author": Field(),
    "message_text": Field(longest=LONGEST),
}

_CHOICES = {"kind": Kind, "channel": Channel, "priority": Priority, "status": Status}
_AUTHORS = {AuthorKind.CUSTOMER, AuthorKind.STAFF}
_MOMENTS = ("first_response_at", "resolved_at", "closed_at")
#: An imported case that was marked so has a day and no time: its instants are 00:00.
DATE_ONLY = "date_only"


def conversations(rows: Iterable[Row]) -> tuple[list[tuple[list[Row], Conversation]], list[BadRow]]:
    """The conversations that some rows make (rows of one external id belong together), and the rows that make none."""
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(importable(row.values), []).append(row)
    good: list[tuple[list[Row], Conversation]] = []
    bad: list[BadRow] = []
    for external_id, group in groups.items():
        usable: list[Row] = []
        for row in group:
            if reasons := _mistakes(row.values):
                bad.append(BadRow(row.line, reasons, row.cells))
            else:
                usable.append(row)
        if not usable:
            continue
        conversation = _conversation(external_id, usable)
        if reasons := _impossible(conversation):
            bad += [BadRow(row.line, reasons, row.cells) for row in usable]
        elif conversation is not None:
            good.append((usable, conversation))
    return good, bad


def _mistakes(values: Mapping[str, Any]) -> tuple[str, ...]:
    """What is wrong with one row by itself."""
    found = [
        _("%(field)s: “%(value)s” is none of %(choices)s; translate it in the map's values.")
        % {"field": name, "value": values[name][:40], "choices": ", ".join(choices.values)}
        for name, choices in _CHOICES.items()
        if name in values and values[name] not in choices.values
    ]
    if values.get("message_author", AuthorKind.CUSTOMER) not in _AUTHORS:
        found.append(_("message_author: say customer or staff."))
    if "message_text" in values and "message_at" not in values and "opened_at" not in values:
        found.append(_("message_at is missing: when was this said?"))
    if "contact" in values:
        try:
            parse_contact(values["contact"])
        except Invalid as wrong:
            found.append(f"contact: {wrong.message}")
    return tuple(found)


def _impossible(conversation: Conversation | None) -> tuple[str, ...]:
    """What is wrong with a conversation as a whole."""
    if conversation is None:
        return (_("opened_at is missing: a case needs the moment when it began."),)
    late = [name for name in _MOMENTS if (at := getattr(conversation, name)) and at < conversation.opened_at]
    return tuple(_("%(field)s is before opened_at.") % {"field": name} for name in late)


def _conversation(external_id: str, rows: list[Row]) -> Conversation | None:
    """The first row that says something wins, messages add up; None without a beginning."""
    values: dict[str, Any] = {}
    for row in rows:
        for name, value in row.values.items():
            values.setdefault(name, value)
    began = [row.values[name].at for row in rows for name in ("opened_at", "message_at") if name in row.values]
    opened_at = values["opened_at"].at if "opened_at" in values else min(began, default=None)
    if opened_at is None:
        return None
    moments: dict[str, Any] = {name: values[name].at for name in _MOMENTS if name in values}
    return Conversation(
        external_id=external_id,
        opened_at=opened_at,
        said=_said(values, rows, opened_at),
        tags=_tags(values),
        **moments,
        **_contact(values.get("contact", "")),
        **{
            name: values[name]
            for name in (
                "subject", "kind", "channel", "priority", "status", "category", "merchant", "product", "customer",
                "assignee", "order_number", "amount",
            )
            if name in values
        },
    )  # fmt: skip


def _said(values: Mapping[str, Any], rows: list[Row], opened_at: datetime) -> list[Said]:
    said = []
    if body := values.get("body"):
        said.append(Said(opened_at, AuthorKind.CUSTOMER, body))
    if text := values.get("first_response_text"):
        at = values["first_response_at"].at if "first_response_at" in values else opened_at
        said.append(Said(at, AuthorKind.STAFF, text))
    if text := values.get("note"):
        said.append(Said(opened_at, AuthorKind.STAFF, text, Visibility.NOTE))
    for row in rows:
        if text := row.values.get("message_text"):
            at = row.values["message_at"].at if "message_at" in row.values else row.values["opened_at"].at
            said.append(Said(at, row.values.get("message_author", AuthorKind.CUSTOMER), text))
    return said


def _tags(values: Mapping[str, Any]) -> list[str]:
    tags = [tag.strip() for tag in values.get("tags", "").replace(";", ",").split(",")]
    if "opened_at" in values and values["opened_at"].date_only:
        tags.append(DATE_ONLY)
    return [tag for tag in dict.fromkeys(tags) if tag]


def _contact(text: str) -> dict[str, Any]:
    if not text:
        return {}
    contact = parse_contact(text)
    return {"phone" if isinstance(contact, Phone) else "email": contact.value}
