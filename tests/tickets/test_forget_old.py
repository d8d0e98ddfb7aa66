"""Three years after closing, a case no longer says whose it was."""

from datetime import datetime, timedelta

import pytest

from accounts.models import Customer
from tests.factories import NOW, SHANGHAI, make_user
from tests.factories_tickets import fresh, make_ticket_in
from tickets import actions, search
from tickets.files import check
from tickets.models import Attachment, Status, Ticket

pytestmark = pytest.mark.django_db

CLOSED = NOW - timedelta(minutes=30)
LATER = datetime(2029, 3, 9, 14, 0, tzinfo=SHANGHAI)
SECOND = timedelta(seconds=1)


def closed(**fields) -> Ticket:
    ticket = make_ticket_in(Status.CLOSED, **fields)
    assert ticket.closed_at == CLOSED
    return ticket


def test_to_the_second_three_years_after_closing() -> None:
    ticket = closed()
    assert CLOSED.replace(year=2029) == LATER
    assert actions.forget_old(at=LATER - SECOND) == 0
    assert fresh(ticket).customer.phone == "+8613800136021"
    assert actions.forget_old(at=LATER) == 1
    customer = fresh(ticket).customer
    assert (customer.name, customer.phone, customer.email, customer.user) == ("", "", "", None)


def test_twice_is_the_same_as_once() -> None:
    ticket = closed()
    assert (actions.forget_old(at=LATER), actions.forget_old(at=LATER)) == (1, 0)
    event = ticket.events.get(kind="ticket.forgotten")
    assert (event.at, event.actor_kind, event.data, event.version) == (LATER, "system", {}, fresh(ticket).version)


def test_open_cases_and_younger_ones_are_left_alone() -> None:
    make_ticket_in(Status.OPEN)
    make_ticket_in(Status.RESOLVED)
    closed()
    assert actions.forget_old(at=LATER - timedelta(days=1)) == 0
    actions.forget_old(at=LATER)
    assert Customer.objects.exclude(phone="").count() == 2


def test_what_was_written_stays_and_is_no_longer_found_by_the_phone() -> None:
    ticket = closed()
    assert search.find("13800136021") == [ticket.pk]
    actions.forget_old(at=LATER)
    assert search.find("13800136021") == search.find("6021") == []
    assert search.find("水壶") == [ticket.pk]
    assert ticket.messages.filter(author_kind="customer").exists()


def test_files_links_and_the_account_go_too(settings, tmp_path) -> None:
    settings.MEDIA_ROOT = tmp_path
    user = make_user("customer")
    key = actions.add_files("", [check("小票.pdf", b"%PDF-1.4 receipt")], user=user)
    ticket = closed(requester=user, uploads=key)
    assert Attachment.objects.count() == 1
    actions.forget_old(at=LATER)
    assert (Attachment.objects.count(), ticket.links.count(), fresh(ticket).requester) == (0, 0, None)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
    assert not Ticket.objects.visible_to(user).exists()


def test_a_contact_that_a_younger_case_needs_stays() -> None:
    old, young = closed(), make_ticket_in(Status.OPEN)
    Ticket.objects.filter(pk=young.pk).update(customer=old.customer)
    assert actions.forget_old(at=LATER) == 0
    Ticket.objects.filter(pk=young.pk).update(status=Status.CLOSED, closed_at=CLOSED, resolved_at=CLOSED)
    assert actions.forget_old(at=LATER) == 2
    assert Customer.objects.get(pk=old.customer_id).phone == ""


def test_the_29th_of_february_has_its_three_years_too() -> None:
    ticket = closed()
    Ticket.objects.filter(pk=ticket.pk).update(closed_at=datetime(2025, 2, 28, 9, tzinfo=SHANGHAI))
    assert actions.forget_old(at=datetime(2028, 2, 29, 8, tzinfo=SHANGHAI)) == 0
    assert actions.forget_old(at=datetime(2028, 2, 29, 9, tzinfo=SHANGHAI)) == 1


def test_many_cost_as_many_statements_as_few(django_assert_max_num_queries) -> None:
    counts = []
    for many in (2, 20):
        for _ in range(many):
            closed()
        with django_assert_max_num_queries(20 + many) as seen:
            actions.forget_old(at=LATER)
        counts.append(len(seen))
    assert counts[1] - counts[0] <= 18  # the searchable words: one short statement for each case


def test_each_task_of_the_timetable_exists() -> None:
    from config.celery import TIMETABLE, app

    app.loader.import_default_modules()
    planned = {task for task, _every in TIMETABLE.values()}
    assert planned <= set(app.tasks)
    assert {
        f"tickets.tasks.{name}" for name in ("resume_expired", "close_silent", "discard_uploads", "forget_old")
    } <= planned
