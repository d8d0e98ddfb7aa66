"""Plain functions that make cases, through the verbs, at the hour a test says."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import count
from threading import Barrier, Thread
from typing import Any

from django.db import connection
from django.db.models import F

from accounts.models import Merchant, Team, User
from tests.factories import NOW, make_organisation, make_team, make_user
from tickets import actions
from tickets.models import FAR_FUTURE, Category, Route, Status, Ticket
from tickets.models.ticket import WaitReason

_numbers = count(1)
SENTENCE = "水壶用了两次，壶底就开始漏水，想退货。"


def make_category(name: str = "质量", *, parent: Category | None = None, **fields: Any) -> Category:
    number = next(_numbers)
    defaults = {"code": f"category-{number}", "name_zh": name, "name_en": fields.pop("name_en", f"Category {number}")}
    return Category.objects.create(parent=parent, **{**defaults, **fields})


def make_route(team: Team | None = None, **fields: Any) -> Route:
    return Route.objects.create(team=team or make_team(), **fields)


def make_ticket(
    body: str = SENTENCE, *, at: datetime = NOW, phone: str = "+8613800136021", name: str = "何秀英", **fields: Any
) -> Ticket:
    """A case somebody filed at `at`; further fields are those of Filing."""
    make_organisation()
    return fresh(actions.open_ticket(actions.Filing(body=body, phone=phone, name=name, **fields), at=at))


def fresh(ticket: Ticket) -> Ticket:
    """The row as it is now."""
    return Ticket.objects.get(pk=ticket.pk)


def set_due(
    ticket: Ticket, due_at: datetime = FAR_FUTURE, *, warn_at: datetime | None = None, metric: str = "first_response"
) -> Ticket:
    """What the clocks would have written."""
    Ticket.objects.filter(pk=ticket.pk).update(
        due_at=due_at,
        warn_at=warn_at or (due_at - timedelta(minutes=30) if due_at < FAR_FUTURE else FAR_FUTURE),
        due_metric=metric,
    )
    return fresh(ticket)


def make_ticket_in(status: str, *, actor: User | None = None, at: datetime = NOW, **fields: Any) -> Ticket:
    """A case in a given state, brought there by the verbs."""
    actor = actor or make_user()
    ticket = make_ticket(at=at - timedelta(hours=2), **fields)
    step = {"actor": actor, "at": at - timedelta(hours=1)}
    if status == Status.NEW:
        return ticket
    if status == Status.OPEN:
        actions.take(ticket, **step)
    elif status == Status.PENDING:
        actions.wait(ticket, reason=WaitReason.CUSTOMER_FACTS, **step)
    elif status == Status.ON_HOLD:
        actions.hold(ticket, reason=WaitReason.CARRIER, **step)
    else:
        actions.resolve(ticket, "可以退，运费我们出，3 月 11 日前退到原账户。", **step)
        if status == Status.CLOSED:
            actions.confirm(fresh(ticket), at=at - timedelta(minutes=30))
    return fresh(ticket)


def snapshot(ticket: Ticket) -> tuple[Any, ...]:
    """Everything a refused step must leave as it was."""
    row = Ticket.objects.filter(pk=ticket.pk).values().get()
    return (
        tuple(sorted((key, str(value)) for key, value in row.items())),
        list(ticket.events.order_by("id").values_list("id", "kind")),
        list(ticket.messages.order_by("id").values_list("id", flat=True)),
        list(ticket.links.order_by("id").values_list("id", "revoked_at")),
    )


def make_many(
    number: int, *, merchants: Sequence[Merchant | None] = (None,), at: datetime = NOW, **fields: Any
) -> list[Ticket]:
    """Many plain cases, due one minute after another from `at` on."""
    make_organisation()
    filings = [
        actions.Filing(
            body=f"第 {i} 单：{SENTENCE}",
            phone=f"+86138001{i:05d}",
            name="张伟",
            merchant=merchants[i % len(merchants)],
            **fields,
        )
        for i in range(number)
    ]
    tickets = actions.open_many(filings, at=at)
    first = min(ticket.pk for ticket in tickets)
    ids = [ticket.pk for ticket in tickets]
    Ticket.objects.filter(pk__in=ids).update(
        due_metric="first_response", due_at=at + timedelta(minutes=1) * (F("id") - first)
    )
    return list(Ticket.objects.filter(pk__in=ids).order_by("id"))


def at_once(*steps: Any) -> list[Any]:
    """Call functions at the same moment, each on a connection of its own; returns their results or exceptions."""
    gate = Barrier(len(steps))
    found: list[Any] = [None] * len(steps)

    def run(index: int, step: Any) -> None:
        gate.wait()
        try:
            found[index] = step()
        except Exception as error:
            found[index] = error
        finally:
            connection.close()

    threads = [Thread(target=run, args=(index, step)) for index, step in enumerate(steps)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found
