from __future__ import annotations

from datetime import datetime, timedelta

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class CaseLinkQuerySet(models.QuerySet["CaseLink"]):
    def valid(self, at: datetime) -> CaseLinkQuerySet:
        return self.filter(revoked_at__isnull=True, expires_at__gt=at)


class CaseLink(models.Model):
    """The short link by which a guest follows a case. The token itself is never stored (see tickets/links.py)."""

    KEPT = timedelta(days=365)

    ticket = models.ForeignKey("tickets.Ticket", on_delete=models.CASCADE, related_name="links")
    salt = models.CharField(max_length=32)
    token_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = CaseLinkQuerySet.as_manager()

    class Meta:
        verbose_name = _("case link")
        constraints = [
            models.CheckConstraint(condition=Q(expires_at__gt=models.F("created_at")), name="link_expires_later")
        ]

    def __str__(self) -> str:
        return f"{self.ticket_id} until {self.expires_at:%Y-%m-%d}"
