"""First start: an empty product asks for its first administrator, organisation and team."""

from __future__ import annotations

import secrets
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actions.organisation import save_team
from accounts.actions.people import create_person
from accounts.actions.tokens import token_hash
from accounts.events import record
from accounts.models import Organisation, Role, SetupLink, User
from common import clock
from common.errors import Conflict, Invalid, Missing, require


@transaction.atomic
def make_setup_link(*, at: datetime | None = None) -> str:
    """A one-time token for the first administrator, valid two days; earlier ones end. Raises Conflict if there is one.

    Only somebody at the machine can ask for it (`manage.py setup_link`), so that no passer-by takes an empty product.
    """
    require(not User.objects.staff().exists(), _("This product already has people; sign in instead."), Conflict)
    at = at or clock.now()
    SetupLink.objects.filter(used_at=None).delete()
    token = secrets.token_urlsafe(24)
    SetupLink.objects.create(token_hash=token_hash(token), created_at=at, expires_at=at + SetupLink.KEPT)
    return token


def setup_link(token: str, *, at: datetime | None = None) -> SetupLink | None:
    """The link that this token opens, or None when it is unknown, used or expired."""
    return SetupLink.objects.filter(
        token_hash=token_hash(token), used_at=None, expires_at__gt=at or clock.now()
    ).first()


@transaction.atomic
def first_admin(
    token: str, *, name: str, email: str, password: str, language: str = "zh-hans", at: datetime | None = None
) -> User:
    """Use the one-time link to make the first administrator. Raises Missing for a link that opens nothing, Invalid."""
    at = at or clock.now()
    used = SetupLink.objects.filter(token_hash=token_hash(token), used_at=None, expires_at__gt=at).update(used_at=at)
    require(used, _("This link was used or has expired. Make a new one with “manage.py setup_link”."), Missing)
    return create_person(
        actor=None, name=name, role=Role.ADMIN, email=email, password=password, language=language, at=at
    )


@transaction.atomic
def open_product(
    *, actor: User | None, team_name: str, lead_name: str = "", lead_email: str = "", at: datetime | None = None
) -> Organisation:
    """Make the first team with its lead and open the product: from now on customers can file.

    Without a lead's name the actor leads. Raises Invalid, or Conflict while it is not known who runs this product.
    """
    organisation = Organisation.objects.select_for_update(of=("self",)).filter(pk=1).first()
    if organisation is None:
        raise Conflict(_("First say who you are: name, mode and working hours."))
    lead = actor
    if lead_name:
        try:
            lead = create_person(actor=actor, name=lead_name, role=Role.LEAD, email=lead_email, at=at)
        except Invalid as wrong:
            raise Invalid(
                wrong.message, errors={f"lead_{name}": texts for name, texts in wrong.errors.items()}
            ) from None
    save_team(None, actor=actor, name=team_name, lead=lead, at=at)
    if organisation.set_up_at is None:
        organisation.set_up_at = at or clock.now()
        organisation.save(update_fields=["set_up_at"])
        record("setup.finished", organisation, actor=actor, at=at)
    Organisation.forget()
    transaction.on_commit(Organisation.forget)
    return organisation
