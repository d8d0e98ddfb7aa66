"""The cases that make the demo alive at whatever hour it is started: some due within minutes, some late."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from demo.history import Case, Play
from demo.purchases import Purchase
from demo.stories import STORIES, Story
from tickets.models import Priority


def _story(category: str) -> Story:
    return next(story for story in STORIES if story.category == category)


def plan(play: Play, sold: list[Purchase], now: datetime) -> int:
    """Plan today's cases; returns how many there are."""
    hours = play.stage.hours

    def newest(category: str) -> Case:
        story = _story(category)
        fitting = [p for p in sold if p.article.family in story.families and p.signed_at < now]
        return play.case(play.random.choice(fitting[-40:]), story=story)

    def unanswered(category: str, due_in: timedelta, priority: str, target: timedelta) -> None:
        """Nobody has answered yet, and the first answer is due `due_in` from now (negative: late)."""
        opened_at = _opened_for(hours.add, now + due_in, target, urgent=priority == Priority.URGENT)
        case = newest(category)
        play.stage.at(opened_at, lambda at: play.open(case, at, priority=priority, channel="form"))

    def unresolved(category: str, due_in: timedelta) -> None:
        """Answered in time; the result (72 hours on the clock) is due `due_in` from now."""
        case, opened_at = newest(category), now + due_in - timedelta(hours=72)
        first = play.stage.work(opened_at, 40)
        play.stage.at(opened_at, lambda at: play.open(case, at, priority=Priority.NORMAL, channel="form"))
        play.stage.at(first, lambda at: play.take(case, at))
        play.stage.at(first + timedelta(minutes=4), lambda at: play.answer(case, at, case.story.answer[0]))

    for category, due_in in (("refund-late", 9), ("quality-leak", 17), ("wrong-gift", 26), ("delivery-late", 52)):
        unanswered(category, _minutes(due_in), Priority.HIGH, _minutes(120))
    for category, due_in in (("quality-leak", 110), ("invoice", 125), ("wrong-missing", 200), ("refund-exchange", 220)):
        unanswered(category, _minutes(due_in), Priority.NORMAL, _minutes(240))
    unanswered("safety-hurt", _minutes(-11), Priority.URGENT, _minutes(30))
    unanswered("delivery-lost", _minutes(-38), Priority.HIGH, _minutes(120))
    unanswered("safety-fire", _minutes(14), Priority.URGENT, _minutes(30))
    for category, due_in in (("quality-noise", 41), ("refund-refused", 150), ("warranty-slow", 460), ("promise", 900)):
        unresolved(category, _minutes(due_in))
    for category, due_in in (("delivery-damaged", -25), ("refund-freight", -190)):
        unresolved(category, _minutes(due_in))
    _customers_own(play, newest("quality-leak"), now)
    return 18


def _minutes(number: float) -> timedelta:
    return timedelta(minutes=number)


def _customers_own(play: Play, case: Case, now: datetime) -> None:
    """The case that customer@demo.test finds when she signs in: answered, and she has asked something."""
    customer = play.company.customer
    opened_at = now - timedelta(hours=26)
    first = play.stage.work(opened_at, 46)
    fields = {"requester": customer, "name": customer.name, "phone": customer.phone or "", "channel": "form"}
    play.stage.at(opened_at, lambda at: play.open(case, at, **fields))
    play.stage.at(first - timedelta(minutes=9), lambda at: play.take(case, at))
    play.stage.at(first, lambda at: play.answer(case, at, case.story.answer[0]))
    play.stage.at(now - timedelta(minutes=50), lambda at: play.write(case, at, case.story.talk[0][0]))


def _opened_for(
    add: Callable[[datetime, timedelta], datetime], due_at: datetime, target: timedelta, *, urgent: bool
) -> datetime:
    """When a case must have been opened for its first answer to be due at `due_at`, as near as the hours allow.

    Found by trying: working time can't be counted backwards over a night. Outside working hours no ordinary promise
    falls due within minutes; then the nearest one is taken.
    """
    if urgent:
        return due_at - target
    tries = [due_at - target - timedelta(minutes=5 * step) for step in range(24 * 12)]
    return min(tries, key=lambda opened: (abs(add(opened, target) - due_at), -opened.timestamp()))
