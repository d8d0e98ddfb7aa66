"""What every journey starts with: a product that was set up, with promises; a phone, and desks to sit down at."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page

from accounts.models import Merchant, User
from tests.factories import make_merchant, make_organisation
from tests.journeys.parts import DESK, PHONE


@pytest.fixture(autouse=True)
def shop(transactional_db: None, settings, tmp_path) -> Merchant:
    """The shop that the journeys complain about."""
    settings.MEDIA_ROOT = tmp_path / "uploads"
    make_organisation(hotline="400-800-1234")
    return make_merchant("云禾电器旗舰店", slug="yunhe")


@pytest.fixture
def phone(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(**PHONE)
    yield context
    context.close()


@pytest.fixture
def desk_of(browser: Browser, live_server, settings) -> Iterator[Callable[[User], Page]]:
    """`desk_of(user)`: a page on a wide screen, in a browser of their own where they are signed in."""
    contexts = []

    def sit_down(user: User) -> Page:
        client = Client()
        client.force_login(user)
        context = browser.new_context(**DESK)
        contexts.append(context)
        session = client.cookies[settings.SESSION_COOKIE_NAME].value
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])
        return context.new_page()

    yield sit_down
    for context in contexts:
        context.close()
