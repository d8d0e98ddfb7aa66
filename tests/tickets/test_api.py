"""Cases through the API: the verbs are those of the pages; here is what the doors add."""

from __future__ import annotations

from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connection
from rest_framework.test import APIClient

from tests.factories import make_merchant, make_organisation, make_user
from tickets import actions
from tickets.api.views import CUSTOMER_VERBS, STAFF_VERBS
from tickets.models import Message, Status, Ticket

pytestmark = pytest.mark.django_db
URL = "/api/v1/tickets/"


def signed_in(user: Any) -> APIClient:
    client = APIClient()
    client.force_authenticate(user)
    return client


def a_case(**fields: Any) -> Ticket:
    make_organisation()
    return actions.open_ticket(actions.Filing(body="水壶用了两次就漏水，想退。", phone="+8613800136021", **fields))


def test_staff_file_for_a_customer_and_see_a_masked_contact() -> None:
    client = signed_in(make_user())
    response = client.post(URL, {"body": "水壶漏水", "contact": "138 0013 6021", "name": "何秀英", "channel": "phone"})
    assert response.status_code == 201
    assert response.json()["contact"] == "138****6021"
    assert response.json()["customer_name"] == "何**"
    assert Ticket.objects.get().customer.phone == "+8613800136021"


def test_a_customer_files_reads_and_answers_their_own_case_only() -> None:
    customer, stranger = make_user(role="customer"), make_user(role="customer")
    number = signed_in(customer).post(URL, {"body": "水壶漏水"}).json()["number"]
    assert signed_in(customer).post(f"{URL}{number}/messages/", {"body": "补一张照片"}).status_code == 201
    assert [row["number"] for row in signed_in(customer).get(URL).json()["results"]] == [number]
    for path in ("", "messages/", "events/"):
        assert signed_in(stranger).get(f"{URL}{number}/{path}").status_code == 404
    assert signed_in(stranger).get(URL).json()["results"] == []


def test_a_merchant_agent_finds_foreign_cases_missing() -> None:
    mine, other = make_merchant(), make_merchant()
    agent = make_user(merchants=[mine])
    foreign = a_case(merchant=other)
    assert signed_in(agent).get(f"{URL}{foreign.number}/").status_code == 404
    assert signed_in(agent).post(f"{URL}{foreign.number}/take/").status_code == 404
    assert signed_in(agent).get(URL, {"q": "漏水"}).json()["results"] == []
    assert signed_in(agent).post(URL, {"body": "x", "merchant": other.slug}).status_code == 403


def test_customers_read_no_notes_and_take_no_step_of_staff() -> None:
    customer = make_user(role="customer")
    case = a_case(requester=customer)
    actions.note(case, "批次 B2601 第 4 例", actor=make_user())
    client = signed_in(customer)
    bodies = [message["body"] for message in client.get(f"{URL}{case.number}/messages/").json()["results"]]
    assert bodies == ["水壶用了两次就漏水，想退。"]
    kinds = [event["event"] for event in client.get(f"{URL}{case.number}/events/").json()["results"]]
    assert kinds == ["ticket.opened"]
    for verb in STAFF_VERBS:
        assert client.post(f"{URL}{case.number}/{verb}/", {}).status_code == 403, verb
    assert client.post(f"{URL}{case.number}/messages/", {"body": "x", "visibility": "note"}).status_code == 403
    case.refresh_from_db()
    assert (case.status, case.version) == (Status.NEW, 2)


def test_staff_take_no_step_of_the_customer() -> None:
    case = a_case()
    for verb in CUSTOMER_VERBS:
        assert signed_in(make_user(role="admin")).post(f"{URL}{case.number}/{verb}/", {}).status_code == 403, verb


@pytest.mark.parametrize("role", ["finance", "auditor"])
def test_readers_read_and_change_nothing(role: str) -> None:
    case = a_case()
    client = signed_in(make_user(role=role))
    assert client.get(f"{URL}{case.number}/").status_code == 200
    assert client.post(f"{URL}{case.number}/reply/", {"body": "x"}).status_code == 403
    assert Message.objects.count() == 1


def test_a_stale_version_is_told_what_changed_and_by_whom() -> None:
    case, colleague = a_case(), make_user(name="周宁")
    seen = case.version
    actions.reply(case, "明天 12:00 前告诉您。", actor=colleague)
    response = signed_in(make_user()).post(f"{URL}{case.number}/reply/", {"body": "在看", "version": seen})
    assert response.status_code == 409
    assert response["Content-Type"] == "application/problem+json"
    assert [(change["event"], change["by"]) for change in response.json()["changes"]] == [("message.replied", "周宁")]
    assert Message.objects.filter(body="在看").count() == 0


def test_what_the_system_did_meanwhile_makes_no_page_stale() -> None:
    case = a_case()
    seen = case.version
    actions.tell(case, "ticket.closed_silent")
    assert (
        signed_in(make_user()).post(f"{URL}{case.number}/reply/", {"body": "在看", "version": seen}).status_code == 200
    )


def test_the_same_key_files_once_and_answers_the_same() -> None:
    client = signed_in(make_user())
    first = client.post(URL, {"body": "水壶漏水"}, headers={"Idempotency-Key": "k1"})
    again = client.post(URL, {"body": "水壶漏水"}, headers={"Idempotency-Key": "k1"})
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()
    assert again["Idempotent-Replay"] == "true"
    assert Ticket.objects.count() == 1
    other = client.post(URL, {"body": "别的事"}, headers={"Idempotency-Key": "k1"})
    assert other.status_code == 409


def test_a_refused_create_leaves_its_key_free() -> None:
    client = signed_in(make_user())
    assert client.post(URL, {"body": " "}, headers={"Idempotency-Key": "k1"}).status_code == 422
    assert client.post(URL, {"body": "水壶漏水"}, headers={"Idempotency-Key": "k1"}).status_code == 201


@pytest.mark.django_db(transaction=True)
def test_two_creates_with_one_key_at_once_make_one_case() -> None:
    agent = make_user()
    barrier, answers = Barrier(2), []

    def send() -> None:
        barrier.wait()
        response = signed_in(agent).post(URL, {"body": "水壶漏水"}, headers={"Idempotency-Key": "twice"})
        answers.append((response.status_code, response.json()["number"]))
        connection.close()

    threads = [Thread(target=send) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Ticket.objects.count() == 1
    assert answers[0] == answers[1]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "body"),
        ({"body": ""}, "body"),
        ({"body": "x" * 20_001}, "body"),
        ({"body": "nul\x00"}, "body"),
        ({"body": "x", "contact": "12"}, "contact"),
        ({"body": "x", "kind": "rant"}, "kind"),
        ({"body": "x", "amount": "-1"}, "amount"),
        ({"body": "x", "amount": "1.005"}, "amount"),
        ({"body": "x", "merchant": "nobody"}, "merchant"),
        ({"body": "x", "received_at": "2999-01-01T00:00:00Z"}, "received_at"),
    ],
)
def test_bad_input_names_its_field_and_files_nothing(body: dict[str, str], field: str) -> None:
    response = signed_in(make_user()).post(URL, body)
    assert response.status_code == 422
    assert list(response.json()["errors"]) == [field]
    assert Ticket.objects.count() == 0


def test_angle_brackets_and_emoji_are_kept_as_typed() -> None:
    text = "<script>alert(1)</script> 水壶漏水 😡 & 'quotes'"
    client = signed_in(make_user())
    number = client.post(URL, {"body": text}).json()["number"]
    assert client.get(f"{URL}{number}/messages/").json()["results"][0]["body"] == text


def test_without_signing_in_nothing_is_answered() -> None:
    response = APIClient().get(URL)
    assert response.status_code == 401
    assert response["Content-Type"] == "application/problem+json"


def test_a_number_that_is_none_is_missing() -> None:
    client = signed_in(make_user())
    for number in ("HY000000000", "1", "HY48271936x", "%20", "𝟙"):
        assert client.get(f"{URL}{number}/").status_code == 404


def test_lists_can_be_filtered_and_walked_by_cursor() -> None:
    cases = [a_case(priority="high" if turn % 2 else "normal") for turn in range(5)]
    client = signed_in(make_user())
    page = client.get(URL, {"page_size": 2, "priority": "normal"}).json()
    rest = client.get(page["next"]).json()
    numbers = [row["number"] for row in page["results"] + rest["results"]]
    assert numbers == [cases[index].number for index in (4, 2, 0)]
    assert rest["next"] is None
    assert client.get(URL, {"priority": "soon"}).status_code == 422


def test_a_list_takes_a_constant_number_of_queries(django_assert_num_queries: Any) -> None:
    agent = make_user()
    for turn in range(6):
        a_case(merchant=make_merchant(name=f"店{turn}"))
    client = signed_in(agent)
    with django_assert_num_queries(2):
        assert len(client.get(URL).json()["results"]) == 6
