"""From an event to bells and outbox rows, by the table of rules."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import phonenumbers
from django.db.models import prefetch_related_objects
from django.utils import timezone

from accounts.models import Customer, User
from common.events import ActorKind, Event
from notifications import quiet
from notifications.actions.outbox import Entry, enqueue_many
from notifications.channels import is_open
from notifications.models import Notice
from notifications.rules import RULES, By, Rule, To
from notifications.silence import is_history
from tickets.models import Priority, Ticket


def tell_about(events: Sequence[Any]) -> None:
    """Tell everybody whom the rules name about some events of one kind, in a handful of statements."""
    events = [e for e in events if e.ticket_id and not is_history(e.at)]
    if not events:
        return
    rules = RULES[events[0].kind]
    prefetch_related_objects(events, "ticket")
    events = [event for event in events if not event.ticket.is_silent]
    tickets = [event.ticket for event in events]
    if any(rule.to == To.CUSTOMER for rule in rules):
        prefetch_related_objects(tickets, "customer")
    if any(rule.to == To.HOLDER for rule in rules):
        prefetch_related_objects(tickets, "team")
    told = [
        (event, rule, colleague)
        for event in events
        for rule in rules
        if rule.only is None or rule.only(event.data)
        for colleague in _whom(event, rule)
    ]
    addresses = dict(
        User.objects.filter(pk__in={c for _e, _r, c in told if c}, is_active=True).values_list("pk", "email")
    )
    notices: list[Notice] = []
    entries: list[Entry] = []
    for event, rule, colleague in told:
        if colleague and colleague not in addresses:
            continue
        for by in rule.by:
            if by == By.BELL:
                notices.append(_notice(event, rule, colleague))
            elif (channel := _channel(by, event.ticket, addresses.get(colleague))) is not None:
                entries.append(_entry(event, rule, channel, colleague))
    if notices:
        Notice.objects.bulk_create(notices, ignore_conflicts=True)
    if entries:
        enqueue_many(entries, at=events[0].at)


def _whom(event: Any, rule: Rule) -> Iterator[int]:
    """Ids of colleagues; 0 stands for the customer or the group chat. Nobody is told about their own action."""
    ticket: Ticket = event.ticket
    match rule.to:
        case To.CUSTOMER:
            if rule.own or event.actor_kind != ActorKind.CUSTOMER:
                yield 0
            return
        case To.GROUP:
            yield 0
            return
        case To.ASSIGNEE:
            ids: list[int | None] = [ticket.assignee_id]
        case To.HOLDER:
            ids = [ticket.assignee_id or (ticket.team.lead_id if ticket.team else None)]
        case To.NAMED:
            ids = list(event.data.get("to") or [])
        case _:
            # The lead who takes over may be one of the managers, and is told once.
            ids = [pk for pk in event.data.get("managers") or [] if pk not in (event.data.get("to") or [])]
    yield from (pk for pk in dict.fromkeys(ids) if pk and pk != event.actor_id)


def _channel(by: By, ticket: Ticket, address: str | None) -> str | None:
    if by == By.CONTACT:
        return contact_channel(ticket.customer)
    if by == By.MAIL:
        return By.MAIL if address else None
    return by if is_open(by) else None


def contact_channel(customer: Customer | None) -> str | None:
    """Text message to a phone that can take one, else mail; None where there is neither.

    A gateway that is not set up is passed over when there is an address, and else fails later, where staff see it.
    """
    if customer is None:
        return None
    if customer.phone and _takes_texts(customer.phone) and (is_open(By.SMS) or not customer.email):
        return By.SMS
    return By.MAIL if customer.email else None


def _takes_texts(phone: str) -> bool:
    try:
        number = phonenumbers.parse(phone, "CN")
    except phonenumbers.NumberParseException:
        return False
    return phonenumbers.number_type(number) != phonenumbers.PhoneNumberType.FIXED_LINE


def _notice(event: Event, rule: Rule, colleague: int) -> Notice:
    return Notice(
        user_id=colleague,
        key=f"{_origin(event, rule)}.{colleague}",
        letter=rule.letter,
        ticket_id=event.ticket_id,  # type: ignore[attr-defined]
        data=event.data,
        at=event.at,
    )


def _entry(event: Any, rule: Rule, channel: str, colleague: int) -> Entry:
    ticket: Ticket = event.ticket
    who = str(colleague or rule.to)
    payload = {
        "ticket": event.ticket_id,
        "message": getattr(event, "message_id", None) or event.data.get("message"),
        "user": colleague or None,
        "at": event.at.isoformat(),
        "data": event.data,
    }
    return Entry(
        key=f"{_origin(event, rule)}.{channel}.{who}",
        channel=str(channel),
        stream=f"ticket:{ticket.pk}:{who}",
        kind=rule.letter,
        payload=payload,
        not_before=_when(event.at, rule, ticket),
    )


def _origin(event: Event, rule: Rule) -> str:
    return f"{rule.letter}.{event._meta.model_name}-{event.pk}"


def _when(at: datetime, rule: Rule, ticket: Ticket) -> datetime:
    if not rule.waits or ticket.priority == Priority.URGENT or ticket.is_safety:
        return at
    return quiet.earliest(at, timezone.get_default_timezone())


__all__ = ["contact_channel", "tell_about"]
