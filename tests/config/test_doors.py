"""What stands before every page: proxies, log lines, health, figures."""

import ipaddress
from datetime import UTC, datetime, timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone

from common import health
from common.redaction import redact, redact_text
from common.tasks import beat_heartbeat
from common.trusted_proxies import client_address

PROXIES = [ipaddress.ip_network("10.0.0.0/8")]


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("10.0.0.1", "203.0.113.5", "203.0.113.5"),
        ("10.0.0.1", "1.2.3.4, 203.0.113.5", "203.0.113.5"),  # what stands left of it could be made up
        ("10.0.0.1", "203.0.113.5, 10.0.0.9", "203.0.113.5"),  # two proxies of ours
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "nonsense", "10.0.0.1"),
        ("203.0.113.9", "1.2.3.4", "203.0.113.9"),  # not our proxy: not believed
        ("::ffff:10.0.0.1", "203.0.113.5", "203.0.113.5"),
    ],
)
def test_the_client_is_the_right_most_address_that_is_not_ours(peer, forwarded, client):
    assert client_address(peer, forwarded, PROXIES) == client


def test_forwarded_headers_of_strangers_are_dropped(rf, settings):
    from common.trusted_proxies import TrustedProxies

    settings.TRUSTED_PROXIES = PROXIES
    seen = []
    door = TrustedProxies(lambda request: seen.append(dict(request.META)))
    for peer in ("203.0.113.9", "10.1.1.1"):
        request = rf.get("/", REMOTE_ADDR=peer, HTTP_X_FORWARDED_FOR="198.51.100.7", HTTP_X_FORWARDED_PROTO="https")
        door(request)
    assert seen[0]["REMOTE_ADDR"] == "203.0.113.9" and "HTTP_X_FORWARDED_PROTO" not in seen[0]
    assert seen[1]["REMOTE_ADDR"] == "198.51.100.7" and seen[1]["HTTP_X_FORWARDED_PROTO"] == "https"


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("call 13800136021 now", "call <phone> now"),
        ("+86 138 0013 6021", "<phone>"),
        ("010-62345678", "<phone>"),
        ("mei.li@example.com wrote", "<email> wrote"),
        ("身份证11010519491231002X", "身份证<id>"),
        ("GET /c/Ab3dEf6hIj9k/", "GET /c/<link>/"),
        ("/f/shop?o=abc.def&x=1", "/f/shop?o=<secret>&x=1"),
        ("ticket HY4827163 took 12345678901 ns", "ticket HY4827163 took 12345678901 ns"),
        ("2026-03-09T16:20:00Z", "2026-03-09T16:20:00Z"),
    ],
)
def test_log_lines_carry_no_personal_data(text, masked):
    assert redact_text(text) == masked


def test_fields_named_after_people_are_masked_at_any_depth():
    line = {
        "event": "sent to 13800136021",
        "ticket": "HY482716",
        "request_id": "5f1c",
        "phone": "x",
        "data": {"name": "何", "list": ["a@b.cn", 3]},
    }
    assert redact(None, "info", line) == {
        "event": "sent to <phone>",
        "ticket": "HY482716",
        "request_id": "5f1c",
        "phone": "<private>",
        "data": {"name": "<private>", "list": ["<email>", 3]},
    }


def test_a_log_line_is_json_with_request_and_ticket_and_without_contacts(capsys):
    import json
    import logging

    import structlog

    from config.logs import configure

    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    try:
        configure({"format": "json", "level": "INFO"})
        with structlog.contextvars.bound_contextvars(request_id="r-1", ticket="HY482716"):
            structlog.get_logger("tickets").info("reply sent to 13800136021")
            try:
                raise ValueError("no such person: mei@example.com")
            except ValueError:
                logging.getLogger("django").exception("broken")
        lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    finally:
        root.handlers[:] = before
        root.setLevel(level)
    assert [line["event"] for line in lines] == ["reply sent to <phone>", "broken"]
    assert all(line["request_id"] == "r-1" and line["ticket"] == "HY482716" for line in lines)
    assert "ValueError: no such person: <email>" in lines[1]["exception"]


@pytest.mark.django_db
def test_probes_leave_no_request_lines(client, capsys):
    import logging

    from config.logs import configure

    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    try:
        configure({"format": "json", "level": "INFO"})
        assert client.get("/readyz").status_code == 503
        client.get("/nothing-here")
        said = capsys.readouterr().err
    finally:
        root.handlers[:] = before
        root.setLevel(level)
    assert "/readyz" not in said
    assert "GET /nothing-here" in said


def test_alive_asks_nothing_of_anybody(client, django_assert_num_queries):
    assert client.get("/healthz").json() == {"status": "alive"}


@pytest.mark.django_db
def test_ready_when_beat_is_fresh(client):
    beat_heartbeat()
    answer = client.get("/readyz")
    assert answer.status_code == 200, answer.content
    assert {"database", "cache", "broker", "beat", "outbox"} <= set(answer.json()["parts"])


@pytest.mark.django_db
def test_not_ready_when_beat_is_silent(client):
    assert client.get("/readyz").status_code == 503
    cache.set(health.BEAT_KEY, (timezone.now() - timedelta(seconds=61)).isoformat())
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["parts"]["beat"]["ok"] is False


@pytest.mark.django_db
def test_not_ready_when_a_message_waits_too_long():
    from common.models import Outbox

    at = datetime(2026, 3, 9, 8, 0, tzinfo=UTC)
    for name, due in (("a", at - timedelta(minutes=6)), ("b", at + timedelta(hours=1))):
        Outbox.objects.create(key=name, channel="mail", stream="t", kind="x", not_before=due, created_at=due)
    assert health.ask_work(health.oldest_outbox_row, at) == {"ok": False, "oldest_seconds": 360.0}
    assert health.ask_work(health.oldest_outbox_row, at - timedelta(minutes=2))["ok"] is True


def test_a_broken_part_is_named_and_its_secrets_are_not():
    def ask_database():
        raise RuntimeError("password=hidden-word")

    answer = health.check(ask_database)
    assert answer["ok"] is False and answer["why"] == "RuntimeError" and "hidden-word" not in str(answer)


@pytest.mark.django_db
def test_figures_are_for_named_networks_or_the_token(client, settings):
    assert client.get("/metrics", REMOTE_ADDR="127.0.0.1").status_code == 200
    assert client.get("/metrics", REMOTE_ADDR="203.0.113.5").status_code == 404
    settings.METRICS_TOKEN = "a-token"
    with_token = {"REMOTE_ADDR": "203.0.113.5", "HTTP_AUTHORIZATION": "Bearer a-token"}
    assert client.get("/metrics", **with_token).status_code == 200
    assert client.get("/metrics", REMOTE_ADDR="203.0.113.5", HTTP_AUTHORIZATION="Bearer no").status_code == 404
