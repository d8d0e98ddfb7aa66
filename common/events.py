"""The append-only record of what happened, and the project's one signal.

An app that has a timeline owns a concrete table of `Event` and a `record`; everybody else listens to
`event_recorded`. The signal is sent once per `record_many`, inside the transaction of the verb, with the list
of saved rows: listeners keep their own rows in step, or leave an Outbox row for later.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from django.db import models
from django.dispatch import Signal
from django.utils.translation import gettext_lazy as _

event_recorded = Signal()


class ActorKind(models.TextChoices):
    STAFF = "staff", _("staff")
    CUSTOMER = "customer", _("customer")
    SYSTEM = "system", _("system")
    CARRIER = "carrier", _("carrier")
    GATEWAY = "gateway", _("payment gateway")


class Origin(models.TextChoices):
    """Where a case comes from. Nobody is told anything about imported and demo histories."""

    LIVE = "live", _("live")
    IMPORT = "import", _("imported")


class Event(models.Model):
    """One thing that happened. `data` holds codes, ids and numbers, never names, contacts or free text."""

    kind = models.CharField(max_length=48)
    at = models.DateTimeField()
    actor_kind = models.CharField(max_length=12, choices=ActorKind)
    data = models.JSONField(default=dict, blank=True)

    class Meta:
        abstract = True

    #: What an event of each kind may carry; `check_data` refuses anything else.
    SCHEMAS: Mapping[str, frozenset[str]] = {}

    @classmethod
    def check_data(cls, kind: str, data: Mapping[str, Any]) -> None:
        """Refuse an unknown kind or key: a typo must not become history. Raises ValueError."""
        allowed = cls.SCHEMAS.get(kind)
        if allowed is None:
            raise ValueError(f"{cls.__name__} knows no event {kind!r}")
        unknown = set(data) - allowed
        if unknown:
            raise ValueError(f"{kind} may not carry {', '.join(sorted(unknown))}")


def announce(events: Sequence[Event]) -> None:
    """Send the one signal for rows that were just saved; a listener that fails undoes the whole verb."""
    if events:
        event_recorded.send(sender=type(events[0]), events=list(events))


Reaction = Callable[[list[Any]], None]


def listen(reactions: Mapping[str, Reaction], *, uid: str) -> None:
    """Connect a table of `event kind -> action(list of events)`; each action is called once per signal.

    `uid` keeps one connection per app however often its module is imported.
    """

    def receive(sender: type, events: Iterable[Event], **_kwargs: Any) -> None:
        by_kind: dict[str, list[Event]] = {}
        for event in events:
            by_kind.setdefault(event.kind, []).append(event)
        for kind, group in by_kind.items():
            if reaction := reactions.get(kind):
                reaction(group)

    event_recorded.connect(receive, weak=False, dispatch_uid=uid)
