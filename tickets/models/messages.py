from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Visibility(models.TextChoices):
    PUBLIC = "public", pgettext_lazy("message", "public")
    NOTE = "note", _("internal note")


class AuthorKind(models.TextChoices):
    """Only `staff` counts as an answer: receipts and apologies are written by `system` and stop no clock."""

    STAFF = "staff", _("staff")
    CUSTOMER = "customer", _("customer")
    SYSTEM = "system", _("system")


class MessageQuerySet(models.QuerySet["Message"]):
    def public(self) -> MessageQuerySet:
        return self.filter(visibility=Visibility.PUBLIC)


class Message(models.Model):
    """Something said on a case. A system message says `template` and `facts` and is put into words when shown."""

    ticket = models.ForeignKey("tickets.Ticket", on_delete=models.CASCADE, related_name="messages")
    visibility = models.CharField(max_length=8, choices=Visibility, default=Visibility.PUBLIC)
    author_kind = models.CharField(max_length=8, choices=AuthorKind)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    body = models.TextField(blank=True)
    template = models.CharField(max_length=40, blank=True)
    facts = models.JSONField(default=dict, blank=True)
    at = models.DateTimeField()
    received_at = models.DateTimeField(null=True, blank=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        verbose_name = _("message")
        constraints = [
            models.CheckConstraint(condition=Q(author_kind__in=AuthorKind.values), name="message_author_kind_known"),
            models.CheckConstraint(condition=Q(visibility__in=Visibility.values), name="message_visibility_known"),
            models.CheckConstraint(
                condition=~Q(author_kind=AuthorKind.CUSTOMER) | Q(visibility=Visibility.PUBLIC),
                name="message_customers_write_in_public",
            ),
        ]
        indexes = [models.Index(fields=["ticket", "at", "id"], name="message_of_ticket")]

    def __str__(self) -> str:
        return f"{self.ticket_id} {self.author_kind}"
