from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.files.base import File
from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.crypto import get_random_string
from django.utils.text import slugify
from django.utils.translation import gettext as _

from accounts.events import changed_fields, record
from accounts.models import Merchant, Mode, Organisation, PrivacyNotice, Team, User
from accounts.permissions import LEADING, may
from calendars.models import Calendar
from common import clock
from common.errors import Invalid, require


@transaction.atomic
def save_team(
    team: Team | None,
    *,
    actor: User | None,
    name: str,
    lead: User | None = None,
    calendar: Calendar | None = None,
    is_active: bool = True,
    at: datetime | None = None,
) -> Team:
    """Make a team (`team` None) or change one. The lead is who its escalations go to first. Raises Invalid."""
    require(may(actor, "manage_teams"), _("Only a manager can change teams."))
    name = " ".join(name.split())
    if not name:
        raise _invalid("name", _("A team needs a name."))
    if lead is not None and (not lead.is_active or lead.role not in LEADING):
        raise _invalid("lead", _("A team is led by a team lead, a manager or an administrator."))
    values = {"name": name, "lead": lead, "calendar": calendar, "is_active": is_active}
    team, fields = _save(team, Team, values, taken={"name": _("There is already a team with this name.")})
    if lead is not None and lead.team_id is None:
        lead.team = team
        lead.save(update_fields=["team"])
        record("person.changed", lead, actor=actor, at=at, fields=["team"])
    if fields:
        record("team.changed", team, actor=actor, at=at, fields=fields)
    return team


@transaction.atomic
def save_merchant(
    merchant: Merchant | None,
    *,
    actor: User | None,
    name: str,
    code: str,
    slug: str = "",
    hotline: str = "",
    signature: str = "",
    calendar: Calendar | None = None,
    is_active: bool = True,
    at: datetime | None = None,
) -> Merchant:
    """Make a shop (`merchant` None) or change one. `code` is its name in the shop system; `slug` its entry address.

    Without a slug one is made from the code; a shop that has one keeps it, because printed QR pictures point there.
    """
    require(may(actor, "manage_merchants"), _("Only an administrator can change shops."))
    name, code = " ".join(name.split()), code.strip()
    errors = {}
    if not name:
        errors["name"] = [_("A shop needs the name that customers know.")]
    if not code:
        errors["code"] = [_("A shop needs its code in the shop system, so that orders find it.")]
    slug = slugify(slug) or (merchant.slug if merchant else "")
    slug = slug or slugify(code)[:30] or get_random_string(8, "abcdefghjkmnpqrstuvwxyz23456789")
    if len(slug) > 40:
        errors["slug"] = [_("The address part has at most 40 characters.")]
    if errors:
        raise Invalid(next(iter(errors.values()))[0], errors=errors)
    values = {
        "name": name,
        "code": code,
        "slug": slug,
        "hotline": hotline.strip(),
        "signature": signature.strip().strip("【】[]"),
        "calendar": calendar,
        "is_active": is_active,
    }
    taken = {
        "code": _("Another shop already has this code."),
        "slug": _("Another shop already has this address part."),
    }
    merchant, fields = _save(merchant, Merchant, values, taken=taken)
    if fields:
        record("merchant.changed", merchant, actor=actor, at=at, fields=fields)
    return merchant


@transaction.atomic
def save_organisation(
    *,
    actor: User | None,
    name: str,
    mode: str,
    calendar: Calendar,
    hotline: str = "",
    logo: File | None = None,
    remove_logo: bool = False,
    at: datetime | None = None,
) -> Organisation:
    """Make the one organisation of this installation, or change it. `logo` is a checked picture (forms.py).

    The key behind ticket numbers is made once and never changed.
    """
    require(may(actor, "manage_organisation"), _("Only an administrator can change the organisation."))
    name = " ".join(name.split())
    if not name:
        raise _invalid("name", _("Customers need a name to know whom they write to."))
    if mode not in Mode.values:
        raise _invalid("mode", _("Choose brand or marketplace."))
    values: dict[str, Any] = {"name": name, "mode": mode, "calendar": calendar, "hotline": hotline.strip()}
    organisation = Organisation.objects.select_for_update(of=("self",)).filter(pk=1).first()
    is_new = organisation is None
    organisation = organisation or Organisation(pk=1, number_key=get_random_string(64))
    fields = sorted(values) if is_new else changed_fields(organisation, values)
    for field in fields:
        setattr(organisation, field, values[field])
    if logo is not None or remove_logo:
        organisation.logo.delete(save=False)
        if logo is not None:
            organisation.logo.save(getattr(logo, "name", "") or "logo.png", logo, save=False)
        fields = sorted([*fields, "logo"])
    if fields:
        organisation.save(force_insert=is_new)
        record("organisation.changed", organisation, actor=actor, at=at, fields=fields)
    _forget()
    return organisation


@transaction.atomic
def publish_notice(*, actor: User | None, text_zh: str, text_en: str, at: datetime | None = None) -> PrivacyNotice:
    """Publish a new version of the privacy notice; older versions stay readable, cases keep the one that was shown."""
    require(may(actor, "publish_notice"), _("Only an administrator can publish a privacy notice."))
    errors = {
        field: [_("Both languages are needed: a customer reads one of them before filing.")]
        for field, text in (("text_zh", text_zh), ("text_en", text_en))
        if not text.strip()
    }
    if errors:
        raise Invalid(next(iter(errors.values()))[0], errors=errors)
    # The newest row is locked, so that two who publish at once get two numbers.
    PrivacyNotice.objects.order_by("-version").select_for_update().first()
    version = (PrivacyNotice.objects.aggregate(last=Max("version"))["last"] or 0) + 1
    notice = PrivacyNotice.objects.create(
        version=version, text_zh=text_zh.strip(), text_en=text_en.strip(), published_at=at or clock.now()
    )
    record("notice.published", notice, actor=actor, at=at, version=version)
    return notice


def _save(row: Any, model: type, values: dict[str, Any], *, taken: dict[str, str]) -> tuple[Any, list[str]]:
    """Insert or update; the names of what changed. A unique value of somebody else's becomes a sentence."""
    if row is None:
        row, fields = model(**values), sorted(values)
        kwargs: dict[str, Any] = {"force_insert": True}
    else:
        row = model.objects.select_for_update(of=("self",)).get(pk=row.pk)  # type: ignore[attr-defined]
        fields = changed_fields(row, values)
        if not fields:
            return row, []
        for field in fields:
            setattr(row, field, values[field])
        kwargs = {"update_fields": fields}
    try:
        with transaction.atomic():
            row.save(**kwargs)
    except IntegrityError as clash:
        for field, sentence in taken.items():
            if f"({field})" in str(clash):
                raise _invalid(field, sentence) from None
        raise
    return row, fields


def _invalid(field: str, sentence: str) -> Invalid:
    return Invalid(sentence, errors={field: [sentence]})


def _forget() -> None:
    """Now for this transaction's own reader, and again when others can see the new row."""
    Organisation.forget()
    transaction.on_commit(Organisation.forget)
