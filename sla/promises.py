"""What customers are promised: before they send, on their page, and on the page of promises. Reads only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts.models import Merchant, User
from calendars.worktime import Target as WorkTarget
from common import wording as words
from sla import told, wording
from sla.actions import terms
from sla.metrics import FIRST_RESPONSE, NEXT_RESPONSE, RECOVERY, RESOLUTION
from sla.models import LIVE, Breach, BreachStep, Clock, ClockState, SlaEvent
from sla.policies import Facts
from tickets.directory import directory
from tickets.models import Status, Ticket
from tickets.models.ticket import CUSTOMER_REASONS
from tickets.turns import turn_of


@dataclass(frozen=True)
class Promise:
    """By when an answer and a result would come for a case filed now."""

    answer_at: datetime | None
    answer_ends_day: bool
    result_at: datetime | None
    result_ends_day: bool


def promise_for(merchant: Merchant | None, at: datetime, *, facts: Facts | None = None) -> Promise | None:
    """What a case filed at `at` would be promised; None where nothing is published."""
    book = terms.book_in_force(at)
    if book is None:
        return None
    facts = facts or Facts(merchant=merchant.pk if merchant else None)
    line = book.match(facts)
    hours = terms.Hours([merchant.pk] if merchant else [])
    found: dict[str, Any] = {}
    for metric in (FIRST_RESPONSE, RESOLUTION):
        goal = line.goal(metric, facts.priority)
        if goal is not None:
            version = hours.version(goal.calendar or line.calendar, merchant.pk if merchant else None)
            found[metric] = version.worktime().due(at, WorkTarget.from_json(goal.target))
    answer, result = found.get(FIRST_RESPONSE), found.get(RESOLUTION)
    return Promise(
        answer.at if answer else None,
        bool(answer and answer.ends_day),
        result.at if result else None,
        bool(result and result.ends_day),
    )


def clocks_of(ticket: Ticket) -> list[Clock]:
    """All clocks of a case, oldest first, with what their words need."""
    return list(
        ticket.clocks.select_related("calendar_version", "promised_by", "breach", "breach__escalated_to").order_by("id")
    )


def case_promise(ticket: Ticket, at: datetime) -> dict[str, Any] | None:
    """The block at the head of the customer's page, as `components/_promise.html` takes it; None without clocks."""
    clocks = clocks_of(ticket)
    if not clocks:
        return None
    latest: dict[tuple[str, str], Clock] = {}
    for clock in clocks:
        latest[clock.metric, clock.recovers] = clock
    live = [clock for clock in clocks if clock.is_live]
    recovery = next((clock for clock in reversed(live) if clock.metric == RECOVERY), None)
    late = [clock for clock in live if clock.metric != RECOVERY and (clock.is_breached or clock.missed_by(at))]
    rows = _rows(latest, live, recovery, late, at)
    if ticket.status in (Status.RESOLVED, Status.CLOSED):
        rows = [row for row in rows if row["state"] in ("met", "missed")]
    turn = turn_of(ticket, at)
    promise: dict[str, Any] = {"rows": rows, "foot": "", "why": None}
    if late and ticket.status not in (Status.RESOLVED, Status.CLOSED):
        promise["turn"] = {
            "kind": "late",
            "icon": "clock-exclamation",
            "title": _("We are late, and we are sorry"),
            "text": "",
        }
        promise["sorry"] = _sorry(ticket, late[0], recovery, at)
        promise["foot"] = _("Why it happened will stand here as well, once we know.")
    else:
        promise["turn"] = {"kind": turn.kind, "icon": turn.icon, "title": turn.title, "text": turn.text}
        if any(row.get("due_at") for row in rows):
            promise["foot"] = _("If we don't keep to it, you hear it from us first; you need not chase us.")
    asked = recovery or next((clock for clock in live if clock.state == ClockState.RUNNING and clock not in late), None)
    if asked is not None and ticket.status not in (Status.RESOLVED, Status.CLOSED):
        promise["why"] = wording.why(asked, at, for_customer=True)
    return promise


def _rows(
    latest: dict[tuple[str, str], Clock],
    live: Sequence[Clock],
    recovery: Clock | None,
    late: Sequence[Clock],
    at: datetime,
) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    if recovery is not None and not recovery.missed_by(at):
        name = _name(recovery, late)
        what = (
            _("%(name)s answers you, at the latest") % {"name": name} if name else _("You hear from us, at the latest")
        )
        rows.append(_next_row(recovery, what, "message", at))
    for metric, icon in ((FIRST_RESPONSE, "message"), (NEXT_RESPONSE, "message"), (RESOLUTION, "flag")):
        clock = latest.get((metric, ""))
        if clock is None or clock.state in (ClockState.CANCELLED, ClockState.EXPIRED):
            continue
        if metric == NEXT_RESPONSE and not clock.is_live:
            continue
        rows.append(_row(clock, icon, at, is_late=clock in late))
    # The largest of them is what comes next.
    if not any(row["state"] in ("next", "risk") for row in rows):
        # A day further off than tomorrow is too long to stand that large on a phone.
        tomorrow = timezone.localdate(at) + timedelta(days=1)
        waiting = [
            row
            for row in rows
            if row["state"] == "" and row.get("due_at") and timezone.localdate(row["due_at"]) <= tomorrow
        ]
        if waiting:
            first = min(waiting, key=lambda row: row["due_at"])
            first["state"] = "next"
    return rows


def _row(clock: Clock, icon: str, at: datetime, *, is_late: bool) -> dict[str, Any]:
    name = wording.metric_name(clock.metric)
    if clock.state == ClockState.MET and clock.ended_at is not None:
        gap = words.duration(clock.due_at - clock.ended_at, wording.language()) if clock.due_at else ""
        what = f"{name}　{told.moment(clock.ended_at.isoformat())}"
        if clock.is_breached and clock.due_at is not None:
            # Answered, but not when we said: no tick.
            due = told.moment(clock.due_at.isoformat(), ends_day=clock.ends_day)
            note = _("We said by %(due)s, and we did not keep to it.") % {"due": due}
            return {"state": "missed", "what": what, "aside": _("%(gap)s late") % {"gap": gap}, "note": note}
        return {"state": "met", "what": what, "aside": _("%(gap)s early") % {"gap": gap} if gap else ""}
    if is_late and clock.due_at is not None:
        due = told.moment(clock.due_at.isoformat(), ends_day=clock.ends_day)
        return {
            "state": "late",
            "what": _("%(name)s, promised by %(due)s") % {"name": name, "due": due},
            "aside": _("not kept"),
        }
    if clock.state == ClockState.PAUSED:
        return {"state": "", "icon": "player-pause", "what": name, "aside": _("the clock stands still while we wait")}
    row = _next_row(clock, _review_words(clock) or _("%(name)s, at the latest") % {"name": name}, icon, at)
    row["state"] = ""
    return row


def _review_words(clock: Clock) -> str:
    """Who looks at the case again, where that is what the next answer is about; "" otherwise."""
    if clock.metric != NEXT_RESPONSE:
        return ""
    asked = SlaEvent.objects.filter(ticket=clock.ticket_id, kind="sla.review_promised", at__gte=clock.started_at)
    event = asked.order_by("-at", "-id").first()
    if event is None:
        return ""
    if name := directory().person(event.data.get("lead")):
        return _("%(name)s looks at it again and answers, at the latest") % {"name": name}
    return _("Another colleague looks at it again and answers, at the latest")


def _next_row(clock: Clock, what: str, icon: str, at: datetime) -> dict[str, Any]:
    used, total = used_and_total(clock, at)
    row: dict[str, Any] = {"state": "next", "icon": icon, "what": what, "due_at": clock.due_at}
    if clock.metric != RESOLUTION:
        row |= {"used": used, "total": total}
    return row


def _sorry(ticket: Ticket, clock: Clock, recovery: Clock | None, at: datetime) -> str:
    facts = {"metric": clock.metric, "due_at": clock.due_at.isoformat() if clock.due_at else at.isoformat()}
    sentences = [told.sorry(facts | ({"ends_day": True} if clock.ends_day else {}))]
    if recovery is not None and recovery.missed_by(at):
        again = Breach.objects.filter(clock=recovery).select_related("escalated_to").first()
        sentences.append(told.missed_again({"lead": again.escalated_to_id if again else None}))
    else:
        sentences.append(told.why(_fact(ticket)))
        if (lead := _lead(clock)) is not None and lead != ticket.assignee:
            sentences.append(told.looked_after_by(lead.name))
    return ("" if words.is_chinese(wording.language()) else " ").join(filter(None, sentences))


def _fact(ticket: Ticket) -> dict[str, Any]:
    """Why nobody has answered, as it stands now."""
    if ticket.status == Status.ON_HOLD:
        return {"why": "waiting", "wait_reason": ticket.wait_reason}
    if ticket.assignee_id is not None:
        return {"why": "held", "assignee": ticket.assignee_id}
    return {"why": "nobody"}


def _name(recovery: Clock, late: Sequence[Clock]) -> str:
    """Who answers: the person who promised, else the lead that the miss was escalated to; "" when there is none."""
    if recovery.promised_by is not None:
        return recovery.promised_by.name
    return next((lead.name for clock in late if (lead := _lead(clock)) is not None), "")


def _lead(clock: Clock) -> User | None:
    breach = getattr(clock, "breach", None)
    return breach.escalated_to if breach is not None else None


def used_and_total(clock: Clock, at: datetime) -> tuple[int, int]:
    """Whole minutes of a running clock that are used, and that there are, by what it counts (days: on the clock)."""
    if clock.due_at is None:
        return 0, 0
    target, worktime = clock.work_target, clock.calendar_version.worktime()
    if target.in_days or clock.decided_by == "cap":
        total = clock.due_at - clock.counted_from
        used = min(max(at - clock.counted_from, total * 0), total)
    else:
        spans = clock.pause_spans(at)
        total = worktime.elapsed(clock.counted_from, clock.due_at, spans)
        used = worktime.elapsed(clock.counted_from, min(at, clock.due_at), spans)
    return int(used.total_seconds() // 60), int(total.total_seconds() // 60)


def staff_clock(clock: Clock, at: datetime) -> dict[str, Any]:
    """One clock of the ticket page, as `components/_clock.html` takes it."""
    used, total = used_and_total(clock, at)
    name = wording.metric_name(clock.metric)
    if clock.recovers:
        name = _("%(name)s: %(metric)s") % {"name": name, "metric": wording.metric_name(clock.recovers)}
    shown = {
        "name": name,
        "state": _state(clock, at),
        "due_at": clock.due_at,
        "target": wording.clock_target(clock) if not clock.promised_by else clock.promised_by.name,
        "used": used,
        "total": total,
        "met_at": clock.ended_at,
        "why": wording.why(clock, at),
    }
    if clock.state == ClockState.PAUSED:
        pause = clock.open_pause or [None]
        shown["since"] = datetime.fromisoformat(pause[0]) if pause[0] else None
        if len(pause) > 2 and pause[2] in CUSTOMER_REASONS:
            shown["state"] = "you"
    return shown


def _state(clock: Clock, at: datetime) -> str:
    if clock.state == ClockState.MET:
        return "met"
    if clock.state == ClockState.PAUSED:
        return "paused"
    if clock.is_breached or clock.missed_by(at):
        return "late"
    return "risk" if clock.warn_at is not None and clock.warn_at <= at else "ontime"


def step_words(breach: Breach) -> str:
    """Where a breach stands, for a list."""
    if breach.step == BreachStep.RECORDED:
        return pgettext("breach step", "Telling the customer")
    if breach.step in (BreachStep.TOLD, BreachStep.ESCALATED):
        return pgettext("breach step", "Waiting for the lead")
    if breach.step == BreachStep.HANDED_OVER:
        return pgettext("breach step", "A person names the time")
    return str(breach.get_step_display())


def is_shown(clock: Clock) -> bool:
    """Whether the ticket page lists a clock: what was dropped says nothing any more."""
    return clock.state in (*LIVE, ClockState.MET)
