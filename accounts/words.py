"""What an account event is called on the auditor's page."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

KINDS = {
    "person.created": _("person added"),
    "person.signed_up": _("customer made an account"),
    "person.changed": _("person changed"),
    "person.deactivated": _("access ended"),
    "person.reactivated": _("access given back"),
    "team.changed": _("team changed"),
    "merchant.changed": _("shop changed"),
    "organisation.changed": _("organisation changed"),
    "setup.finished": _("product opened"),
    "contact.revealed": _("contact shown in full"),
    "token.made": _("API token made"),
    "token.revoked": _("API token ended"),
    "notice.published": _("privacy notice published"),
}
FIELDS = {
    "name": pgettext_lazy("field", "name"),
    "email": pgettext_lazy("field", "e-mail"),
    "phone": pgettext_lazy("field", "phone"),
    "role": pgettext_lazy("field", "role"),
    "team": pgettext_lazy("field", "team"),
    "merchants": pgettext_lazy("field", "confined to"),
    "language": pgettext_lazy("field", "language"),
    "theme": pgettext_lazy("field", "appearance"),
    "lead": pgettext_lazy("field", "lead"),
    "calendar": pgettext_lazy("field", "working hours"),
    "is_active": pgettext_lazy("field", "in use"),
    "code": pgettext_lazy("field", "code"),
    "slug": pgettext_lazy("field", "address part"),
    "hotline": pgettext_lazy("field", "hotline"),
    "signature": pgettext_lazy("field", "signature"),
    "mode": pgettext_lazy("field", "mode"),
    "logo": pgettext_lazy("field", "logo"),
}
