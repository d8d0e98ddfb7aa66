"""Text messages, by a POST to a gateway or to a small adapter in front of one (docs/notifications.md)."""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Sequence
from typing import Any, Self

from django.conf import settings

from notifications.channels import Letter, Refused
from notifications.channels.posting import post_json


def signature(secret: str, timestamp: str, key: str, phone: str, text: str) -> str:
    """HMAC-SHA256 over the lines timestamp, id, phone, text; hexadecimal."""
    content = "\n".join([timestamp, key, phone, text]).encode()
    return hmac.new(secret.encode(), content, hashlib.sha256).hexdigest()


class Sms:
    """Says `id`, which the other side collapses repeats by, also as Idempotency-Key."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None: ...

    def send(self, letters: Sequence[Letter]) -> None:
        for letter in letters:
            timestamp = str(int(time.time()))
            answer: Any = post_json(
                settings.SMS_URL,
                {
                    "id": letter.key,
                    "phone": letter.to,
                    "text": letter.text,
                    "timestamp": timestamp,
                    "signature": signature(settings.SMS_SECRET, timestamp, letter.key, letter.to, letter.text),
                },
                {"Idempotency-Key": letter.key},
            )
            if isinstance(answer, dict) and answer.get("ok") is False:
                raise Refused(str(answer.get("error", "refused by the gateway")))
