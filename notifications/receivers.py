"""Whatever stands in the table of rules is told, inside the transaction of the verb that caused it."""

from __future__ import annotations

from common.events import Reaction, listen
from notifications import actions
from notifications.rules import RULES

REACTIONS: dict[str, Reaction] = dict.fromkeys(RULES, actions.tell_about)

listen(REACTIONS, uid="notifications.receivers")
