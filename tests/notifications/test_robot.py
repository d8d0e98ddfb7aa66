"""One message in the shape and with the signature of each robot."""

from __future__ import annotations

import base64
import hashlib
import hmac
from urllib.parse import parse_qs, urlsplit

import pytest

from common.models import Outbox
from notifications import actions
from notifications.channels.robot import signed
from sla.actions.steps import event, record_many
from tests.factories import NOW, make_user
from tests.factories_tickets import make_ticket

pytestmark = pytest.mark.django_db


def escalate(count: int = 1):
    lead = make_user("lead", email=None, phone="+8613800138000")
    tickets = [make_ticket(phone="") for _ in range(count)]
    Outbox.objects.all().delete()
    record_many(
        event("sla.escalated", at=NOW, ticket=t, metric="first_response", to=[lead.pk], level=1) for t in tickets
    )
    return tickets


@pytest.fixture
def robot(gateway, settings):
    def choose(kind: str, secret: str = ""):
        settings.ROBOT_URL, settings.ROBOT_KIND, settings.ROBOT_SECRET = gateway.url, kind, secret
        return gateway

    return choose


def test_wecom_gets_markdown_without_a_signature(robot):
    gateway = robot("wecom")
    gateway.answer = (200, {"errcode": 0, "errmsg": "ok"})
    escalate()
    assert actions.send_waiting(at=NOW).sent == 1
    (request,) = gateway.requests
    assert set(request["body"]) == {"msgtype", "markdown"}
    assert request["body"]["markdown"]["content"].startswith("**")
    assert parse_qs(urlsplit(request["path"]).query) == {"key": ["k"]}


def test_dingtalk_signs_in_the_address(robot):
    gateway = robot("dingtalk", "SECabc")
    gateway.answer = (200, {"errcode": 0})
    escalate()
    assert actions.send_waiting(at=NOW).sent == 1
    (request,) = gateway.requests
    assert request["body"]["msgtype"] == "markdown"
    assert set(request["body"]["markdown"]) == {"title", "text"}
    query = parse_qs(urlsplit(request["path"]).query)
    stamp = query["timestamp"][0]
    assert len(stamp) == 13
    digest = hmac.new(b"SECabc", f"{stamp}\nSECabc".encode(), hashlib.sha256).digest()
    assert query["sign"] == [base64.b64encode(digest).decode()]


def test_feishu_signs_in_the_body(robot):
    gateway = robot("feishu", "abc")
    gateway.answer = (200, {"code": 0, "msg": "success"})
    escalate()
    assert actions.send_waiting(at=NOW).sent == 1
    (body,) = gateway.bodies
    assert body["msg_type"] == "interactive"
    assert body["card"]["elements"][0]["tag"] == "markdown"
    digest = hmac.new(f"{body['timestamp']}\nabc".encode(), b"", hashlib.sha256).digest()
    assert body["sign"] == base64.b64encode(digest).decode()


def test_without_a_secret_nothing_is_signed():
    assert signed("dingtalk", "", 1.0, "https://x", {"a": 1}) == ("https://x", {"a": 1})
    assert signed("feishu", "", 1.0, "https://x", {"a": 1}) == ("https://x", {"a": 1})


def test_many_escalations_become_one_message(robot):
    gateway = robot("wecom")
    gateway.answer = (200, {"errcode": 0})
    escalate(30)
    assert actions.send_waiting(at=NOW).sent == 30
    (body,) = gateway.bodies
    content = body["markdown"]["content"]
    assert "30 单超时升级" in content and "还有 18 单" in content
    assert len(content.encode()) < 4096


@pytest.mark.parametrize(
    ("kind", "answer", "state"),
    [
        ("wecom", {"errcode": 45009, "errmsg": "api freq out of limit"}, "waiting"),
        ("wecom", {"errcode": 93000, "errmsg": "invalid webhook url"}, "failed"),
        ("dingtalk", {"errcode": 310000, "errmsg": "sign not match"}, "failed"),
        ("feishu", {"code": 11232, "msg": "frequency limited"}, "waiting"),
        ("feishu", {"code": 19021, "msg": "sign match fail"}, "failed"),
    ],
)
def test_a_robot_that_is_too_busy_is_tried_again_and_one_that_refuses_is_not(robot, kind, answer, state):
    gateway = robot(kind)
    gateway.answer = (200, answer)
    escalate()
    actions.send_waiting(at=NOW)
    row = Outbox.objects.get()
    assert row.state == state
    assert str(answer.get("errcode", answer.get("code"))) in row.error
