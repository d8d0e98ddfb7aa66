"""What customers read when a promise was missed: an apology, the fact behind it, and who answers by when."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from common import wording as words
from sla.metrics import RESOLUTION
from tickets.directory import directory
from tickets.models.ticket import WaitReason
from tickets.told import wording

Facts = Mapping[str, Any]


def moment(text: Any, *, ends_day: bool = False) -> str:
    """An ISO 8601 instant as people say it today, in the product's time zone."""
    at = datetime.fromisoformat(str(text))
    zone, language = timezone.get_current_timezone(), get_language() or "zh-hans"
    return words.moment(at, timezone.now(), zone, language, ends_day=ends_day)


def _join(*sentences: str) -> str:
    """Sentences one after the other: with a space in English, without in Chinese."""
    space = "" if words.is_chinese(get_language() or "zh-hans") else " "
    return space.join(sentence for sentence in sentences if sentence)


def sorry(facts: Facts) -> str:
    """What we promised and did not keep."""
    due = moment(facts["due_at"], ends_day=bool(facts.get("ends_day")))
    if facts.get("metric") == RESOLUTION:
        return _("We said you would have a result by %(due)s, and we did not keep to it. We are sorry.") % {"due": due}
    return _("We said you would hear from us by %(due)s, and we did not keep to it. We are sorry.") % {"due": due}


def why(facts: Facts) -> str:
    """The fact behind a miss, from our rows only; "" where they say nothing."""
    match facts.get("why"):
        case "nobody":
            ahead = int(facts.get("ahead") or 0)
            if ahead:
                return ngettext(
                    "No colleague has taken your case yet; %(count)s other case was due before it.",
                    "No colleague has taken your case yet; %(count)s other cases were due before it.",
                    ahead,
                ) % {"count": ahead}
            return _("No colleague has taken your case yet.")
        case "held":
            name = directory().person(facts.get("assignee"))
            return _("%(name)s has your case and has not answered yet.") % {"name": name} if name else ""
        case "waiting":
            reasons: dict[str, str] = {
                WaitReason.CARRIER: _("We are still waiting for the carrier."),
                WaitReason.SUPPLIER: _("We are still waiting for the factory."),
                WaitReason.PLATFORM: _("We are still waiting for the platform."),
                WaitReason.AUTHORITY: _("We are still waiting for an authority."),
            }
            return reasons.get(str(facts.get("wait_reason")), "")
    return ""


def looked_after_by(name: str) -> str:
    """Who leads the team and knows of the miss."""
    return _("%(name)s, who leads the team, looks after it now.") % {"name": name}


def _who_by_when(facts: Facts) -> str:
    name = directory().person(facts.get("lead"))
    due_at = facts.get("recovery_due_at")
    if not due_at:
        return looked_after_by(name) if name else ""
    due = moment(due_at)
    if name:
        return _("%(name)s, who leads the team, knows of it; you will hear from us by %(due)s at the latest.") % {
            "name": name,
            "due": due,
        }
    return _("You will hear from us by %(due)s at the latest.") % {"due": due}


@wording("sla.late")
def late(facts: Facts) -> str:
    return _join(sorry(facts), why(facts), _who_by_when(facts))


@wording("sla.late_answered")
def late_answered(facts: Facts) -> str:
    met_at = facts.get("met_at")
    if not met_at:
        return sorry(facts)
    return _join(sorry(facts), _("The answer came at %(at)s.") % {"at": moment(met_at)})


@wording("sla.missed_again")
def missed_again(facts: Facts) -> str:
    name = directory().person(facts.get("lead"))
    if name:
        who = _("%(name)s, who leads the team, has it now and will name the time personally.") % {"name": name}
    else:
        who = _("A manager has it now and will name the time personally.")
    return _join(
        _("We have not answered you on time twice now, so we do not give you another automatic time."),
        who,
        _("You can also turn to 12315 right away."),
    )


@wording("sla.promised_by_person")
def promised_by_person(facts: Facts) -> str:
    due = moment(facts["due_at"])
    name = directory().person(facts.get("lead"))
    if name:
        return _("%(name)s will answer you personally by %(due)s.") % {"name": name, "due": due}
    return _("You will be answered personally by %(due)s.") % {"due": due}
