"""What every test may use: settings for speed, a clean cache, a mail server that keeps what it is sent, a browser."""

import email
import email.policy
import socket
from collections.abc import Iterator
from email.message import EmailMessage
from importlib import import_module

import pytest
from aiosmtpd.controller import Controller
from django.apps import apps
from django.core.cache import cache
from django.db import transaction
from pytest_django.plugin import blocking_manager_key

from stack import browser as system_browser


def pytest_configure() -> None:
    """Argon2 is slow on purpose; tests make hundreds of people."""
    from django.conf import settings

    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    # Files under their own names, straight from their folders: no test depends on what was collected before.
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = settings.STORAGES | {"staticfiles": plain}
    settings.WHITENOISE_USE_FINDERS = settings.WHITENOISE_AUTOREFRESH = True


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything under tests/journeys is a journey, without having to say so."""
    for item in items:
        if "journeys" in item.path.parts:
            item.add_marker("journey")


@pytest.fixture(autouse=True)
def _empty_cache() -> None:
    """Throttles and counts of one test must not reach the next."""
    cache.clear()


#: What migrations put into the tables: (module, function).
SEEDS = (
    ("calendars.migrations.0002_seed", "seed"),
    ("accounts.migrations.0002_first_notice", "publish_first"),
    ("tickets.migrations.0002_seed_categories", "seed"),
    ("sla.migrations.0002_guards_and_first_promises", "first_promises"),
)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> Iterator[None]:
    """Tests with real transactions end with empty tables: what migrations put there comes back for the next test.

    Whichever that is: the workers of a parallel run take tests from each other, so their order is not known.
    """
    try:
        return (yield)
    finally:
        if nextitem is not None and is_real(item):  # after the last one the database is gone
            with item.config.stash[blocking_manager_key].unblock(), transaction.atomic():
                if not apps.get_model("calendars", "Calendar").objects.exists():
                    for module, seed in SEEDS:
                        getattr(import_module(module), seed)(apps, None)


def is_real(item: pytest.Item) -> bool:
    """Whether a test works with real transactions, seen by other connections."""
    marker = item.get_closest_marker("django_db")
    return bool(marker and marker.kwargs.get("transaction")) or not {"transactional_db", "live_server"}.isdisjoint(
        getattr(item, "fixturenames", ())
    )


class Letters:
    """The SMTP server's hands: keeps every letter, and refuses when a test says so."""

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []
        self.refuse_with: str | None = None

    async def handle_DATA(self, server, session, envelope) -> str:
        if self.refuse_with:
            return self.refuse_with
        letter = email.message_from_bytes(envelope.original_content, policy=email.policy.default)
        self.letters.append(letter)
        return "250 kept"


@pytest.fixture(scope="session")
def _smtp_server():
    letters = Letters()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(letters, hostname="127.0.0.1", port=port)
    controller.start()
    yield controller, letters
    controller.stop()


@pytest.fixture
def smtp_sink(_smtp_server, settings):
    """A real SMTP server: `.letters` are the messages it took, `.refuse_with = "451 later"` makes it refuse."""
    controller, letters = _smtp_server
    letters.letters.clear()
    letters.refuse_with = None
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST = "127.0.0.1"
    settings.EMAIL_PORT = controller.server.sockets[0].getsockname()[1]
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    settings.EMAIL_IS_SINK = False
    return letters


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict) -> dict:
    """The system's Chromium for pytest-playwright; installs one when we may, else ends with a sentence."""
    try:
        path = system_browser.ensure()
    except SystemExit as sentence:
        pytest.exit(str(sentence), returncode=1)
    return browser_type_launch_args | {"executable_path": path, "args": system_browser.FLAGS}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict) -> dict:
    """Chinese first, in China's time."""
    return browser_context_args | {"locale": "zh-CN", "timezone_id": "Asia/Shanghai"}


@pytest.fixture
def signed_in_page(page, client, live_server, settings):
    """`signed_in_page(user)`: a browser page in which that person is signed in already."""

    def sign_in(user):
        client.force_login(user)
        session = client.cookies[settings.SESSION_COOKIE_NAME].value
        page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])
        return page

    return sign_in
