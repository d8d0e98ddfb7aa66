"""One robot in a group chat of 企业微信, 钉钉 or 飞书, for escalations. Each has a JSON shape of its own.

Robots take about 20 messages a minute, so the senders give several letters at once and they become one message.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from collections.abc import Sequence
from typing import Any, Self
from urllib.parse import quote_plus

from django.conf import settings
from django.utils.translation import ngettext

from notifications.channels import Letter, Refused, Trouble
from notifications.channels.posting import post_json

#: Lines of one message; what is beyond is counted.
MOST_LINES = 12
#: What the robots answer when we are too fast or on a break; anything else is about the message or the settings.
TOO_FAST = {"wecom": {45009}, "dingtalk": {130101, 410100}, "feishu": {9499, 11232}}


def wecom(title: str, lines: Sequence[str]) -> dict[str, Any]:
    content = "\n".join([f"**{title}**", *(f"> {line}" for line in lines)])
    return {"msgtype": "markdown", "markdown": {"content": content}}


def dingtalk(title: str, lines: Sequence[str]) -> dict[str, Any]:
    text = "\n\n".join([f"**{title}**", *(f"- {line}" for line in lines)])
    return {"msgtype": "markdown", "markdown": {"title": title, "text": text}}


def feishu(title: str, lines: Sequence[str]) -> dict[str, Any]:
    return {
        "msg_type": "interactive",
        "card": {
            "header": {"title": {"tag": "plain_text", "content": title}, "template": "red"},
            "elements": [{"tag": "markdown", "content": "\n".join(lines)}],
        },
    }


SHAPES = {"wecom": wecom, "dingtalk": dingtalk, "feishu": feishu}


def signed(kind: str, secret: str, at: float, url: str, body: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """The address and body with what the robot wants when it has a secret. 企业微信 knows none.

    钉钉: HMAC-SHA256 of "milliseconds\\nsecret" under the secret, in the address.
    飞书: HMAC-SHA256 of nothing under "seconds\\nsecret", in the body.
    """
    if not secret:
        return url, body
    if kind == "dingtalk":
        stamp = str(round(at * 1000))
        digest = hmac.new(secret.encode(), f"{stamp}\n{secret}".encode(), hashlib.sha256).digest()
        joint = "&" if "?" in url else "?"
        return f"{url}{joint}timestamp={stamp}&sign={quote_plus(base64.b64encode(digest))}", body
    stamp = str(int(at))
    digest = hmac.new(f"{stamp}\n{secret}".encode(), b"", hashlib.sha256).digest()
    return url, {"timestamp": stamp, "sign": base64.b64encode(digest).decode(), **body}


def gathered(letters: Sequence[Letter]) -> tuple[str, list[str]]:
    """Title and lines of one message for some letters."""
    lines = [f"{letter.text} [{letter.subject}]({letter.link})" for letter in letters[:MOST_LINES]]
    if len(letters) == 1:
        return letters[0].speaker, lines
    more = len(letters) - MOST_LINES
    if more > 0:
        lines.append(ngettext("and %(more)d more case", "and %(more)d more cases", more) % {"more": more})
    title = ngettext("%(count)d escalation", "%(count)d escalations", len(letters)) % {"count": len(letters)}
    return f"{letters[0].speaker}：{title}", lines


class Robot:
    """Says the id of its first letter as X-Request-Id; the robots themselves collapse nothing."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None: ...

    def send(self, letters: Sequence[Letter]) -> None:
        kind = settings.ROBOT_KIND
        body = SHAPES[kind](*gathered(letters))
        url, body = signed(kind, settings.ROBOT_SECRET, time.time(), settings.ROBOT_URL, body)
        answer = post_json(url, body, {"X-Request-Id": letters[0].key})
        if not isinstance(answer, dict):
            return
        code = answer.get("errcode", answer.get("code", answer.get("StatusCode", 0)))
        if code:
            problem = f"{code} {answer.get('errmsg') or answer.get('msg') or ''}".strip()
            raise (Trouble if code in TOO_FAST[kind] else Refused)(problem)
