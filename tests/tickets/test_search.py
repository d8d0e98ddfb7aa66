"""Finding cases by what was said on them, by number, phone and order."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import NOW, make_customer, make_merchant, make_user
from tests.factories_tickets import make_many, make_ticket
from tickets import actions, search

WORDS = st.text(alphabet="退货款水壶漏了abcABC0129 ，。!'\\&|:*()", min_size=0, max_size=30)


@given(WORDS)
def test_whatever_is_typed_makes_a_question_or_none(text):
    query = search.query_of(text)
    assert isinstance(query, str)
    assert "\x00" not in query


@given(st.text(alphabet="退货款水壶漏了不行", min_size=2, max_size=12))
def test_every_pair_of_a_text_is_among_its_words(text):
    words = search.lexemes([text])
    assert all(text[i : i + 2] in words for i in range(len(text) - 1))


@pytest.mark.django_db
@pytest.mark.parametrize("text", ["'; DROP TABLE", "\\", "a:*b", "((", "&&", "漏'水", "!!!", "x" * 500])
def test_signs_that_mean_something_to_the_database_are_only_text(text):
    make_ticket()
    assert isinstance(search.find(text), list)


@pytest.mark.django_db
@pytest.mark.parametrize("text", ["漏水", "壶底", "想退货", "漏", "6021", "13800136021", "138001360", "退货 壶底"])
def test_a_case_is_found_by_two_characters_one_and_its_phone(text):
    wanted = make_ticket()
    make_ticket("发票抬头开错了", phone="+8613911112222")
    assert search.find(text) == [wanted.pk]


@pytest.mark.django_db
def test_words_said_later_are_found_too_and_notes_as_well():
    agent = make_user()
    ticket = make_ticket("包装破了")
    actions.write(ticket, "里面的蒸笼有裂", at=NOW)
    actions.note(ticket, "承运商已定责 Waybill SF1406", actor=agent, at=NOW)
    assert search.find("蒸笼") == search.find("定责") == search.find("waybill") == search.find("sf14") == [ticket.pk]


@pytest.mark.django_db
def test_latin_words_are_found_by_their_beginning_in_any_case():
    ticket = make_ticket("The Kettle leaks")
    assert search.find("kett") == search.find("LEAKS") == [ticket.pk]
    assert search.find("ettle") == []


@pytest.mark.django_db
def test_all_words_must_occur():
    ticket = make_ticket("水壶漏水")
    assert search.find("水壶 漏水") == [ticket.pk]
    assert search.find("水壶 发票") == []


@pytest.mark.django_db
def test_the_order_number_is_found():
    ticket = make_ticket("没收到", order_number="YH-2602-88140")
    assert search.find("88140") == [ticket.pk]


@pytest.mark.django_db
def test_the_phone_of_a_known_customer_is_found():
    customer = make_customer(phone="+8613712340099")
    ticket = make_ticket("又坏了", phone="", name="", customer=customer)
    assert search.find("0099") == [ticket.pk]


@pytest.mark.django_db
def test_a_shop_finds_only_its_own_newest_first():
    ours, theirs = make_merchant(), make_merchant()
    first = make_ticket(merchant=ours)
    make_ticket(merchant=theirs)
    second = make_ticket(merchant=ours, at=NOW + timedelta(minutes=1))
    assert search.find("漏水", merchants=[ours.pk]) == [second.pk, first.pk]


@pytest.mark.django_db
def test_a_rare_word_behind_many_newer_cases_is_still_found(monkeypatch):
    monkeypatch.setattr(search, "WALK", 20)
    rare = make_ticket("蓝色蒸笼")
    make_many(40)
    assert search.find("蒸笼") == [rare.pk]


@pytest.mark.django_db
def test_pages_go_on_below_an_id():
    tickets = make_many(5)
    ids = sorted((ticket.pk for ticket in tickets), reverse=True)
    assert search.find("漏水", limit=2) == ids[:2]
    assert search.find("漏水", limit=10, before=ids[1]) == ids[2:]
