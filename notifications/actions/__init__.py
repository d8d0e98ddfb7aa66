"""The verbs of telling people: the only writers of the outbox and the bell."""

from notifications.actions.keeping import forget_old
from notifications.actions.notices import read_all, read_notice, read_of_ticket
from notifications.actions.outbox import Entry, enqueue_many, wake
from notifications.actions.retrying import retry
from notifications.actions.sending import Sent, claim, send_waiting
from notifications.actions.telling import tell_about

__all__ = [
    "Entry",
    "Sent",
    "claim",
    "enqueue_many",
    "forget_old",
    "read_all",
    "read_notice",
    "read_of_ticket",
    "retry",
    "send_waiting",
    "tell_about",
    "wake",
]
