"""The filled database is what the product itself would have made."""

from __future__ import annotations

import random

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import Organisation, User
from bench import words
from bench.bulk import Progress
from bench.fill import fill
from sla.models import Clock
from tickets import search
from tickets.actions.filing import first_sentence
from tickets.actions.talking import snippet
from tickets.links import path_of, ticket_behind
from tickets.models import CaseLink, Message, Ticket, TicketEvent
from tickets.models.ticket import FAR_FUTURE, OPEN_STATES
from tickets.numbers import number_for

SIZE = 400

pytestmark = pytest.mark.slow


@pytest.fixture
def filled(db):
    """A small fill in which the database looks up every foreign key, as it does for the product."""
    fill(SIZE, say=lambda _line: None, trusting=False)
    return SIZE


def test_the_fill_is_what_the_product_would_have_made(filled) -> None:
    """One test, since filling takes seconds."""
    now = timezone.now()
    assert Ticket.objects.count() == SIZE
    assert Message.objects.count() == 4 * SIZE
    key = Organisation.objects.get().number_key
    sample = random.Random(7).sample(range(1, SIZE + 1), 40)
    for ticket in (
        Ticket.objects.filter(pk__in=sample).select_related("customer").prefetch_related("messages", "clocks")
    ):
        messages = sorted(ticket.messages.all(), key=lambda message: (message.at, message.pk))
        assert ticket.number == number_for(ticket.pk, key)
        assert ticket.subject == first_sentence(messages[0].body)
        assert ticket.last_snippet == snippet(messages[-1].body)
        assert ticket.last_author_kind == messages[-1].author_kind
        phone = ticket.customer.phone.removeprefix("+")
        said = [*(message.body for message in messages), ticket.order_number, phone, phone[-11:], phone[-4:]]
        assert stored_words(ticket) == expected_words(said)
        running = [clock for clock in ticket.clocks.all() if clock.state == "running"]
        assert ticket.due_at == min((clock.due_at for clock in running), default=FAR_FUTURE)
        link = CaseLink.objects.get(ticket=ticket)
        assert ticket_behind(path_of(link).strip("/").split("/")[-1], now) == ticket
    for event in TicketEvent.objects.all()[:500]:
        event.check_data(event.kind, event.data)
    # Nothing falls due while something is measured, and what is late was recorded.
    assert not Clock.objects.filter(state="running", breached_at=None, due_at__lt=now).exists()
    assert Ticket.objects.late(now).count() > 0
    assert 0.15 < Ticket.objects.filter(status__in=OPEN_STATES).count() / SIZE < 0.25
    assert User.objects.get(email="merchant@bench.test").scope
    # The next case gets the next id.
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('tickets_ticket', 'id'))")
        assert cursor.fetchone()[0] == SIZE + 1


def test_a_marked_word_stands_in_its_share_of_cases(filled) -> None:
    hits = search.find(words.HALF, limit=SIZE)
    assert 0.4 < len(hits) / SIZE < 0.6
    assert 0.05 < len(search.find(words.TENTH, limit=SIZE)) / SIZE < 0.17


def test_no_other_sentence_says_a_marked_word() -> None:
    for word in words.MARKS:
        assert [purpose for purpose, texts in words.sentences().items() if any(word in text for text in texts)] == [
            word
        ]


def test_progress_keeps_the_seconds_of_each_step() -> None:
    lines: list[str] = []
    progress = Progress(lines.append)
    with progress.step("something"):
        pass
    assert lines == ["something: 0.0 s"]
    assert progress.seconds == {"something": 0.0}


def stored_words(ticket: Ticket) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tsvector_to_array(words) FROM tickets_tickettext WHERE ticket_id = %s", [ticket.pk])
        return cursor.fetchone()[0]


def expected_words(said: list[str]) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tsvector_to_array(array_to_tsvector(%s))", [search.lexemes(said)])
        return cursor.fetchone()[0]
