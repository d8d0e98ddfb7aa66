"""API tokens: made, used, ended; only their hash is kept."""

import hashlib
import io

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from accounts import actions
from accounts.models import AccountEvent, ApiToken, Role
from common.errors import Conflict, NotAllowed
from tests.factories import NOW, make_user

pytestmark = pytest.mark.django_db
ORDERS = "/api/v1/orders/"


def ask(client, token):
    return client.get(ORDERS, headers={"Authorization": f"Token {token}"})


def test_the_command_prints_a_token_that_works(client):
    make_user(Role.ADMIN, email="zhou@example.com")
    out = io.StringIO()
    call_command("api_token", "ZHOU@example.com", stdout=out)
    token = out.getvalue().strip()
    assert ask(client, token).status_code == 200
    row = ApiToken.objects.get()
    assert (row.token_hash, row.ending) == (hashlib.sha256(token.encode()).hexdigest(), token[-4:])


def test_the_command_says_who_is_missing():
    with pytest.raises(CommandError, match=r"nobody@example\.com"):
        call_command("api_token", "nobody@example.com")


@pytest.mark.parametrize("header", ["Token", "Token guessed", "Token a b", "Token \x80", "Token " + "x" * 300])
def test_what_is_no_token_is_401_with_a_problem(client, header):
    answer = client.get(ORDERS, headers={"Authorization": header})
    assert answer.status_code == 401
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["WWW-Authenticate"] == "Token"


def test_no_token_at_all_is_401(client):
    assert client.get(ORDERS).status_code == 401


def test_an_ended_token_or_person_is_401(client):
    admin, person = make_user(Role.ADMIN), make_user(Role.MANAGER)
    first, second = (actions.make_token(person, actor=person, at=NOW) for _ in range(2))
    assert ask(client, first).status_code == 200
    actions.revoke_token(ApiToken.objects.get(ending=first[-4:]), actor=person, at=NOW)
    actions.revoke_token(ApiToken.objects.get(ending=first[-4:]), actor=person, at=NOW)
    assert ask(client, first).status_code == 401
    actions.deactivate_person(person, actor=admin)
    assert ask(client, second).status_code == 401
    with pytest.raises(Conflict):
        actions.make_token(type(person).objects.get(pk=person.pk), actor=admin)
    assert list(AccountEvent.objects.order_by("pk").values_list("kind", flat=True)) == [
        "token.made",
        "token.made",
        "token.revoked",
        "person.deactivated",
    ]


def test_nobody_makes_a_token_for_somebody_else():
    person = make_user(Role.AGENT)
    with pytest.raises(NotAllowed):
        actions.make_token(person, actor=make_user(Role.MANAGER))
    assert ApiToken.objects.count() == 0


def test_the_profile_shows_a_new_token_once(client):
    person = make_user(Role.AGENT)
    client.force_login(person)
    answer = client.post(reverse("accounts:make_token"))
    token = answer.context["token"]
    assert token in answer.content.decode()
    assert answer.headers["Cache-Control"] == "no-store"
    page = client.get(reverse("accounts:profile")).content.decode()
    assert token not in page and token[-4:] in page
    other = make_user(Role.AGENT)
    client.force_login(other)
    assert client.post(reverse("accounts:revoke_token", args=[ApiToken.objects.get().pk])).status_code == 404


def test_customers_make_no_tokens(client):
    client.force_login(make_user(Role.CUSTOMER))
    client.post(reverse("accounts:make_token"))
    assert ApiToken.objects.count() == 0
