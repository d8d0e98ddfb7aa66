"""What the letters say, in the active language: one sentence each for text messages, bells and the robot.

`told` is what `notifications.letters` gathered about a row; names were looked up there, nothing is fetched here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext as _

from common import wording
from sla.metrics import RESOLUTION
from sla.wording import metric_name


@dataclass
class Told:
    """What a letter may name. Moments are aware; `said` is the system message the customer reads on their page."""

    number: str
    speaker: str = ""
    person: str = ""
    lead: str = ""
    answer_by: str = ""
    result_by: str = ""
    promised_by: str = ""
    said: str = ""
    body: str = ""
    answered_since: bool = False
    data: Mapping[str, Any] = field(default_factory=dict)


def moment(at: datetime, now: datetime, *, ends_day: bool = False) -> str:
    """In the product's time zone: "今天 16:20"."""
    zone = timezone.get_default_timezone()
    return wording.moment(at, now, zone, get_language() or "zh-hans", ends_day=ends_day)


def join(*sentences: str) -> str:
    """Sentences one after the other: with a space in English, without in Chinese."""
    space = "" if wording.is_chinese(get_language() or "zh-hans") else " "
    return space.join(filter(None, sentences))


# ── to customers ──


def receipt(told: Told) -> str:
    return join(
        _("We have it: number %(number)s.") % {"number": told.number},
        _("First answer: by %(time)s.") % {"time": told.answer_by} if told.answer_by else "",
        _("Result: by %(time)s.") % {"time": told.result_by} if told.result_by else "",
        _("If we are late, you hear it from us first.") if told.answer_by or told.result_by else "",
    )


def reply(told: Told) -> str:
    if told.person:
        return _("%(name)s has answered you.") % {"name": told.person}
    return _("You have an answer.")


def resolved(told: Told) -> str:
    return join(_("There is a result for your complaint."), _("Please tell us there whether it is solved."))


def link(told: Told) -> str:
    return _("Here is the page of your case %(number)s. Whoever has this link can read it.") % {"number": told.number}


def late(told: Told) -> str:
    if told.answered_since:
        return _("We answered you later than we had promised, and we are sorry. The answer is there now.")
    return told.said or _("We did not answer you in time, and we are sorry.")


def promised(told: Told) -> str:
    if told.person:
        values = {"name": told.person, "time": told.promised_by}
        return _("%(name)s will answer you in person by %(time)s at the latest.") % values
    return _("You will be answered in person by %(time)s at the latest.") % {"time": told.promised_by}


CUSTOMER: Mapping[str, Callable[[Told], str]] = {
    "receipt": receipt,
    "reply": reply,
    "resolved": resolved,
    "link": link,
    "late": late,
    "promised": promised,
}


# ── to colleagues ──


_LETTERS = {
    "receipt": pgettext_lazy("message", "Receipt"),
    "reply": pgettext_lazy("message", "Answer"),
    "resolved": pgettext_lazy("message", "Result"),
    "link": pgettext_lazy("message", "Link to the case"),
    "late": pgettext_lazy("message", "Apology for being late"),
    "promised": pgettext_lazy("message", "Time a person named"),
    "escalated": pgettext_lazy("message", "Escalation"),
    "handed_over": pgettext_lazy("message", "Second miss"),
    "review": pgettext_lazy("message", "A person is asked for"),
}
_WAYS = {
    "sms": pgettext_lazy("way", "Text message"),
    "mail": pgettext_lazy("way", "E-mail"),
    "robot": pgettext_lazy("way", "Group robot"),
}


def letter_name(letter: str) -> str:
    """What kind of message it is, for lists of messages."""
    return str(_LETTERS.get(letter, letter))


def channel_name(channel: str) -> str:
    return str(_WAYS.get(channel, channel))


def why_failed(code: str) -> str:
    reasons = {
        "refused": _("The other side refused it."),
        "no_contact": _("There is no contact to send it to."),
        "not_set_up": _("No server is set up for this way."),
        "gave_up": _("Tried for a day without success."),
    }
    return reasons.get(code, code)


def escalation(data: Mapping[str, Any]) -> str:
    """What was missed, for a lead."""
    if data.get("reason") == "by_hand":
        return _("A colleague handed this case to the lead.")
    metric = metric_name(str(data.get("metric", "")))
    if data.get("level", 1) > 1:
        return _("%(metric)s: late, and the lead has not acknowledged it.") % {"metric": metric}
    return _("%(metric)s: late.") % {"metric": metric}


def second_miss(data: Mapping[str, Any]) -> str:
    metric = metric_name(str(data.get("metric", "")))
    return _("%(metric)s: missed for the second time. A person has to name the customer a time.") % {"metric": metric}


def at_risk(data: Mapping[str, Any]) -> str:
    if data.get("metric") == RESOLUTION:
        return _("The result falls due soon.")
    return _("The answer falls due soon.")


def delivery_failed(data: Mapping[str, Any]) -> str:
    values = {"what": letter_name(str(data.get("letter", ""))), "way": channel_name(str(data.get("channel", "")))}
    return _("%(what)s by %(way)s did not arrive. Please reach the customer another way.") % values


@dataclass(frozen=True)
class Ring:
    """How a line behind the bell looks; `kind` is "", "risk" or "late"."""

    icon: str
    kind: str
    words: Callable[[Mapping[str, Any]], str]


RINGS: Mapping[str, Ring] = {
    "assigned": Ring("user-check", "", lambda _data: _("This case was given to you.")),
    "customer_wrote": Ring("message", "", lambda _data: _("The customer wrote.")),
    "reopened": Ring("refresh", "", lambda _data: _("The customer says it is not solved.")),
    "review": Ring("user-question", "risk", lambda _data: _("The customer asks for a person to look at this.")),
    "at_risk": Ring("alert-triangle", "risk", at_risk),
    "escalated": Ring("clock-exclamation", "late", escalation),
    "handed_over": Ring("clock-exclamation", "late", second_miss),
    "delivery_failed": Ring("mail-off", "risk", delivery_failed),
}
