"""What the sla app does when something happens to a case: one table, run inside the transaction of the verb."""

from __future__ import annotations

from common.events import Reaction, listen
from sla.actions import clocks, history, reviews
from sla.metrics import METRICS, RESUMES

_FOLLOWED = frozenset().union(
    *(row.starts | row.met_by | row.paused_by | row.cancelled_by for row in METRICS.values()), RESUMES
)

REACTIONS: dict[str, Reaction] = {
    **dict.fromkeys(sorted(_FOLLOWED), clocks.follow),
    "ticket.opened": clocks.opened,
    "ticket.reopened": clocks.carry_on,
    "ticket.unspammed": clocks.take_back_spam,
    "ticket.prioritised": clocks.match_again,
    "ticket.categorised": clocks.match_again,
    "ticket.described": clocks.match_again,
    "ticket.review_requested": reviews.promise_review,
    "ticket.imported": history.judge_events,
}

listen(REACTIONS, uid="sla.receivers")
