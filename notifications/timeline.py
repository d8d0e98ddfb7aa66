"""What became of deliveries, on the timeline of a case."""

from __future__ import annotations

from django.utils.translation import gettext as _

from notifications import words
from notifications.models import NotificationEvent
from tickets import timeline
from tickets.models import Ticket
from tickets.timeline import Step


@timeline.source
def deliveries(ticket: Ticket, limit: int) -> list[Step]:
    """Newest first."""
    events = NotificationEvent.objects.filter(ticket=ticket).select_related("actor").order_by("-at", "-id")[:limit]
    return [_in_words(event) for event in events]


def _in_words(event: NotificationEvent) -> Step:
    values = {
        "what": words.letter_name(event.data["letter"]),
        "way": words.channel_name(event.data["channel"]),
        "name": event.actor.name if event.actor else "",
    }
    if event.kind == "delivery.failed":
        text = _("%(what)s by %(way)s did not arrive:") % values
        return Step(event.at, words.join(text, words.why_failed(event.data["why"])), "mail-off", "late")
    return Step(event.at, _("%(name)s sent it again: %(what)s by %(way)s.") % values, "refresh")
