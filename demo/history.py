"""A year of cases, played step by step with the product's own verbs, each at its own moment.

Steps of all cases run in the order of time, and whatever a missed deadline does is done between them, as it would have
been. Steps that would lie in the future are left out: those cases are the ones that are open today.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from random import Random
from zoneinfo import ZoneInfo

from accounts.models import User
from calendars.models import Calendar
from calendars.worktime import WorkCalendar
from demo import people, pictures
from demo.company import Company
from demo.purchases import Purchase
from demo.stories import STORIES, Story
from tickets import actions
from tickets.models import Category, Status, Ticket
from tickets.models.ticket import Channel

ZONE = ZoneInfo("Asia/Shanghai")
#: Minutes to a first or next answer, as the seeded promises have them: urgent on the clock, others of working time.
TARGETS = {"urgent": 30, "high": 120, "normal": 240, "low": 480}
#: What fell due in these last hours is left for the running product to act on.
ALIVE = timedelta(hours=4)
CHANNELS = (
    (Channel.FORM, 60), (Channel.CHAT, 12), (Channel.PHONE, 12), (Channel.WECHAT, 8),
    (Channel.MAIL, 3), (Channel.SMS, 2), (Channel.C12315, 3),
)  # fmt: skip
Step = Callable[[datetime], None]


@dataclass
class Case:
    """One case while it is played."""

    story: Story
    purchase: Purchase
    random: Random
    company: Company
    ticket: Ticket | None = None
    agent: User | None = None
    answered: int = 0

    def words(self, text: str, at: datetime) -> str:
        """A story's text with what this customer bought and the day that is meant."""
        day = (at + timedelta(days=1)).astimezone(ZONE)
        name = "明天" if self.random.random() < 0.5 else f"{day.month} 月 {day.day} 日"
        return (
            text.replace("{p}", self.purchase.article.short)
            .replace("{paid}", str(self.purchase.line.paid))
            .replace("{batch}", self.purchase.batch)
            .replace("{day}", name)
        )

    def fresh(self) -> Ticket:
        assert self.ticket is not None
        self.ticket.refresh_from_db()
        return self.ticket


@dataclass
class Stage:
    """The clock of the play: steps wait in a heap and run in the order of time up to now."""

    now: datetime
    hours: WorkCalendar
    timeouts: Callable[[datetime], None]
    steps: list[tuple[datetime, int, Step]] = field(default_factory=list)
    order: count[int] = field(default_factory=count)

    def at(self, moment: datetime, step: Step) -> None:
        heapq.heappush(self.steps, (moment, next(self.order), step))

    def play(self, progress: Callable[[int], None]) -> None:
        done = 0
        while self.steps and self.steps[0][0] < self.now:
            moment, _number, step = heapq.heappop(self.steps)
            self.timeouts(min(moment, self.now - ALIVE))
            step(moment)
            done += 1
            if done % 100 == 0:
                progress(done)

    def work(self, start: datetime, minutes: float) -> datetime:
        """So many working minutes later."""
        return self.hours.add(start, timedelta(minutes=round(minutes)))


def working_hours() -> WorkCalendar:
    version = Calendar.objects.select_related("current").get(code="retail").current
    assert version is not None
    return version.worktime()


class Play:
    """Makes cases and their steps."""

    def __init__(self, company: Company, stage: Stage, random: Random) -> None:
        self.company, self.stage, self.random = company, stage, random
        self.categories = {category.code: category for category in Category.objects.all()}

    def case(self, purchase: Purchase, *, story: Story | None = None) -> Case:
        fitting = [s for s in STORIES if purchase.article.family in s.families]
        chosen = story or self.random.choices(fitting, weights=[s.weight for s in fitting])[0]
        return Case(chosen, purchase, self.random, self.company)

    # --- beginnings ----------------------------------------------------------------------------------------------

    def open(self, case: Case, at: datetime, **fields: object) -> None:
        """File the case: by the customer, or by a colleague for somebody on the phone."""
        random, story, purchase = self.random, case.story, case.purchase
        channel = random.choices([c for c, _w in CHANNELS], weights=[w for _c, w in CHANNELS])[0]
        surname, given = random.choice(people.SURNAMES), random.choice(people.GIVEN)
        key = ""
        if channel in {Channel.FORM, Channel.WECHAT} and random.random() < 0.12:
            key = actions.add_files("", [pictures.photo(random) for _turn in range(random.choice((1, 2)))], at=at)
        filing = actions.Filing(
            body=case.words(random.choice(story.opening), at),
            name=surname + given if random.random() < 0.8 else "",
            phone=f"+861{random.choice('35789')}{random.randrange(10**9):09d}",
            kind=story.kind,
            channel=channel,
            priority=story.priority,
            demand=story.demand,
            category=self.categories[story.category],
            merchant=self.company.shops[purchase.shop.slug],
            order_line=purchase.line,
            order_number=purchase.line.order.external_id,
            uploads=key,
            notice_version=1,
            language="zh-hans",
        )
        for name, value in fields.items():
            setattr(filing, name, value)
        by_phone = filing.channel in {Channel.PHONE, Channel.C12315}
        team = self.company.teams["售后一组"]
        clerk = random.choice(self.company.agents_of(team, filing.merchant)) if by_phone else None
        case.ticket = actions.open_ticket(filing, actor=clerk, at=at)
        agents = self.company.agents_of(case.ticket.team, filing.merchant)
        case.agent = random.choice(agents) if agents else None

    # --- what people do ------------------------------------------------------------------------------------------

    def take(self, case: Case, at: datetime) -> None:
        ticket = case.fresh()
        if case.agent and ticket.assignee_id is None and not ticket.is_closed:
            actions.take(ticket, actor=case.agent, at=at)

    def answer(self, case: Case, at: datetime, text: str) -> None:
        ticket = case.fresh()
        who = ticket.assignee or case.agent
        if who and not ticket.is_closed:
            actions.reply(ticket, case.words(text, at), actor=who, at=at)

    def note(self, case: Case, at: datetime, text: str) -> None:
        if case.agent:
            actions.note(case.fresh(), case.words(text, at), actor=case.agent, at=at)

    def write(self, case: Case, at: datetime, text: str) -> None:
        if not case.fresh().is_closed:
            actions.write(case.ticket, text, at=at)  # type: ignore[arg-type]

    def hold(self, case: Case, at: datetime, reason: str) -> None:
        ticket = case.fresh()
        if case.agent and ticket.status == Status.OPEN:
            verb = actions.wait if reason.startswith("customer") else actions.hold
            verb(ticket, actor=case.agent, reason=reason, at=at)

    def resolve(self, case: Case, at: datetime, text: str) -> None:
        ticket = case.fresh()
        if case.agent and ticket.status in {Status.NEW, Status.OPEN, Status.PENDING, Status.ON_HOLD}:
            actions.resolve(ticket, case.words(text, at), actor=ticket.assignee or case.agent, at=at)

    def confirm(self, case: Case, at: datetime, rating: int | None) -> None:
        ticket = case.fresh()
        if ticket.status == Status.RESOLVED:
            actions.confirm(ticket, at=at)
            if rating:
                actions.rate(ticket, rating, at=at)

    def decline(self, case: Case, at: datetime, text: str) -> None:
        if case.fresh().status == Status.RESOLVED:
            actions.decline(case.ticket, text, at=at)  # type: ignore[arg-type]

    # --- a whole life --------------------------------------------------------------------------------------------

    def live(self, case: Case, opened_at: datetime) -> None:
        """Plan every step of a case's life; those after now don't happen."""
        random, stage, story = self.random, self.stage, case.story
        stage.at(opened_at, lambda at: self.open(case, at))
        target = TARGETS["urgent" if story.category.startswith("safety") else story.priority or "normal"]
        is_urgent = target == TARGETS["urgent"]
        # Most answers come in good time; a few are late, by less than the new promise allows.
        share = 1.05 + 0.35 * random.random() if random.random() < 0.05 else 0.08 + 0.75 * random.random()
        minutes = target * share
        first = opened_at + timedelta(minutes=minutes) if is_urgent else stage.work(opened_at, minutes)
        stage.at(first - (first - opened_at) / 3, lambda at: self.take(case, at))
        answer = random.choice(story.answer)
        stage.at(first, lambda at: self.answer(case, at, answer))
        last = first
        if story.note and random.random() < 0.6:
            text = random.choice(story.note)
            stage.at(first + timedelta(minutes=6), lambda at: self.note(case, at, text))
        if story.talk and random.random() < 0.7:
            question, reply = random.choice(story.talk)
            asked = first + timedelta(minutes=random.randrange(20, 700))
            wait = target * (0.1 + 0.7 * random.random())
            back = asked + timedelta(minutes=wait) if is_urgent else stage.work(asked, wait)
            stage.at(asked, lambda at: self.write(case, at, question))
            stage.at(back, lambda at: self.answer(case, at, reply))
            last = back
        if random.random() < 0.18:
            reason = random.choice(("carrier", "supplier", "customer_facts"))
            stage.at(last + timedelta(minutes=9), lambda at: self.hold(case, at, reason))
        done = stage.work(last, random.randrange(40, 1300) if random.random() < 0.95 else random.randrange(2300, 2900))
        result = random.choice(story.result)
        stage.at(done, lambda at: self.resolve(case, at, result))
        ending = random.random()
        if ending < 0.1:
            again = stage.work(done, random.randrange(60, 900))
            stage.at(again, lambda at: self.decline(case, at, "还没好，问题还在。"))
            stage.at(
                stage.work(again, 70),
                lambda at: self.answer(case, at, "您好，我重新看一下，{day} 12:00 前给您新的方案。"),
            )
            done = stage.work(again, random.randrange(300, 900))
            stage.at(done, lambda at: self.resolve(case, at, random.choice(story.result)))
        if ending < 0.72:
            rating = random.choices((5, 4, 3, 2, 1, None), weights=(40, 25, 8, 4, 3, 30))[0]
            stage.at(done + timedelta(hours=random.randrange(1, 60)), lambda at: self.confirm(case, at, rating))


def moments(random: Random, now: datetime, number: int) -> list[datetime]:
    """When people complained in the past year: more of late, by day and evening, more after the two shopping festivals."""
    found: list[datetime] = []
    while len(found) < number:
        day = now - timedelta(days=365 * random.random() ** 1.7 + 0.4)
        local = day.astimezone(ZONE)
        festive = (local.month, local.day) in {(6, d) for d in range(19, 27)} | {(11, d) for d in range(12, 22)}
        if not festive and random.random() < 0.25:
            continue
        hour = random.choices(
            range(24), weights=[1, 0, 0, 0, 0, 0, 1, 2, 4, 8, 10, 9, 7, 7, 8, 9, 9, 8, 7, 8, 10, 10, 7, 3]
        )[0]
        moment = local.replace(hour=hour, minute=random.randrange(60), second=random.randrange(60))
        if moment < now:
            found.append(moment)
    return sorted(found)
