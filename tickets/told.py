"""What the system says to customers, in words.

A system message keeps the name of its wording and the facts; the words are made when somebody looks, in their
language. Apps above this one add wordings of their own with `wording("sla.late")`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from tickets.models import Message

Wording = Callable[[Mapping[str, Any]], str]
_wordings: dict[str, Wording] = {}


def wording(template: str) -> Callable[[Wording], Wording]:
    """Register the words of a kind of system message: `fn(facts) -> text` in the active language."""

    def keep(function: Wording) -> Wording:
        _wordings[template] = function
        return function

    return keep


def words_of(message: Message) -> str:
    """The text of a message as its reader sees it."""
    if not message.template:
        return message.body
    known = _wordings.get(message.template)
    # A wording that an older version knew: the case still opens, and the text kept with it is shown.
    return known(message.facts) if known else message.body


@wording("ticket.withdrawn")
def _withdrawn(_facts: Mapping[str, Any]) -> str:
    return _("You withdrew this complaint. If you need us again, just write here.")


@wording("ticket.closed_silent")
def _closed_silent(_facts: Mapping[str, Any]) -> str:
    return _(
        "We heard nothing for 7 days, so we closed this for now. Write here and it opens again; "
        "you need not explain anything twice."
    )
