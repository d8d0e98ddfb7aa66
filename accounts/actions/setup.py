"""First start: an empty product asks for its first administrator, organisation and team."""

from __future__ import annotations

import secrets
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actions.people import create_person
from accounts.actions.tokens import token_hash
from accounts.events import record
from accounts.models import Organisation, Role, SetupLink, Team, User
from common import clock
from common.errors import Conflict, Missing, require


@transaction.atomic
def make_setup_link(*, at: datetime | None = None) -> str:
    """A one-time token for the first administrator, valid two days; earlier ones end. Raises Conflict once there is one.

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
def finish_setup(*, actor: User | None, at: datetime | None = None) -> Organisation:
    """Open the product: from now on customers can file. Raises Conflict while organisation or team is missing."""
    organisation = Organisation.objects.select_for_update(of=("self",)).filter(pk=1).first()
    if organisation is None:
        raise Conflict(_("First say who you are: name, mode and working hours."))
    require(Team.objects.filter(is_active=True).exists(), _("First make a team that takes the cases."), Conflict)
    if organisation.set_up_at is None:
        organisation.set_up_at = at or clock.now()
        organisation.save(update_fields=["set_up_at"])
        record("setup.finished", organisation, actor=actor, at=at)
    Organisation.forget()
    transaction.on_commit(Organisation.forget)
    return organisation
