"""The API against its own description: whatever is sent, nothing falls over."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.management import call_command
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error

from accounts.actions import make_token
from config.wsgi import application
from tests.factories import make_merchant, make_user
from tickets import actions
from tickets.models import Ticket


@pytest.fixture
def _world(db: Any) -> Ticket:
    """One case, so that paths can lead somewhere."""
    merchant = make_merchant()
    return actions.open_ticket(actions.Filing(body="水壶漏水", phone="+8613800136021", merchant=merchant))


@pytest.fixture
def _one_connection() -> Iterator[None]:
    """Requests through the bare application would close the connection that the test's transaction lives in."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


schema = schemathesis.openapi.from_dict(SchemaGenerator().get_schema(request=None, public=True))
schema.app = application


@pytest.mark.slow
@pytest.mark.timeout(600)
@schema.parametrize()
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
def test_nothing_that_is_sent_makes_the_server_fall_over(case: Any, _world: Ticket, _one_connection: None) -> None:
    if "number" in (case.path_parameters or {}):
        case.path_parameters["number"] = _world.number
    token = make_token(make_user(role="admin"), actor=None)
    response = case.call(headers={"Authorization": f"Token {token}"})
    case.validate_response(response, checks=(not_a_server_error,))


def test_the_document_is_valid_and_has_no_warnings(db: Any, capsys: Any) -> None:
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", "/dev/null")


def test_the_document_can_be_printed(capsys: Any) -> None:
    call_command("openapi", "--format", "openapi-json")
    printed = json.loads(capsys.readouterr().out)
    assert printed["openapi"].startswith("3.")
    assert "/api/v1/tickets/" in printed["paths"]
