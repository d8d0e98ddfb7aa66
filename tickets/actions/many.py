"""One verb for many cases that a person chose: what can't be done is told, the rest is done."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from common.errors import DomainError
from tickets.models import Ticket


@dataclass
class Outcome:
    done: list[Ticket] = field(default_factory=list)
    #: Cases that refused, each with the sentence for the person.
    refused: list[tuple[Ticket, str]] = field(default_factory=list)


def each(tickets: Iterable[Ticket], verb: Callable[..., Any], **arguments: Any) -> Outcome:
    """Call a verb for each case, each in a transaction of its own."""
    outcome = Outcome()
    for ticket in tickets:
        try:
            verb(ticket, **arguments)
        except DomainError as refusal:
            outcome.refused.append((ticket, str(refusal.message)))
        else:
            outcome.done.append(ticket)
    return outcome
