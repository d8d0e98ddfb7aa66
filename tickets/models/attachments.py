from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Attachment(models.Model):
    """A file somebody sent. Stored under a random name, checked by content, served only after asking for its case."""

    ticket = models.ForeignKey("tickets.Ticket", on_delete=models.CASCADE, related_name="attachments", null=True)
    # A photo is sent while its text is still being typed: until then it belongs to an upload ticket of its own.
    message = models.ForeignKey(
        "tickets.Message", on_delete=models.CASCADE, related_name="attachments", null=True, blank=True
    )
    upload_key = models.CharField(max_length=64, blank=True)
    file = models.FileField(upload_to="cases/%Y/%m/")
    preview = models.FileField(upload_to="previews/%Y/%m/", blank=True)
    name = models.CharField(_("file name"), max_length=200)
    media_type = models.CharField(max_length=60)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    width = models.PositiveIntegerField(null=True, blank=True)
    height = models.PositiveIntegerField(null=True, blank=True)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("file")
        constraints = [
            models.CheckConstraint(condition=Q(size__gt=0), name="attachment_not_empty"),
            models.CheckConstraint(
                condition=Q(ticket__isnull=False) | ~Q(upload_key=""), name="attachment_has_a_place"
            ),
            # The same photo sent again after a broken line is the same photo.
            models.UniqueConstraint(
                fields=["upload_key", "sha256"], condition=~Q(upload_key=""), name="attachment_once_per_upload"
            ),
        ]
        indexes = [models.Index(fields=["created_at"], condition=Q(ticket__isnull=True), name="attachment_waiting")]

    def __str__(self) -> str:
        return self.name

    @property
    def is_image(self) -> bool:
        return self.media_type.startswith("image/")
