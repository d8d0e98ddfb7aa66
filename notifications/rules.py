"""Who is told what, by which channel, and what may wait for the morning: the one table.

Nobody is told about what they did themselves, except where `own` says so (a receipt, a link one asked for).
Nobody at all is told about an imported case.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class To(StrEnum):
    CUSTOMER = "customer"  # of the case
    ASSIGNEE = "assignee"  # who has the case after the event
    HOLDER = "holder"  # who has it, else the lead of its team
    NAMED = "named"  # the colleagues that the event names in `to`
    MANAGERS = "managers"  # those the event names in `managers`
    GROUP = "group"  # the group chat with the robot


class By(StrEnum):
    BELL = "bell"  # on every staff page, at once
    CONTACT = "contact"  # text message to a mobile, else mail
    MAIL = "mail"
    SMS = "sms"
    ROBOT = "robot"


@dataclass(frozen=True)
class Rule:
    """`letter` names the words. `waits`: not between 22:00 and 8:00 product time, unless the case is urgent."""

    to: To
    by: tuple[By, ...]
    letter: str
    waits: bool = False
    own: bool = False
    only: Callable[[Mapping[str, Any]], bool] | None = None


def _by_person(data: Mapping[str, Any]) -> bool:
    return bool(data.get("by_person"))


def _by_customer(data: Mapping[str, Any]) -> bool:
    return bool(data.get("by_customer"))


_ESCALATED = (Rule(To.GROUP, (By.ROBOT,), "escalated"),)

RULES: Mapping[str, tuple[Rule, ...]] = {
    # ── the customer ──
    "ticket.opened": (Rule(To.CUSTOMER, (By.CONTACT,), "receipt", own=True),),
    "message.replied": (Rule(To.CUSTOMER, (By.CONTACT,), "reply"),),
    "ticket.resolved": (Rule(To.CUSTOMER, (By.CONTACT,), "resolved"),),
    "link.made": (Rule(To.CUSTOMER, (By.CONTACT,), "link", own=True),),
    "sla.told": (Rule(To.CUSTOMER, (By.CONTACT,), "late", waits=True),),
    "sla.recovery_promised": (Rule(To.CUSTOMER, (By.CONTACT,), "promised", waits=True, only=_by_person),),
    # ── colleagues ──
    "ticket.assigned": (Rule(To.ASSIGNEE, (By.BELL,), "assigned"),),
    "ticket.review_requested": (Rule(To.HOLDER, (By.BELL, By.MAIL), "review"),),
    "ticket.reopened": (Rule(To.HOLDER, (By.BELL,), "reopened", only=_by_customer),),
    "message.received": (Rule(To.ASSIGNEE, (By.BELL,), "customer_wrote"),),
    "sla.at_risk": (Rule(To.HOLDER, (By.BELL,), "at_risk"),),
    "ticket.escalated": (Rule(To.ASSIGNEE, (By.BELL, By.MAIL), "escalated"), *_ESCALATED),
    "sla.escalated": (Rule(To.NAMED, (By.BELL, By.MAIL), "escalated"), *_ESCALATED),
    "sla.handed_over": (
        Rule(To.NAMED, (By.BELL, By.MAIL), "handed_over"),
        Rule(To.MANAGERS, (By.BELL, By.MAIL), "handed_over"),
        Rule(To.GROUP, (By.ROBOT,), "handed_over"),
    ),
    "delivery.failed": (Rule(To.HOLDER, (By.BELL,), "delivery_failed"),),
}
