from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Customer(models.Model):
    """Who complains: a name and at least one contact, as given in one case or by a shop.

    Two rows may carry the same phone: anyone can type any number, so a contact identifies nobody. `user` is set
    only for somebody who signed in.
    """

    name = models.CharField(_("name"), max_length=60, blank=True)
    phone = models.CharField(_("phone"), max_length=20, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    user = models.ForeignKey(
        "accounts.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="customer_rows"
    )
    tier = models.CharField(_("customer tier"), max_length=20, blank=True)
    language = models.CharField(_("language"), max_length=10, default="zh-hans")
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("customer")
        indexes = [
            models.Index(fields=["phone"], condition=~Q(phone=""), name="customer_phone"),
            models.Index(fields=["email"], condition=~Q(email=""), name="customer_email"),
        ]

    def __str__(self) -> str:
        return self.masked_name or self.masked_contact

    @property
    def contact(self) -> str:
        return self.phone or self.email

    @property
    def masked_name(self) -> str:
        """何女士 -> 何**: the first character stays, so that people can be addressed."""
        return mask_name(self.name)

    @property
    def masked_contact(self) -> str:
        return mask_phone(self.phone) or mask_email(self.email)


def mask_name(name: str) -> str:
    """The first character and stars; for Latin names the first letter of each word."""
    name = name.strip()
    if not name:
        return ""
    if name.isascii():
        return " ".join(word[0] + "*" * min(3, len(word) - 1) for word in name.split())
    return name[0] + "*" * min(2, len(name) - 1)


def mask_phone(phone: str) -> str:
    """+8613800136021 -> 138****6021; a short number keeps its last two digits."""
    digits = phone.removeprefix("+86") if phone.startswith("+86") else phone
    if not digits:
        return ""
    if len(digits) < 8:
        return "*" * max(0, len(digits) - 2) + digits[-2:]
    return f"{digits[:3]}****{digits[-4:]}"


def mask_email(email: str) -> str:
    """mei@example.com -> m***@example.com."""
    name, at, host = email.partition("@")
    return f"{name[:1]}***{at}{host}" if at else ""
