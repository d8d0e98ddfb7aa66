"""Every state x every verb, and two people at once."""

from __future__ import annotations

from datetime import timedelta
from itertools import product

import pytest

from accounts.models import Role
from common.errors import Conflict, DomainError, NotAllowed
from tests.factories import NOW, make_merchant, make_team, make_user
from tests.factories_tickets import at_once, fresh, make_category, make_ticket, make_ticket_in, snapshot
from tickets import actions
from tickets.actions.outcome import available
from tickets.models import TRANSITIONS, Status, Ticket
from tickets.models.ticket import WaitReason

ALL = tuple(Status.values)
UNCLOSED = tuple(status for status in ALL if status != "closed")
STAY = "as it was"


def _every(result: str, *states: str) -> dict[str, str]:
    return dict.fromkeys(states, result)


#: verb -> state before -> state after; a state that is not named refuses.
TABLE: dict[str, dict[str, str]] = {
    "take": {**_every(STAY, "pending", "on_hold"), "new": "open"},
    "assign": {**_every(STAY, *UNCLOSED), "new": "open"},
    "escalate": {**_every(STAY, *UNCLOSED), "new": "open"},
    "reply": {**_every(STAY, *UNCLOSED), "new": "open"},
    "note": _every(STAY, *ALL),
    "prioritise": _every(STAY, *UNCLOSED),
    "categorise": _every(STAY, *UNCLOSED),
    "describe": _every(STAY, *UNCLOSED),
    "wait": _every("pending", "new", "open"),
    "hold": _every("on_hold", "new", "open"),
    "resume": _every("open", "pending", "on_hold"),
    "resolve": _every("resolved", "new", "open", "pending", "on_hold"),
    "close": {"resolved": "closed"},
    "reopen": _every("open", "resolved", "closed"),
    "spam": _every("closed", *UNCLOSED),
    "unspam": {},
    # the customer
    "write": {**_every(STAY, "new", "open", "on_hold", "resolved"), "pending": "open", "closed": "open"},
    "withdraw": _every("closed", *UNCLOSED),
    "confirm": {"resolved": "closed", "closed": "closed"},
    "decline": _every("open", "resolved", "closed"),
    "rate": _every(STAY, "resolved", "closed"),
    "request_review": {**_every(STAY, "new", "open", "on_hold"), **_every("open", "pending", "resolved", "closed")},
}


@pytest.fixture
def lead(db):
    lead = make_user(Role.LEAD)
    lead.team = make_team(lead=lead)
    lead.save()
    return lead


def do(verb: str, ticket: Ticket, lead) -> None:
    step = {"actor": lead, "at": NOW}
    own = {"at": NOW}
    colleague = make_user
    calls = {
        "take": lambda: actions.take(ticket, **step),
        "assign": lambda: actions.assign(ticket, assignee=colleague(), **step),
        "escalate": lambda: actions.escalate(ticket, reason="客户要求主管回电", **step),
        "reply": lambda: actions.reply(ticket, "明天 12:00 前告诉您结果。", **step),
        "note": lambda: actions.note(ticket, "已请质检看", **step),
        "prioritise": lambda: actions.prioritise(ticket, priority="high", **step),
        "categorise": lambda: actions.categorise(ticket, category=make_category(), **step),
        "describe": lambda: actions.describe(ticket, amount=12, **step),
        "wait": lambda: actions.wait(ticket, reason=WaitReason.CUSTOMER_FACTS, **step),
        "hold": lambda: actions.hold(ticket, reason=WaitReason.CARRIER, **step),
        "resume": lambda: actions.resume(ticket, **step),
        "resolve": lambda: actions.resolve(ticket, "可以退，今天 18:00 前退款。", **step),
        "close": lambda: actions.close(ticket, **step),
        "reopen": lambda: actions.reopen(ticket, **step),
        "spam": lambda: actions.spam(ticket, **step),
        "unspam": lambda: actions.unspam(ticket, **step),
        "write": lambda: actions.write(ticket, "到底能不能退？", **own),
        "withdraw": lambda: actions.withdraw(ticket, **own),
        "confirm": lambda: actions.confirm(ticket, **own),
        "decline": lambda: actions.decline(ticket, **own),
        "rate": lambda: actions.rate(ticket, 4, **own),
        "request_review": lambda: actions.request_review(ticket, **own),
    }
    calls[verb]()


@pytest.mark.parametrize(("verb", "status"), list(product(TABLE, ALL)))
def test_each_verb_in_each_state_does_what_the_table_says_or_nothing(verb, status, lead):
    ticket = make_ticket_in(status)
    if verb == "take":
        Ticket.objects.filter(pk=ticket.pk).update(assignee=None)
    if verb == "escalate":
        Ticket.objects.filter(pk=ticket.pk).update(team=lead.team)
    ticket = fresh(ticket)
    expected = TABLE[verb].get(status)
    if verb == "take" and status in {"open", "resolved"}:
        expected = STAY
    if expected is None:
        before = snapshot(ticket)
        with pytest.raises(Conflict) as refusal:
            do(verb, ticket, lead)
        assert str(refusal.value.message)
        assert snapshot(ticket) == before
        return
    do(verb, ticket, lead)
    now = fresh(ticket)
    assert now.status == (status if expected == STAY else expected)
    allowed = now.status == status or now.status in TRANSITIONS[status] or (status, now.status) == ("new", "open")
    assert allowed


@pytest.mark.parametrize("status", ALL)
def test_what_is_offered_can_be_done_and_what_is_not_offered_can_not(status, lead):
    """The page shows `available`; the verb has the last word, and both say the same."""
    for verb in set(TABLE) & {
        "take", "reply", "note", "assign", "escalate", "prioritise", "categorise", "describe", "wait", "hold",
        "resume", "resolve", "close", "reopen", "spam", "unspam",
    }:  # fmt: skip
        ticket = make_ticket_in(status)
        Ticket.objects.filter(pk=ticket.pk).update(team=lead.team, **({"assignee": None} if verb == "take" else {}))
        ticket = fresh(ticket)
        offered = verb in available(ticket, lead)
        try:
            do(verb, ticket, lead)
            done = True
        except DomainError:
            done = False
        # An escalation of something that has its result is allowed, but nobody needs the button.
        if verb == "escalate" and status == "resolved":
            assert not offered
            continue
        assert done == offered, (verb, status)


@pytest.mark.parametrize("role", [Role.CUSTOMER, Role.FINANCE, Role.AUDITOR])
@pytest.mark.parametrize(
    "verb",
    [
        verb
        for verb in TABLE
        if verb not in {"write", "withdraw", "confirm", "decline", "rate", "request_review", "unspam"}
    ],
)
def test_who_does_not_work_cases_changes_nothing(verb, role, db):
    status = {"resume": "pending", "close": "resolved", "reopen": "resolved"}.get(verb, "open")
    ticket = make_ticket_in(status)
    if verb == "note" and role == Role.FINANCE:
        actions.note(ticket, "已打款", actor=make_user(role))
        return
    before = snapshot(ticket)
    with pytest.raises(NotAllowed):
        do(verb, ticket, make_user(role))
    assert snapshot(ticket) == before


@pytest.mark.parametrize("verb", ["close"])
def test_an_agent_may_not_do_what_is_for_leads(verb, db):
    ticket = make_ticket_in("resolved")
    before = snapshot(ticket)
    with pytest.raises(NotAllowed):
        do(verb, ticket, make_user(Role.AGENT))
    assert snapshot(ticket) == before


def test_every_event_raises_the_version_and_carries_it(lead):
    ticket = make_ticket()
    actions.take(ticket, actor=lead, at=NOW)
    actions.reply(ticket, "今天 18:00 前回复您。", actor=lead, at=NOW)
    actions.resolve(ticket, "可以退。", actor=lead, at=NOW)
    versions = list(ticket.events.order_by("id").values_list("version", flat=True))
    assert versions == sorted(set(versions))
    assert versions[-1] == fresh(ticket).version


def test_a_stale_page_is_told_what_changed_and_by_whom(lead):
    ticket = make_ticket_in("open")
    seen = ticket.version
    colleague = make_user(name="李航")
    actions.note(ticket, "已请质检看", actor=colleague, at=NOW)
    before = snapshot(ticket)
    with pytest.raises(Conflict) as refusal:
        actions.reply(ticket, "明天告诉您", actor=lead, version=seen, at=NOW)
    events = refusal.value.details["events"]
    assert [(event.kind, event.actor.name) for event in events] == [("message.noted", "李航")]
    assert refusal.value.details["version"] == fresh(ticket).version
    assert snapshot(ticket) == before


def test_what_the_system_did_meanwhile_stands_in_nobodys_way(lead):
    ticket = make_ticket_in("open")
    seen = ticket.version
    actions.tell(fresh(ticket), "ticket.withdrawn", at=NOW)
    actions.reply(ticket, "明天 12:00 前告诉您。", actor=lead, version=seen, at=NOW)
    assert ticket.messages.filter(author_kind="staff").exists()


# ── two at once, on real connections ─────────────────────────────────────────


@pytest.mark.django_db(transaction=True)
def test_two_colleagues_who_take_the_same_case_get_one_owner():
    first, second = make_user(), make_user()
    ticket = make_ticket()
    found = at_once(lambda: actions.take(ticket, actor=first), lambda: actions.take(ticket, actor=second))
    assert sum(isinstance(result, Conflict) for result in found) == 1
    assert fresh(ticket).assignee in {first, second}
    assert ticket.events.filter(kind="ticket.taken").count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_colleagues_who_press_take_next_get_two_cases():
    first, second = make_user(), make_user()
    make_ticket(), make_ticket()
    found = at_once(lambda: actions.take_next(actor=first), lambda: actions.take_next(actor=second))
    assert None not in found
    assert len({ticket.pk for ticket in found}) == 2


@pytest.mark.django_db(transaction=True)
def test_two_answers_written_from_the_same_page_are_not_both_sent():
    first, second = make_user(), make_user()
    ticket = make_ticket_in("open")
    seen = ticket.version
    found = at_once(
        lambda: actions.reply(ticket, "可以退。", actor=first, version=seen),
        lambda: actions.reply(ticket, "不能退。", actor=second, version=seen),
    )
    assert sum(isinstance(result, Conflict) for result in found) == 1
    assert ticket.messages.filter(author_kind="staff").count() == 1


@pytest.mark.django_db(transaction=True)
def test_resolving_and_withdrawing_at_once_ends_in_one_of_both_never_between():
    agent = make_user()
    ticket = make_ticket_in("open")
    at_once(lambda: actions.resolve(ticket, "可以退。", actor=agent), lambda: actions.withdraw(ticket))
    now = fresh(ticket)
    assert (now.status, now.close_reason) in {("closed", "withdrawn")} or now.status == "resolved"
    if now.status == "resolved":
        pytest.fail("a withdrawal that came second must close the case")


@pytest.mark.django_db(transaction=True)
def test_confirming_twice_at_once_closes_once():
    ticket = make_ticket_in("resolved")
    found = at_once(lambda: actions.confirm(ticket), lambda: actions.confirm(ticket))
    assert not any(isinstance(result, Exception) for result in found)
    assert ticket.events.filter(kind="ticket.confirmed").count() == 1


def test_a_foreign_colleague_can_not_be_given_a_case_of_another_shop(lead):
    ticket = make_ticket(merchant=make_merchant())
    foreign = make_user(merchants=[make_merchant()])
    before = snapshot(ticket)
    with pytest.raises(DomainError):
        actions.assign(ticket, actor=lead, assignee=foreign, at=NOW + timedelta(minutes=1))
    assert snapshot(ticket) == before
