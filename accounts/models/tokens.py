from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class ApiToken(models.Model):
    """What a system signs in with. Only the SHA-256 of the token is kept: it is random, so a slow hash adds nothing."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="api_tokens")
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    # The last characters, so that people can tell their tokens apart.
    ending = models.CharField(max_length=4, editable=False)
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("API token")
        indexes = [models.Index(fields=["user"], condition=models.Q(revoked_at=None), name="api_token_in_use")]

    def __str__(self) -> str:
        return f"…{self.ending}"


class SetupLink(models.Model):
    """The one-time key to an empty product: whoever holds it makes the first administrator."""

    KEPT = timedelta(days=2)

    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("set-up link")

    def __str__(self) -> str:
        return f"until {self.expires_at:%Y-%m-%d %H:%M}"
