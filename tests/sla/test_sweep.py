"""The sweep and what follows a miss, step by step, at exact instants."""

import threading
from datetime import datetime, timedelta

import pytest
from django.db import connection, connections

from common.errors import Conflict, NotAllowed
from common.events import event_recorded
from sla.actions import workflow
from sla.actions.breaches import acknowledge, set_promise
from sla.actions.sweep import sweep
from sla.actions.workflow import run_steps
from sla.models import (
    Breach,
    BreachStep,
    Clock,
    ClockState,
    SlaEvent,
    StepState,
    WorkflowStep,
)
from tests.factories import SHANGHAI, make_team, make_user
from tests.factories_tickets import make_many, make_route, make_ticket
from tickets import actions
from tickets.models import Message, Ticket

pytestmark = pytest.mark.django_db

MONDAY = datetime(2026, 3, 9, 14, 30, tzinfo=SHANGHAI)
DUE = datetime(2026, 3, 9, 18, 30, tzinfo=SHANGHAI)
SECOND = timedelta(seconds=1)


def routed() -> tuple[Ticket, object, object]:
    """A case of a team with a lead, and a manager."""
    lead, manager = make_user("lead", name="王敏"), make_user("manager", name="李航")
    make_route(make_team(lead=lead))
    return make_ticket(at=MONDAY), lead, manager


def kinds() -> list[str]:
    return sorted(SlaEvent.objects.values_list("kind", flat=True))


def test_what_fell_due_two_seconds_ago_is_recorded_once() -> None:
    ticket = make_ticket(at=MONDAY)
    assert sweep(at=DUE + SECOND).breached == 0
    assert sweep(at=DUE + 2 * SECOND).breached == 1
    assert sweep(at=DUE + 4 * SECOND).breached == 0
    breach = Breach.objects.get()
    assert (breach.ticket_id, breach.metric, breach.due_at, breach.step) == (
        ticket.pk,
        "first_response",
        DUE,
        BreachStep.RECORDED,
    )
    clock = breach.clock
    assert (clock.state, clock.judged_at, clock.breached_at) == (ClockState.RUNNING, DUE, DUE + 2 * SECOND)


def test_each_threshold_warns_once() -> None:
    make_ticket(at=MONDAY)
    assert sweep(at=DUE - timedelta(hours=1) - SECOND).warned == 0
    assert sweep(at=DUE - timedelta(hours=1)).warned == 1
    assert sweep(at=DUE - timedelta(minutes=30)).warned == 0
    warned = SlaEvent.objects.get()
    assert (warned.kind, warned.data["metric"], warned.data["percent"]) == ("sla.at_risk", "first_response", 75)


def test_a_miss_tells_the_customer_and_the_lead() -> None:
    ticket, lead, _manager = routed()
    sweep(at=DUE + 2 * SECOND)
    assert run_steps(at=DUE + 3 * SECOND).done == 2
    breach, told = Breach.objects.get(), Message.objects.get(author_kind="system")
    assert told.template == "sla.late"
    recovery = breach.recovery
    assert recovery.due_at == DUE + timedelta(hours=2) + 3 * SECOND
    assert told.facts == {
        "metric": "first_response",
        "due_at": breach.due_at.isoformat(),
        "why": "nobody",
        "ahead": 0,
        "lead": lead.pk,
        "recovery_due_at": recovery.due_at.isoformat(),
    }
    assert (breach.step, breach.escalated_to_id) == (BreachStep.ESCALATED, lead.pk)
    assert kinds() == ["sla.breached", "sla.escalated", "sla.recovery_promised", "sla.told"]
    assert Ticket.objects.get(pk=ticket.pk).due_at == DUE
    assert run_steps(at=DUE + 4 * SECOND).done == 0


def test_the_apology_leaves_the_late_clock_running_and_an_answer_ends_both() -> None:
    ticket, _lead, _manager = routed()
    sweep(at=DUE + 2 * SECOND)
    run_steps(at=DUE + 3 * SECOND)
    assert set(Clock.objects.filter(metric__in=["first_response", "recovery"]).values_list("state", flat=True)) == {
        ClockState.RUNNING
    }
    actions.reply(ticket, "今天给您换新的。", actor=make_user(), at=DUE + timedelta(hours=1))
    assert Clock.objects.get(metric="recovery").is_kept
    assert Breach.objects.get().late_by == timedelta(hours=1)


def test_a_second_miss_makes_no_new_automatic_promise_but_names_a_person() -> None:
    ticket, lead, manager = routed()
    sweep(at=DUE + 2 * SECOND)
    run_steps(at=DUE + 3 * SECOND)
    again = Clock.objects.get(metric="recovery").due_at
    sweep(at=again + 2 * SECOND)
    run_steps(at=again + 3 * SECOND)
    second = Breach.objects.get(metric="recovery")
    assert (second.repeat, second.step, second.recovery_id) == (2, BreachStep.HANDED_OVER, None)
    handed = SlaEvent.objects.get(kind="sla.handed_over")
    assert (handed.data["to"], handed.data["managers"]) == ([lead.pk], [manager.pk])
    assert Ticket.objects.get(pk=ticket.pk).assignee_id == lead.pk
    assert Message.objects.filter(template="sla.missed_again").count() == 1
    assert Clock.objects.filter(metric="recovery").count() == 1


def test_a_lead_names_the_time_themselves_after_a_second_miss() -> None:
    ticket, lead, _manager = routed()
    sweep(at=DUE + 2 * SECOND)
    run_steps(at=DUE + 3 * SECOND)
    again = Clock.objects.get(metric="recovery").due_at
    first = Breach.objects.get()
    with pytest.raises(Conflict):
        set_promise(first, by_when=again, actor=lead, at=DUE + timedelta(minutes=5))
    sweep(at=again + 2 * SECOND)
    run_steps(at=again + 3 * SECOND)
    at, by_when = again + timedelta(minutes=5, microseconds=250), again + timedelta(hours=1)
    promise = set_promise(Breach.objects.get(metric="recovery"), by_when=by_when, actor=lead, at=at)
    assert (promise.due_at, promise.promised_by_id) == (by_when, lead.pk)
    assert Message.objects.filter(template="sla.promised_by_person").count() == 1
    actions.reply(ticket, "我是王敏，刚才电话里说的都办好了。", actor=lead, at=by_when)
    assert Clock.objects.get(pk=promise.pk).is_kept


def test_only_the_lead_of_the_team_or_a_manager_acknowledges() -> None:
    _ticket, lead, manager = routed()
    sweep(at=DUE + 2 * SECOND)
    run_steps(at=DUE + 3 * SECOND)
    breach = Breach.objects.get()
    for stranger in (make_user("agent"), make_user("lead"), make_user("finance")):
        with pytest.raises(NotAllowed):
            acknowledge(breach, actor=stranger)
    acknowledge(breach, actor=lead, at=DUE + timedelta(minutes=10))
    acknowledge(breach, actor=manager, at=DUE + timedelta(minutes=11))
    breach.refresh_from_db()
    assert (breach.acknowledged_by_id, breach.step) == (lead.pk, BreachStep.ACKNOWLEDGED)
    assert SlaEvent.objects.filter(kind="sla.acknowledged").count() == 1


def test_an_escalation_nobody_acknowledges_climbs_to_the_manager() -> None:
    _ticket, _lead, manager = routed()
    sweep(at=DUE + 2 * SECOND)
    run_steps(at=DUE + 3 * SECOND)
    run_steps(at=DUE + timedelta(minutes=30))
    assert SlaEvent.objects.filter(kind="sla.escalated").count() == 1
    run_steps(at=DUE + timedelta(minutes=31))
    assert SlaEvent.objects.filter(kind="sla.escalated").latest("id").data["to"] == [manager.pk]


def told_up() -> list[datetime]:
    """When managers were told that nobody acknowledged."""
    told = SlaEvent.objects.filter(kind="sla.escalated", data__level__gt=1)
    return list(told.order_by("id").values_list("at", flat=True))


def test_the_manager_is_told_again_every_hour_at_most_eight_times() -> None:
    _ticket, _lead, manager = routed()
    sweep(at=DUE + 2 * SECOND)
    Clock.objects.filter(metric="resolution").delete()
    run_steps(at=DUE + 3 * SECOND)
    Clock.objects.filter(metric="recovery").delete()
    first = DUE + 3 * SECOND + timedelta(minutes=30)
    for hour in range(12):
        run_steps(at=first + timedelta(hours=hour) - SECOND)
        run_steps(at=first + timedelta(hours=hour))
        run_steps(at=first + timedelta(hours=hour))
    assert told_up() == [first + timedelta(hours=hour) for hour in range(8)]
    assert {tuple(event.data["to"]) for event in SlaEvent.objects.filter(data__level__gt=1)} == {(manager.pk,)}
    rounds = WorkflowStep.objects.filter(kind="escalate_up").order_by("round")
    assert list(rounds.values_list("round", "state")) == [(number, StepState.DONE) for number in range(1, 9)]


def test_an_urgent_case_reaches_the_manager_every_half_hour() -> None:
    lead = make_user("lead")
    make_user("manager")
    make_route(make_team(lead=lead))
    make_ticket(at=MONDAY, priority="urgent")
    due = Clock.objects.get(metric="first_response").due_at
    sweep(at=due + 2 * SECOND)
    run_steps(at=due + 2 * SECOND)
    for minute in range(0, 80, 5):
        run_steps(at=due + 2 * SECOND + timedelta(minutes=minute))
    assert told_up() == [due + 2 * SECOND + timedelta(minutes=minutes) for minutes in (15, 45, 75)]


def test_a_word_from_the_lead_ends_the_climb() -> None:
    _ticket, lead, _manager = routed()
    sweep(at=DUE + 2 * SECOND)
    run_steps(at=DUE + 2 * SECOND)
    up = DUE + 2 * SECOND + timedelta(minutes=30)
    run_steps(at=up)
    acknowledge(Breach.objects.get(), actor=lead, at=up + timedelta(minutes=10))
    run_steps(at=up + timedelta(hours=1))
    run_steps(at=up + timedelta(hours=2))
    assert told_up() == [up]
    assert not WorkflowStep.objects.exclude(state=StepState.DONE).exists()


def test_after_a_standstill_the_manager_is_told_once_not_once_an_hour() -> None:
    routed()
    sweep(at=DUE + 2 * SECOND)
    run_steps(at=DUE + 3 * SECOND)
    up = DUE + timedelta(hours=1, minutes=59)
    run_steps(at=up)
    run_steps(at=up + SECOND)
    assert told_up() == [up]


def test_after_a_second_miss_only_that_one_is_spoken_of() -> None:
    routed()
    sweep(at=DUE + 2 * SECOND)
    run_steps(at=DUE + 3 * SECOND)
    again = Clock.objects.get(metric="recovery").due_at
    sweep(at=again + 2 * SECOND)
    run_steps(at=again + 2 * SECOND)
    before = len(told_up())
    for minute in range(0, 125, 5):
        run_steps(at=again + 2 * SECOND + timedelta(minutes=minute))
    assert told_up()[before:] == [again + 2 * SECOND + timedelta(hours=hours) for hours in (1, 2)]
    second = Breach.objects.get(metric="recovery")
    assert set(SlaEvent.objects.filter(data__level__gt=1, at__gt=again + 2 * SECOND).values_list("breach")) == {
        (second.pk,)
    }


def test_a_withdrawn_case_is_told_nothing_more() -> None:
    ticket, _lead, _manager = routed()
    sweep(at=DUE + 2 * SECOND)
    actions.withdraw(ticket, at=DUE + 2 * SECOND)
    run_steps(at=DUE + 3 * SECOND)
    assert not Message.objects.filter(template__startswith="sla.").exists()
    assert set(WorkflowStep.objects.values_list("state", flat=True)) == {StepState.DONE}


def test_a_bad_row_is_parked_with_its_error_and_the_others_go_on(monkeypatch) -> None:
    tickets = make_many(3, at=MONDAY)
    sweep(at=DUE + 2 * SECOND)
    good = workflow._facts

    def fails_for_one(breach, ticket, ahead):
        if ticket.pk == tickets[1].pk:
            raise RuntimeError("broken row")
        return good(breach, ticket, ahead)

    monkeypatch.setattr(workflow, "_facts", fails_for_one)
    run_steps(at=DUE + 3 * SECOND)
    parked = WorkflowStep.objects.get(state=StepState.PARKED)
    assert (parked.breach.ticket_id, parked.error, parked.attempts) == (tickets[1].pk, "RuntimeError: broken row", 1)
    assert Message.objects.filter(template="sla.late").count() == 2
    monkeypatch.setattr(workflow, "_facts", good)
    run_steps(at=DUE + timedelta(minutes=3))
    assert Message.objects.filter(template="sla.late").count() == 3


def test_a_list_of_breaches_costs_as_many_statements_as_one(django_assert_max_num_queries) -> None:
    counts = []
    for many in (2, 40):
        make_many(many, at=MONDAY)
        sweep(at=DUE + 2 * SECOND)
        with django_assert_max_num_queries(80) as seen:
            run_steps(at=DUE + 3 * SECOND)
        counts.append(len(seen))
    assert abs(counts[1] - counts[0]) <= 2


@pytest.mark.django_db(transaction=True)
def test_two_sweeps_at_once_make_one_breach_each() -> None:
    """Real connections, all clocks due, four sweeps started together."""
    make_many(60, at=MONDAY)
    start, errors = threading.Barrier(4), []

    def run() -> None:
        try:
            start.wait()
            sweep(at=DUE + 2 * SECOND)
            run_steps(at=DUE + 3 * SECOND)
        except Exception as error:
            errors.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(4)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    run_steps(at=DUE + 3 * SECOND)
    assert errors == []
    assert Breach.objects.count() == SlaEvent.objects.filter(kind="sla.breached").count() == 60
    assert Message.objects.filter(template="sla.late").count() == 60
    assert SlaEvent.objects.filter(kind="sla.escalated").count() == 60


def test_an_idle_sweep_asks_two_questions(django_assert_num_queries) -> None:
    make_ticket(at=MONDAY)
    assert connection.in_atomic_block
    with django_assert_num_queries(6):
        sweep(at=MONDAY)


def test_events_carry_their_case(django_assert_num_queries) -> None:
    heard = []

    def hear(sender, events, **_kwargs) -> None:
        with django_assert_num_queries(0):
            heard.extend((event.kind, event.ticket.number) for event in events if event.kind.startswith("sla."))

    event_recorded.connect(hear, weak=False, dispatch_uid="test")
    try:
        ticket, _lead, _manager = routed()
        sweep(at=DUE + 2 * SECOND)
        run_steps(at=DUE + 3 * SECOND)
    finally:
        event_recorded.disconnect(dispatch_uid="test")
    assert {number for _kind, number in heard} == {ticket.number}
    assert [kind for kind, _number in heard] == ["sla.breached", "sla.escalated", "sla.told", "sla.recovery_promised"]
