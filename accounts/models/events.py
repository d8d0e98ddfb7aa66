from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from common.events import Event


class AccountEvent(Event):
    """Who changed whom and who looked at whose contact: what an auditor reads."""

    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    subject = models.CharField(max_length=40)

    SCHEMAS = {
        "person.created": frozenset({"role"}),
        "person.signed_up": frozenset(),
        "person.changed": frozenset({"fields"}),
        "person.deactivated": frozenset(),
        "person.reactivated": frozenset(),
        "team.changed": frozenset({"fields"}),
        "merchant.changed": frozenset({"fields"}),
        "organisation.changed": frozenset({"fields"}),
        "setup.finished": frozenset(),
        "contact.revealed": frozenset({"reason", "ticket"}),
        "token.made": frozenset(),
        "token.revoked": frozenset(),
        "notice.published": frozenset({"version"}),
    }

    class Meta:
        verbose_name = _("account event")
        indexes = [models.Index(fields=["-at"], name="account_event_newest")]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}"
