"""Clocks against the table of design.md 6: each metric, each event, exact instants."""

from datetime import datetime, timedelta

import pytest

from sla.metrics import RECOVERY
from sla.models import Breach, Clock, ClockState, Terms
from tests.factories import SHANGHAI, make_user
from tests.factories_tickets import make_ticket
from tickets import actions
from tickets.models import FAR_FUTURE, Priority, Ticket

pytestmark = pytest.mark.django_db

MONDAY = datetime(2026, 3, 9, 14, 30, tzinfo=SHANGHAI)


def hour(text: str, day: int = 9) -> datetime:
    hours, minutes = map(int, text.split(":"))
    return datetime(2026, 3, day, hours, minutes, tzinfo=SHANGHAI)


def clock(ticket: Ticket, metric: str, cycle: int = 1) -> Clock:
    return Clock.objects.get(ticket=ticket, metric=metric, cycle=cycle)


def fresh(ticket: Ticket) -> Ticket:
    return Ticket.objects.get(pk=ticket.pk)


def test_filing_promises_an_answer_and_a_result() -> None:
    ticket = make_ticket(at=MONDAY)
    first, result = clock(ticket, "first_response"), clock(ticket, "resolution")
    assert (first.due_at, first.promised_at, first.state) == (hour("18:30"), hour("18:30"), ClockState.RUNNING)
    assert first.warn_at == first.next_warn_at == hour("17:30")
    assert result.due_at == MONDAY + timedelta(hours=72)
    assert (fresh(ticket).due_at, fresh(ticket).warn_at, fresh(ticket).due_metric) == (
        hour("18:30"),
        hour("17:30"),
        "first_response",
    )
    assert Terms.objects.get(pk=ticket.pk).policy_set.number == 1


@pytest.mark.parametrize(
    ("priority", "due"),
    [("urgent", hour("21:30")), ("high", hour("10:00", 10)), ("normal", hour("12:00", 10)), ("low", hour("16:00", 10))],
)
def test_each_priority_has_its_time_in_working_hours(priority: str, due: datetime) -> None:
    ticket = make_ticket(at=hour("21:00"), priority=priority)
    assert clock(ticket, "first_response").due_at == due


def test_praise_has_a_clock_of_its_own() -> None:
    ticket = make_ticket(at=MONDAY, kind="praise")
    first = clock(ticket, "first_response")
    assert (first.target, first.due_at) == ({"working_days": 2}, datetime(2026, 3, 12, 0, 0, tzinfo=SHANGHAI))


def test_an_answer_meets_the_first_clock_and_the_result_runs_on() -> None:
    ticket = make_ticket(at=MONDAY)
    actions.reply(ticket, "已查到包裹。", actor=make_user(), at=hour("18:30"))
    first = clock(ticket, "first_response")
    assert (first.state, first.ended_at, first.breached_at, first.judged_at) == (
        ClockState.MET,
        hour("18:30"),
        None,
        hour("18:30"),
    )
    assert (fresh(ticket).due_metric, fresh(ticket).due_at) == ("resolution", MONDAY + timedelta(hours=72))


def test_a_late_answer_before_the_sweep_is_still_a_breach() -> None:
    ticket = make_ticket(at=MONDAY)
    actions.reply(ticket, "已查到。", actor=make_user(), at=hour("18:30") + timedelta(seconds=1))
    first, breach = clock(ticket, "first_response"), Breach.objects.get()
    assert (first.state, first.judged_at) == (ClockState.MET, hour("18:30"))
    assert (breach.clock_id, breach.late_by, breach.repeat) == (first.pk, timedelta(seconds=1), 1)
    assert sorted(breach.steps.values_list("kind", flat=True)) == ["escalate", "tell"]


def test_what_the_system_says_touches_no_clock() -> None:
    ticket = make_ticket(at=MONDAY)
    actions.tell(ticket, "ticket.closed_silent", at=hour("15:00"))
    assert clock(ticket, "first_response").state == ClockState.RUNNING


def test_a_note_touches_no_clock() -> None:
    ticket = make_ticket(at=MONDAY)
    actions.note(ticket, "在查", actor=make_user(), at=hour("15:00"))
    assert clock(ticket, "first_response").state == ClockState.RUNNING


def test_the_first_unanswered_message_starts_the_next_answer() -> None:
    ticket, agent = make_ticket(at=MONDAY), make_user()
    actions.write(ticket, "还有一件事", at=hour("14:40"))
    assert not Clock.objects.filter(metric="next_response").exists()
    actions.reply(ticket, "请说", actor=agent, at=hour("14:50"))
    actions.write(ticket, "壶盖也坏了", at=hour("15:00"))
    actions.write(ticket, "还在吗", at=hour("16:00"))
    assert clock(ticket, "next_response").due_at == hour("19:00")
    actions.reply(ticket, "在，换新的给您", actor=agent, at=hour("16:30"))
    assert clock(ticket, "next_response").state == ClockState.MET
    actions.write(ticket, "好", at=hour("17:00"))
    assert Clock.objects.filter(metric="next_response", state=ClockState.RUNNING).get().due_at == hour("21:00")
    actions.resolve(ticket, "已寄出新壶，3 月 12 日前到。", actor=agent, at=hour("17:30"))
    assert Clock.objects.filter(metric="next_response", state=ClockState.CANCELLED).count() == 1
    assert clock(ticket, "resolution").state == ClockState.MET
    assert fresh(ticket).due_at == FAR_FUTURE


def test_waiting_stops_the_result_clock_and_its_answer_starts_it_again() -> None:
    ticket, agent = make_ticket(at=MONDAY), make_user()
    actions.reply(ticket, "请发照片", actor=agent, at=hour("15:30"))
    actions.wait(ticket, actor=agent, reason="customer_facts", at=hour("15:30"))
    paused = clock(ticket, "resolution")
    assert (paused.state, paused.due_at) == (ClockState.PAUSED, None)
    assert fresh(ticket).due_at == FAR_FUTURE
    actions.write(ticket, "照片在这", at=hour("20:30"))
    resumed = clock(ticket, "resolution")
    assert (resumed.state, resumed.due_at) == (ClockState.RUNNING, MONDAY + timedelta(hours=77))
    assert resumed.pauses == [[hour("15:30").isoformat(), hour("20:30").isoformat(), "customer_facts"]]
    assert resumed.promised_at == MONDAY + timedelta(hours=72)


def test_the_first_answer_is_owed_through_a_wait() -> None:
    ticket = make_ticket(at=MONDAY)
    actions.hold(ticket, actor=make_user(), reason="carrier", at=hour("15:00"))
    assert clock(ticket, "first_response").due_at == hour("18:30")
    assert (fresh(ticket).due_metric, fresh(ticket).due_at) == ("first_response", hour("18:30"))


def test_resolving_meets_first_answer_and_result() -> None:
    ticket = make_ticket(at=MONDAY)
    actions.resolve(ticket, "原路退 199.00 元。", actor=make_user(), at=hour("15:00"))
    assert clock(ticket, "first_response").state == clock(ticket, "resolution").state == ClockState.MET


def test_resolving_while_waiting_leaves_the_wait_out() -> None:
    ticket, agent = make_ticket(at=MONDAY), make_user()
    actions.reply(ticket, "问承运商", actor=agent, at=hour("15:00"))
    actions.hold(ticket, actor=agent, reason="carrier", at=hour("15:00"))
    at = MONDAY + timedelta(hours=72, minutes=30)
    actions.resolve(ticket, "包裹已找到，今天送到。", actor=agent, at=at)
    result = clock(ticket, "resolution")
    assert (result.state, result.breached_at) == (ClockState.MET, None)
    assert result.due_at == MONDAY + timedelta(hours=144)


def test_reopening_goes_on_with_what_was_left() -> None:
    ticket, agent = make_ticket(at=MONDAY), make_user()
    actions.resolve(ticket, "已退款。", actor=agent, at=MONDAY + timedelta(hours=12))
    actions.decline(ticket, "没收到", at=hour("14:30", 11))
    again = clock(ticket, "resolution", cycle=2)
    assert again.target == {"seconds": 60 * 3600}
    assert again.due_at == hour("14:30", 11) + timedelta(hours=60)


def test_reopening_gives_at_least_four_working_hours() -> None:
    ticket, agent = make_ticket(at=MONDAY), make_user()
    actions.resolve(ticket, "已退款。", actor=agent, at=MONDAY + timedelta(hours=71))
    actions.decline(ticket, "没收到", at=hour("20:00", 13))
    assert clock(ticket, "resolution", cycle=2).due_at == hour("11:00", 14)


@pytest.mark.parametrize("ending", ["withdraw", "spam"])
def test_taking_back_cancels_every_clock(ending: str) -> None:
    ticket = make_ticket(at=MONDAY)
    if ending == "spam":
        actions.spam(ticket, actor=make_user(), at=hour("15:00"))
    else:
        actions.withdraw(ticket, at=hour("15:00"))
    assert set(Clock.objects.values_list("state", flat=True)) == {ClockState.CANCELLED}
    assert fresh(ticket).due_at == FAR_FUTURE
    assert not Breach.objects.exists()


def test_undoing_spam_brings_the_promises_back_as_they_were() -> None:
    ticket, agent = make_ticket(at=MONDAY), make_user()
    actions.spam(ticket, actor=agent, at=hour("15:00"))
    actions.unspam(ticket, actor=agent, at=hour("15:01"))
    first = clock(ticket, "first_response")
    assert (first.state, first.due_at) == (ClockState.RUNNING, hour("18:30"))
    assert fresh(ticket).due_at == hour("18:30")


def test_a_raised_priority_makes_it_due_earlier_and_keeps_the_first_promise() -> None:
    ticket, agent = make_ticket(at=MONDAY), make_user()
    actions.prioritise(ticket, actor=agent, priority=Priority.HIGH, at=hour("15:00"))
    first = clock(ticket, "first_response")
    assert (first.due_at, first.promised_at) == (hour("16:30"), hour("18:30"))
    assert fresh(ticket).due_at == hour("16:30")


def test_a_raise_beyond_the_time_used_counts_from_now_and_is_no_breach() -> None:
    ticket, agent = make_ticket(at=MONDAY), make_user()
    actions.prioritise(ticket, actor=agent, priority=Priority.URGENT, at=hour("17:00"))
    assert clock(ticket, "first_response").due_at == hour("17:30")
    assert not Breach.objects.exists()


def test_a_raised_priority_never_gives_a_later_due_time() -> None:
    ticket, agent = make_ticket(at=MONDAY), make_user()
    actions.prioritise(ticket, actor=agent, priority=Priority.HIGH, at=hour("18:00"))
    assert clock(ticket, "first_response").due_at == hour("18:30")


def test_a_lowered_priority_may_be_due_later() -> None:
    ticket, agent = make_ticket(at=MONDAY), make_user()
    actions.prioritise(ticket, actor=agent, priority=Priority.LOW, at=hour("15:00"))
    first = clock(ticket, "first_response")
    assert (first.due_at, first.promised_at) == (hour("9:30", 10), hour("18:30"))


def test_a_case_keeps_the_set_it_was_opened_under() -> None:
    ticket, agent = make_ticket(at=MONDAY), make_user()
    before = Terms.objects.get(pk=ticket.pk)
    actions.describe(ticket, actor=agent, kind="praise", at=hour("15:00"))
    after = Terms.objects.get(pk=ticket.pk)
    assert after.policy_set_id == before.policy_set_id
    assert after.policy_id != before.policy_id
    assert clock(ticket, "first_response").due_at == hour("18:30")


def test_five_hundred_cases_cost_as_many_statements_as_five(django_assert_max_num_queries) -> None:
    make_ticket(at=MONDAY)
    counts = []
    for many in (5, 60):
        filings = [actions.Filing(body=f"第 {n} 个壶漏水") for n in range(many)]
        with django_assert_max_num_queries(60) as seen:
            actions.open_many(filings, at=MONDAY)
        counts.append(len(seen))
    assert counts[0] == counts[1]
    assert Clock.objects.count() == 132


def test_a_recovery_clock_is_none_of_the_policys() -> None:
    make_ticket(at=MONDAY)
    assert not Clock.objects.filter(metric=RECOVERY).exists()


def test_asking_another_person_owes_an_answer_within_four_working_hours() -> None:
    ticket, agent = make_ticket(at=MONDAY, priority="low"), make_user()
    actions.resolve(ticket, "不能退。", actor=agent, at=hour("15:00"))
    actions.request_review(ticket, "没看我的照片", at=hour("20:00"))
    review = Clock.objects.get(metric="next_response", state=ClockState.RUNNING)
    # Two hours until 22:00, two from 9:00 on.
    assert review.due_at == review.promised_at == hour("11:00", 10)
    event = ticket.sla_events.get(kind="sla.review_promised")
    assert datetime.fromisoformat(event.data["due_at"]) == review.due_at


def test_asking_another_person_shortens_a_later_promise_and_leaves_a_nearer_one() -> None:
    agent, seen = make_user(), []
    for priority in ("low", "urgent"):
        ticket = make_ticket(at=MONDAY, priority=priority)
        actions.reply(ticket, "请说", actor=agent, at=hour("14:40"))
        actions.write(ticket, "壶盖也坏了", at=hour("14:50"))
        before = clock(ticket, "next_response").due_at
        actions.request_review(ticket, at=hour("15:00"))
        now = clock(ticket, "next_response")
        seen.append((before > hour("19:00"), now.due_at))
        assert fresh(ticket).due_at == now.due_at
        assert Clock.objects.filter(ticket=ticket, metric="next_response").count() == 1
    assert seen == [(True, hour("19:00")), (False, seen[1][1])]
    assert seen[1][1] < hour("19:00")


def test_who_asks_another_person_while_the_next_answer_is_late_keeps_the_promise_that_makes_up_for_it() -> None:
    ticket, agent = make_ticket(at=MONDAY), make_user()
    actions.reply(ticket, "请说", actor=agent, at=hour("14:40"))
    actions.write(ticket, "壶盖也坏了", at=hour("14:50"))
    actions.request_review(ticket, at=hour("20:00"))
    assert clock(ticket, "next_response").due_at == hour("18:50")
    assert not ticket.sla_events.filter(kind="sla.review_promised").exists()
