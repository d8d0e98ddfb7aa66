from __future__ import annotations

import hashlib
import secrets
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.events import record
from accounts.models import ApiToken, User
from accounts.permissions import may
from common import clock
from common.errors import Conflict, NotAllowed, require


def token_hash(token: str) -> str:
    """What is kept of a token. It is 256 random bits, so one round of SHA-256 can't be turned back."""
    return hashlib.sha256(token.encode()).hexdigest()


@transaction.atomic
def make_token(person: User, *, actor: User | None, at: datetime | None = None) -> str:
    """A new API token for a person, shown this once. Only the person, an administrator or the system may ask."""
    require(
        actor is None or actor.pk == person.pk or may(actor, "manage_people"),
        _("You can make API tokens for yourself only."),
        NotAllowed,
    )
    require(person.is_active, _("This person can't sign in, so a token would not work."), Conflict)
    token = secrets.token_urlsafe(32)
    ApiToken.objects.create(user=person, token_hash=token_hash(token), ending=token[-4:], created_at=at or clock.now())
    record("token.made", person, actor=actor, at=at)
    return token


@transaction.atomic
def revoke_token(token: ApiToken, *, actor: User | None, at: datetime | None = None) -> None:
    """End a token at once; ending it twice is no mistake."""
    require(
        actor is None or actor.pk == token.user_id or may(actor, "manage_people"),
        _("You can end your own API tokens only."),
        NotAllowed,
    )
    ended = ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=at or clock.now())
    if ended:
        record("token.revoked", token.user, actor=actor, at=at)
