"""Whatever happens to a case: each clock is decided once, and what the queue shows is what its clocks say."""

from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from common.errors import DomainError
from sla.actions.sweep import sweep
from sla.metrics import ANSWERABLE
from sla.models import LIVE, Breach, Clock, ClockState
from tests.factories import SHANGHAI, make_organisation, make_user
from tickets import actions
from tickets.models import FAR_FUTURE, Ticket

pytestmark = pytest.mark.django_db

START = datetime(2026, 3, 9, 8, 0, tzinfo=SHANGHAI)
STEPS = {
    "reply": lambda t, a, at: actions.reply(t, "查到了", actor=a, at=at),
    "write": lambda t, a, at: actions.write(t, "还有", at=at),
    "wait": lambda t, a, at: actions.wait(t, actor=a, reason="customer_facts", at=at),
    "hold": lambda t, a, at: actions.hold(t, actor=a, reason="carrier", at=at),
    "resume": lambda t, a, at: actions.resume(t, actor=a, at=at),
    "resolve": lambda t, a, at: actions.resolve(t, "已退款", actor=a, at=at),
    "decline": lambda t, a, at: actions.decline(t, "没收到", at=at),
    "withdraw": lambda t, a, at: actions.withdraw(t, at=at),
    "spam": lambda t, a, at: actions.spam(t, actor=a, at=at),
    "unspam": lambda t, a, at: actions.unspam(t, actor=a, at=at),
    "urgent": lambda t, a, at: actions.prioritise(t, actor=a, priority="urgent", at=at),
    "low": lambda t, a, at: actions.prioritise(t, actor=a, priority="low", at=at),
    "praise": lambda t, a, at: actions.describe(t, actor=a, kind="praise", at=at),
    "sweep": lambda t, a, at: sweep(at=at),
}


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(st.sampled_from(sorted(STEPS)), st.integers(min_value=1, max_value=60 * 30)), min_size=1, max_size=12
    )
)
def test_each_clock_is_decided_once_in_any_history(history) -> None:
    make_organisation()
    agent = make_user()
    ticket, at = actions.open_ticket(actions.Filing(body="水壶漏水"), at=START), START
    promised = {clock.pk: clock.promised_at for clock in ticket.clocks.all()}
    for name, minutes in history:
        at += timedelta(minutes=minutes)
        try:
            STEPS[name](Ticket.objects.get(pk=ticket.pk), agent, at)
        except DomainError:
            continue
        clocks = list(ticket.clocks.all())
        live = [c for c in clocks if c.state == ClockState.RUNNING and c.side in ANSWERABLE]
        assert Ticket.objects.get(pk=ticket.pk).due_at == min((c.due_at for c in live), default=FAR_FUTURE)
        assert len({(c.metric, c.recovers) for c in clocks if c.state in LIVE}) == sum(c.state in LIVE for c in clocks)
        breached = {c.pk for c in clocks if c.is_breached}
        assert breached == set(Breach.objects.filter(ticket=ticket).values_list("clock_id", flat=True))
        for clock in clocks:
            assert promised.setdefault(clock.pk, clock.promised_at) == clock.promised_at
            if clock.state == ClockState.MET:
                late = clock.missed_by(clock.ended_at)
                assert clock.is_breached == late or clock.is_breached
                assert clock.judged_at == (clock.judged_at if clock.is_breached else clock.ended_at)
    assert Clock.objects.filter(ticket=ticket, state__in=LIVE, ended_at__isnull=False).count() == 0
