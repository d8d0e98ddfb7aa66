"""What happened to promises, as lines of the staff's timeline and of the customer's trail."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from sla import told, wording
from sla.models import SlaEvent
from tickets import timeline, trail
from tickets.directory import Directory, directory
from tickets.models import Ticket

_SHOWN = (
    "sla.at_risk",
    "sla.breached",
    "sla.recovery_promised",
    "sla.escalated",
    "sla.acknowledged",
    "sla.handed_over",
    "sla.step_parked",
    "sla.review_promised",
    "sla.rematched",
)


@timeline.source
def steps(ticket: Ticket, limit: int) -> list[timeline.Step]:
    """Warnings, misses, escalations and new promises of a case, newest first."""
    events = SlaEvent.objects.filter(ticket=ticket, kind__in=_SHOWN).select_related("actor").order_by("-at", "-id")
    names = directory()
    return [_step(event, names) for event in events[:limit]]


def _step(event: SlaEvent, names: Directory) -> timeline.Step:
    data = event.data
    metric = wording.metric_name(data.get("recovers") or data.get("metric", ""))
    match event.kind:
        case "sla.at_risk":
            text = _("%(metric)s due soon: %(percent)s%% of the time is used") % {
                "metric": metric,
                "percent": data.get("percent"),
            }
            return timeline.Step(event.at, text, "alert-triangle")
        case "sla.breached":
            missed = _("missed again") if data.get("repeat", 1) > 1 else _("missed")
            due = told.moment(data["due_at"])
            text = _("%(metric)s %(missed)s; it was due %(due)s") % {"metric": metric, "missed": missed, "due": due}
            return timeline.Step(event.at, text, "clock-exclamation", "late")
        case "sla.recovery_promised":
            text = _("New promise for the customer: %(due)s") % {"due": told.moment(data["due_at"])}
            return timeline.Step(event.at, text, "clock")
        case "sla.review_promised":
            return timeline.Step(event.at, _review(event, names), "user-question")
        case "sla.escalated":
            return timeline.Step(
                event.at, _("Escalated to %(names)s") % {"names": _people(data.get("to"), names)}, "speakerphone"
            )
        case "sla.acknowledged":
            who = event.actor.name if event.actor else _("A lead")
            return timeline.Step(event.at, _("%(who)s acknowledged the miss") % {"who": who}, "user-check")
        case "sla.handed_over":
            people = _people(data.get("to"), names)
            return timeline.Step(
                event.at,
                _("Missed twice: handed to %(names)s, managers told") % {"names": people},
                "hand-stop",
                "late",
            )
        case "sla.step_parked":
            return timeline.Step(
                event.at, _("A step of the timeout workflow failed; it is tried again"), "alert-triangle", "late"
            )
    text = _("%(metric)s: now due %(due)s") % {"metric": metric, "due": told.moment(data["to"])}
    return timeline.Step(event.at, text, "clock")


def _people(ids: Any, names: Directory) -> str:
    found = [name for pk in ids or [] if (name := names.person(pk))]
    return ", ".join(found) or _("nobody: there is no lead and no manager")


def _review(event: SlaEvent, names: Directory) -> str:
    due = told.moment(event.data["due_at"])
    if name := names.person(event.data.get("lead")):
        return _("%(name)s looks at it again and answers by %(due)s") % {"name": name, "due": due}
    return _("Another colleague looks at it again and answers by %(due)s") % {"due": due}


@trail.source
def lines(ticket: Ticket) -> Iterable[trail.Line]:
    """Missed and new promises, in the customer's words."""
    names = directory()
    kinds = ("sla.breached", "sla.recovery_promised", "sla.handed_over", "sla.review_promised")
    for event in SlaEvent.objects.filter(ticket=ticket, kind__in=kinds).order_by("id"):
        metric = wording.metric_name(event.data.get("recovers") or event.data.get("metric", ""))
        if event.kind == "sla.breached":
            yield trail.Line(
                event.at, "", _("%(metric)s not on time") % {"metric": metric}, "clock-exclamation", "late"
            )
        elif event.kind == "sla.recovery_promised":
            yield trail.Line(
                event.at, _("New time: %(due)s") % {"due": told.moment(event.data["due_at"])}, icon="clock"
            )
        elif event.kind == "sla.review_promised":
            yield trail.Line(event.at, _review(event, names), icon="user-question")
        else:
            people = _people(event.data.get("to"), names)
            yield trail.Line(event.at, _("%(names)s looks after it personally") % {"names": people}, icon="user")
