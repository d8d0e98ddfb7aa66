"""The ways out of the house: mail, text messages, one group robot, and the sink for those that are not set up."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from django.conf import settings


@dataclass(frozen=True)
class Letter:
    """A message in words, ready to leave. `key` is its fixed id; `to` a mail address or an E.164 phone number.

    `speaker` is the shop's or organisation's name; `link` the page that the message is about.
    """

    key: str
    channel: str
    to: str
    speaker: str
    subject: str
    text: str
    html: str = ""
    link: str = ""


class Refused(Exception):
    """The other side will never take this message: trying again is pointless. `why` is a code."""

    def __init__(self, message: str, *, why: str = "refused") -> None:
        super().__init__(message)
        self.why = why


class Trouble(Exception):
    """This message could not be sent now; later it may."""


class Unreachable(Trouble):
    """Nobody answers: every other message for this channel would fail the same way."""


class Channel(Protocol):
    """Sends letters one by one; used as a context manager, so that a connection is kept for a chunk."""

    def send(self, letters: Sequence[Letter]) -> None: ...


def is_set_up(channel: str) -> bool:
    """Whether the environment names a server for this channel."""
    return {
        "mail": not settings.EMAIL_IS_SINK,
        "sms": bool(settings.SMS_URL),
        "robot": bool(settings.ROBOT_URL),
    }[str(channel)]


def has_sink() -> bool:
    """Whether messages without a server are kept to be read on a page: in the demo, and until mail is set up."""
    return bool(settings.DEMO or settings.EMAIL_IS_SINK)


def is_open(channel: str) -> bool:
    """Whether something sent by this channel is seen by anybody."""
    return is_set_up(channel) or has_sink()


def channel_for(name: str) -> AbstractContextManager[Channel]:
    """The sender of a channel. Raises Refused where there is neither a server nor a sink."""
    from notifications.channels.mail import Mail
    from notifications.channels.robot import Robot
    from notifications.channels.sink import Sink
    from notifications.channels.sms import Sms

    if is_set_up(name):
        senders: dict[str, Callable[[], AbstractContextManager[Channel]]] = {"mail": Mail, "sms": Sms, "robot": Robot}
        return senders[name]()
    if has_sink():
        return Sink()
    raise Refused(f"no server is set up for {name}", why="not_set_up")
