"""Where messages go when no server is set: a table that admins read on a page. A message sent twice is one row."""

from __future__ import annotations

from collections.abc import Sequence
from email.utils import make_msgid
from typing import Any, Self

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from common import clock
from notifications.channels import Letter
from notifications.channels.mail import sender_address
from notifications.models import SinkMessage


class Sink:
    """Keeps a whole chunk with one INSERT."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None: ...

    def send(self, letters: Sequence[Letter]) -> None:
        at = clock.now()
        rows = [
            SinkMessage(
                key=letter.key,
                channel=letter.channel,
                recipient=letter.to,
                sender=f"{letter.speaker} <{sender_address()}>" if letter.channel == "mail" else letter.speaker,
                subject=letter.subject[:254],
                text=f"{letter.text} {letter.link}" if letter.channel == "robot" else letter.text,
                html=letter.html,
                at=at,
            )
            for letter in letters
        ]
        SinkMessage.objects.bulk_create(rows, ignore_conflicts=True)


class SinkBackend(BaseEmailBackend):
    """What `EMAIL_URL=sink` means for mail that does not come from the outbox: passwords, invitations, mail tests."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        at = clock.now()
        SinkMessage.objects.bulk_create(
            [
                SinkMessage(
                    key=message.extra_headers.get("Message-ID") or make_msgid(domain="sink")[:200],
                    channel="mail",
                    recipient=", ".join(message.recipients())[:254],
                    sender=message.from_email[:254],
                    subject=str(message.subject)[:254],
                    text=str(message.body),
                    html=_html(message),
                    at=at,
                )
                for message in email_messages
            ],
            ignore_conflicts=True,
        )
        return len(email_messages)


def _html(message: Any) -> str:
    return next((str(c) for c, kind in getattr(message, "alternatives", []) if kind == "text/html"), "")
