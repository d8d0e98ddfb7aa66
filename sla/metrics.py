"""What starts, meets, pauses and cancels a clock: the one table (design.md 6). No Django in here.

Kinds are events of a case. `message.replied` and `ticket.resolved` carry a public text written by a person of ours;
`message.told` (receipts, apologies, reminders) is in no cell: what the system says stops and starts nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

OURS, MERCHANT, CUSTOMER, OUTSIDE, STATUTORY = "ours", "merchant", "customer", "outside", "statutory"
SIDES = (OURS, MERCHANT, CUSTOMER, OUTSIDE, STATUTORY)
#: Clocks of these sides breach and start the timeout workflow; those of the others expire.
ANSWERABLE = frozenset({OURS, MERCHANT, STATUTORY})

FIRST_RESPONSE, NEXT_RESPONSE, UPDATE_EVERY = "first_response", "next_response", "update_every"
RESOLUTION, RECOVERY = "resolution", "recovery"

_TAKEN_BACK = frozenset({"ticket.withdrawn", "ticket.merged", "ticket.spammed"})
_OVER = _TAKEN_BACK | {"ticket.resolved", "ticket.closed", "ticket.confirmed"}
_NOTHING: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Metric:
    """One row of the table. A message of the customer starts a clock only after our first answer, on an open case."""

    side: str
    starts: frozenset[str]
    met_by: frozenset[str]
    paused_by: frozenset[str]
    cancelled_by: frozenset[str]
    #: Reopened cases go on with what was left of this clock.
    continues: bool = False


METRICS: Mapping[str, Metric] = {
    FIRST_RESPONSE: Metric(
        side=OURS,
        starts=frozenset({"ticket.opened"}),
        met_by=frozenset({"message.replied", "ticket.resolved"}),
        paused_by=_NOTHING,
        cancelled_by=_TAKEN_BACK,
        continues=True,
    ),
    NEXT_RESPONSE: Metric(
        side=OURS,
        starts=frozenset({"message.received"}),
        met_by=frozenset({"message.replied"}),
        paused_by=_NOTHING,
        cancelled_by=_OVER,
    ),
    UPDATE_EVERY: Metric(
        side=OURS,
        starts=frozenset({"message.replied"}),
        met_by=frozenset({"message.replied"}),
        paused_by=frozenset({"ticket.waited"}),
        cancelled_by=_OVER,
    ),
    RESOLUTION: Metric(
        side=OURS,
        starts=frozenset({"ticket.opened"}),
        met_by=frozenset({"ticket.resolved"}),
        paused_by=frozenset({"ticket.waited", "ticket.held"}),
        cancelled_by=_TAKEN_BACK,
        continues=True,
    ),
}
RESUMES = frozenset({"ticket.resumed", "ticket.resolved", "ticket.reopened"})

#: A recovery clock follows the metric that was missed: what meets or cancels that one, meets or cancels it too.
#: It is never paused.


def rules(metric: str, recovers: str = "") -> Metric:
    """The row of a clock; for a recovery clock that of the metric it makes up for, never paused."""
    row = METRICS[recovers or metric]
    if metric != RECOVERY:
        return row
    return Metric(row.side, _NOTHING, row.met_by, _NOTHING, row.cancelled_by)


#: The least that a reopened case gets, in minutes of working time.
REOPENED_AT_LEAST = 4 * 60
#: A recovery is half of what was missed, at least and at most so many minutes of working time.
RECOVERY_SHARE, RECOVERY_AT_LEAST, RECOVERY_AT_MOST = 0.5, 30, 4 * 60
