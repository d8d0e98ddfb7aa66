"""Within a request a thing is asked once; outside of requests always."""

from __future__ import annotations

from itertools import count

import pytest
from django.core.signals import request_finished, request_started

from common import per_request


@pytest.fixture
def asked():
    numbers = count(1)
    return lambda: next(numbers)


@pytest.fixture
def in_request():
    """A request, as far as memory is concerned: the handlers of Django send these, which would close connections."""
    per_request._begin()
    yield
    per_request._end()


def test_outside_of_requests_everything_is_asked_again(asked) -> None:
    assert [per_request.kept("thing", asked), per_request.kept("thing", asked)] == [1, 2]


def test_in_a_request_a_thing_is_asked_once(asked, in_request) -> None:
    assert [per_request.kept("thing", asked), per_request.kept("thing", asked)] == [1, 1]


def test_what_the_request_changed_is_asked_again(asked, in_request) -> None:
    per_request.kept("thing", asked)
    per_request.forget("thing")
    assert per_request.kept("thing", asked) == 2


def test_the_next_request_asks_again(asked, in_request) -> None:
    per_request.kept("thing", asked)
    per_request._begin()
    assert per_request.kept("thing", asked) == 2


def test_begin_and_end_are_told_by_django() -> None:
    assert any("common.per_request" in str(lookup) for lookup, *_rest in request_started.receivers)
    assert any("common.per_request" in str(lookup) for lookup, *_rest in request_finished.receivers)
