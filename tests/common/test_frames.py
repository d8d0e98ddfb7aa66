"""The frames of all pages: navigation, language, light and dark, what just happened, and what went wrong."""

import json

import pytest
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.contrib.messages.storage.cookie import CookieStorage
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.urls import reverse

from common import context, navigation, preferences, toasts
from tests.factories import make_user


@pytest.fixture
def entries(monkeypatch):
    monkeypatch.setattr(navigation, "_entries", {})


def ask(user, path="/styleguide/"):
    request = RequestFactory().get(path)
    request.user = user
    return request


@pytest.mark.django_db
def test_the_navigation_shows_what_a_person_may_open_and_nothing_else(entries):
    navigation.add("Late", "flag", "common:nowhere", may=lambda user: True)
    navigation.add("Parts", "tool", "common:styleguide", may=lambda user: user.role == "admin", count=lambda user: 1200)
    assert navigation.groups(ask(make_user(role="agent"))) == []
    [group] = navigation.groups(ask(make_user(role="admin")))
    [item] = group.items
    assert (item.name, item.url, item.count) == ("Parts", "/styleguide/", "999+")
    assert navigation.groups(ask(AnonymousUser())) == []


@pytest.mark.django_db
def test_a_count_is_asked_once_in_a_while(entries):
    asked = []
    navigation.add(
        "Parts", "tool", "common:styleguide", may=lambda user: True, count=lambda user: asked.append(user) or 3
    )
    user = make_user()
    assert [navigation.groups(ask(user))[0].items[0].count for _ in range(3)] == ["3", "3", "3"]
    assert len(asked) == 1


def test_an_unknown_group_is_a_mistake_found_at_start(entries):
    with pytest.raises(ValueError, match="unknown navigation group"):
        navigation.add("x", "x", "x", may=bool, group="elsewhere")


@pytest.mark.django_db
def test_language_and_theme_are_kept_and_lead_back(client):
    make_user()
    answer = client.post(
        reverse("common:preferences"), {"language": "en", "theme": "dark", "next": "/styleguide/?look=light"}
    )
    assert answer.status_code == 302
    assert answer["Location"] == "/styleguide/?look=light"
    assert answer.cookies[settings.LANGUAGE_COOKIE_NAME].value == "en"
    assert answer.cookies[preferences.THEME_COOKIE].value == "dark"


@pytest.mark.django_db
@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", ""])
def test_a_choice_never_leads_to_another_site(client, elsewhere):
    make_user()
    answer = client.post(reverse("common:preferences"), {"theme": "dark", "next": elsewhere})
    assert answer["Location"] == "/"


@pytest.mark.django_db
def test_an_unknown_choice_changes_nothing(client):
    make_user()
    answer = client.post(reverse("common:preferences"), {"language": "tlh", "theme": "pink"})
    assert answer.status_code == 302
    assert dict(answer.cookies) == {}
    assert client.get(reverse("common:preferences")).status_code == 405


@pytest.mark.django_db
def test_a_signed_in_persons_choice_is_theirs_on_every_device(client):
    user = make_user(role="agent")
    client.force_login(user)
    client.post(reverse("common:preferences"), {"language": "en", "theme": "dark"})
    user.refresh_from_db()
    assert (user.language, user.theme) == ("en", "dark")


@pytest.mark.django_db
def test_the_persons_theme_counts_before_the_cookie():
    request = ask(make_user(theme="light"))
    request.COOKIES[preferences.THEME_COOKIE] = "dark"
    assert context.theme(request) == "light"
    request.user = AnonymousUser()
    assert context.theme(request) == "dark"
    request.COOKIES[preferences.THEME_COOKIE] = '"><script>'
    assert context.theme(request) == ""


def test_what_was_done_comes_with_its_way_back():
    request = ask(AnonymousUser())
    request._messages = CookieStorage(request)
    toasts.undoable(request, "3 cases marked as spam", undo_url="/undo/7/?a=1 2", seconds=9)
    toasts.say(request, "Saved")
    first, second = toasts.waiting(request)
    assert (first.text, first.undo_url, first.seconds) == ("3 cases marked as spam", "/undo/7/?a=1 2", 9)
    assert (second.text, second.undo_url, second.is_notice) == ("Saved", "", False)


def test_an_answer_to_htmx_carries_the_toast_beside_other_events():
    response = HttpResponse(headers={"HX-Trigger": json.dumps({"fresh": True})})
    toasts.announce(response, "已接单", undo_url="/undo/1/")
    assert json.loads(response["HX-Trigger"]) == {
        "fresh": True,
        "toast": {"text": "已接单", "undo": "/undo/1/", "seconds": 8},
    }


def test_the_page_of_a_failure_needs_nothing():
    page = render_to_string("500.html")
    assert "<script" not in page
    assert "回音" in page


@pytest.mark.django_db
def test_pages_of_things_gone_wrong_stand_in_the_readers_frame(client):
    make_user()
    guest = client.get("/no-such-page/")
    assert guest.status_code == 404
    assert 'class="page"' in guest.content.decode()
    client.force_login(make_user(role="agent"))
    staff = client.get("/no-such-page/").content.decode()
    assert 'class="shell ' in staff
