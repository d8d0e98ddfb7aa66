"""Mail by SMTP. The Message-ID is made from the letter's key, so that a letter sent twice is one in the mailbox."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Sequence
from email.utils import formataddr, parseaddr
from typing import Any, Self
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection

from notifications.channels import Letter, Refused, Trouble, Unreachable


def message_id(key: str) -> str:
    return f"<{key}@{urlsplit(settings.BASE_URL).hostname}>"


def sender_address() -> str:
    return parseaddr(settings.DEFAULT_FROM_EMAIL)[1]


def sender(speaker: str) -> str:
    """The shop's or organisation's name before the address that is set for all mail, as a header."""
    return formataddr((" ".join(speaker.split()), sender_address()))


def envelope(letter: Letter, connection: Any = None) -> EmailMultiAlternatives:
    message = EmailMultiAlternatives(
        " ".join(letter.subject.split()),
        letter.text,
        sender(letter.speaker),
        [letter.to],
        connection=connection,
        headers={
            "Message-ID": message_id(letter.key),
            # Holiday replies stay silent (RFC 3834).
            "Auto-Submitted": "auto-generated",
            "X-Auto-Response-Suppress": "All",
        },
    )
    if letter.html:
        message.attach_alternative(letter.html, "text/html")
    return message


class Mail:
    """One SMTP connection for a chunk of letters."""

    def __enter__(self) -> Self:
        self.connection = get_connection()
        return self

    def __exit__(self, *_error: object) -> None:
        self.connection.close()

    def send(self, letters: Sequence[Letter]) -> None:
        for letter in letters:
            self._send(letter)

    def _send(self, letter: Letter) -> None:
        try:
            self.connection.open()
            envelope(letter, self.connection).send()
        except smtplib.SMTPRecipientsRefused as error:
            codes = [code for code, _said in error.recipients.values()]
            raise _kind(min(codes, default=550))(_said_by(error)) from None
        except smtplib.SMTPDataError as error:
            raise _kind(error.smtp_code)(f"{error.smtp_code} {_text(error.smtp_error)}") from None
        except (smtplib.SMTPServerDisconnected, smtplib.SMTPConnectError, smtplib.SMTPAuthenticationError) as error:
            self.connection.close()
            raise Unreachable(f"{type(error).__name__}: {error}") from None
        except smtplib.SMTPException as error:
            raise Trouble(f"{type(error).__name__}: {error}") from None
        except (OSError, ssl.SSLError) as error:
            self.connection.close()
            raise Unreachable(f"{type(error).__name__}: {error}") from None
        except ValueError as error:  # a header or address that can't be written
            raise Refused(str(error)) from None


def _kind(code: int) -> type[Exception]:
    return Refused if code >= 500 else Trouble


def _said_by(error: smtplib.SMTPRecipientsRefused) -> str:
    return "; ".join(f"{code} {_text(said)}" for code, said in error.recipients.values())


def _text(said: bytes | str) -> str:
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else said
