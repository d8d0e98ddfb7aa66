from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.contacts import Email, Phone, parse_email, parse_phone
from accounts.events import changed_fields, record
from accounts.models import Customer, Merchant, Role, Team, User
from accounts.permissions import may
from common import clock
from common.errors import Conflict, DomainError, Invalid, require

LONGEST_NAME = 60  # as the column
PERSON_FIELDS = ("name", "email", "phone", "role", "team", "language")


@transaction.atomic
def create_person(
    *,
    actor: User | None,
    name: str,
    role: str,
    email: str = "",
    phone: str = "",
    team: Team | None = None,
    merchants: Iterable[Merchant] = (),
    language: str = "zh-hans",
    password: str | None = None,
    at: datetime | None = None,
) -> User:
    """Add somebody who signs in. Without a password they set one through "forgot password".

    `actor` None is the system itself (first start, demo). Raises NotAllowed, or Invalid with the fields that are wrong.
    """
    require(may(actor, "manage_people"), _("Only an administrator can add people."))
    values = _checked({"name": name, "email": email, "phone": phone, "role": role, "team": team, "language": language})
    person = User(**values)
    if password:
        _check_password(password, person)
        person.set_password(password)
    else:
        person.set_unusable_password()
    _save_unique(person)
    _scope(person, merchants)
    record("person.created", person, actor=actor, at=at, role=person.role)
    return person


@transaction.atomic
def change_person(
    person: User,
    *,
    actor: User | None,
    merchants: Iterable[Merchant] | None = None,
    at: datetime | None = None,
    **changes: Any,
) -> User:
    """Change name, contacts, role, team, language or shops of a person; only what differs is written and logged.

    Raises NotAllowed, Invalid, or Conflict when nobody would be left to administer the product.
    """
    require(may(actor, "manage_people"), _("Only an administrator can change people."))
    unknown = set(changes) - set(PERSON_FIELDS)
    if unknown:
        raise TypeError(f"change_person can't change {', '.join(sorted(unknown))}")
    person = User.objects.select_for_update(of=("self",)).get(pk=person.pk)
    current = {field: getattr(person, field) or "" for field in ("email", "phone")}
    values = _checked({"name": person.name, "role": person.role, "team": person.team, **current, **changes})
    values = {name: value for name, value in values.items() if name in changes}
    fields = changed_fields(person, values)
    if person.role == Role.ADMIN and values.get("role", Role.ADMIN) != Role.ADMIN:
        _another_admin(person)
    for name in fields:
        setattr(person, name, values[name])
    if fields:
        _save_unique(person, update_fields=fields)
    if merchants is not None and _scope(person, merchants):
        fields = sorted([*fields, "merchants"])
    if fields:
        record("person.changed", person, actor=actor, at=at, fields=fields)
    return person


@transaction.atomic
def deactivate_person(person: User, *, actor: User | None, at: datetime | None = None) -> User:
    """End somebody's access at once: sign-in, open sessions and API tokens. Their past work stays theirs."""
    require(may(actor, "manage_people"), _("Only an administrator can end somebody's access."))
    person = User.objects.select_for_update(of=("self",)).get(pk=person.pk)
    if actor is not None:
        require(person.pk != actor.pk, _("You can't end your own access; ask another administrator."), Conflict)
    if not person.is_active:
        return person
    if person.role == Role.ADMIN:
        _another_admin(person)
    person.is_active = False
    person.save(update_fields=["is_active"])
    record("person.deactivated", person, actor=actor, at=at)
    return person


@transaction.atomic
def reactivate_person(person: User, *, actor: User | None, at: datetime | None = None) -> User:
    """Let somebody sign in again, with the password they had."""
    require(may(actor, "manage_people"), _("Only an administrator can give access back."))
    person = User.objects.select_for_update(of=("self",)).get(pk=person.pk)
    if not person.is_active:
        person.is_active = True
        person.save(update_fields=["is_active"])
        record("person.reactivated", person, actor=actor, at=at)
    return person


@transaction.atomic
def change_profile(person: User, *, name: str, language: str, theme: str, at: datetime | None = None) -> User:
    """What people may change about themselves: name, language (zh-hans or en), theme ("" follows the device)."""
    values = _checked({"name": name, "language": language, "email": person.email or "", "phone": person.phone or ""})
    values = {"name": values["name"], "language": language, "theme": theme}
    fields = changed_fields(person, values)
    for field in fields:
        setattr(person, field, values[field])
    if fields:
        person.save(update_fields=fields)
        record("person.changed", person, actor=person, at=at, fields=fields)
    return person


def choose_preferences(person: User, *, language: str | None = None, theme: str | None = None) -> None:
    """Keep language or appearance chosen with the switches of a page. No event: it says nothing about anybody."""
    changes = {name: value for name, value in {"language": language, "theme": theme}.items() if value is not None}
    fields = changed_fields(person, changes)
    for field in fields:
        setattr(person, field, changes[field])
    if fields:
        person.save(update_fields=fields)


@transaction.atomic
def sign_up(
    *, name: str, contact: Phone | Email, password: str, language: str = "zh-hans", at: datetime | None = None
) -> User:
    """A customer makes an account: a person, and the customer row their cases will hang on.

    The contact is not proven by this and opens nobody's earlier cases. Raises Invalid.
    """
    at = at or clock.now()
    email = contact.value if isinstance(contact, Email) else ""
    phone = contact.value if isinstance(contact, Phone) else ""
    values = _checked({"name": name, "email": email, "phone": phone, "role": Role.CUSTOMER, "language": language})
    person = User(**values, created_at=at)
    _check_password(password, person)
    person.set_password(password)
    _save_unique(person)
    Customer.objects.create(
        name=person.name, phone=phone, email=email, user=person, language=person.language, created_at=at
    )
    record("person.signed_up", person, actor=person, at=at)
    return person


def _checked(values: dict[str, Any]) -> dict[str, Any]:
    """The values as they are kept. Raises Invalid naming every field that is wrong at once."""
    errors: dict[str, list[str]] = {}
    checked = dict(values)
    checked["name"] = " ".join((values.get("name") or "").split())
    if not checked["name"]:
        errors["name"] = [_("A name is needed: colleagues and customers read it.")]
    elif len(checked["name"]) > LONGEST_NAME:
        errors["name"] = [_("A name has at most 60 characters.")]
    for field, parse in (("email", parse_email), ("phone", parse_phone)):
        text = values.get(field) or ""
        checked[field] = None
        if text:
            try:
                checked[field] = parse(text).value
            except DomainError as wrong:
                errors[field] = [str(wrong.message)]
    if not (values.get("email") or values.get("phone")):
        errors["email"] = [_("An e-mail address or a phone number is needed to sign in.")]
    if "role" in values and values["role"] not in Role.values:
        errors["role"] = [_("There is no such role.")]
    if errors:
        raise Invalid(next(iter(errors.values()))[0], errors=errors)
    return checked


def _check_password(password: str, person: User) -> None:
    try:
        validate_password(password, person)
    except ValidationError as wrong:
        raise Invalid(" ".join(wrong.messages), errors={"password": wrong.messages}) from None


def _save_unique(person: User, **kwargs: Any) -> None:
    """Save, with a sentence when the e-mail or phone is somebody else's: the constraint decides, not a look before."""
    try:
        with transaction.atomic():
            person.save(**kwargs)
    except IntegrityError as clash:
        text = str(clash)
        if "user_email_once" in text:
            raise Invalid(
                _("This e-mail address already signs somebody in."),
                errors={"email": [_("This e-mail address already signs somebody in.")]},
            ) from None
        if "user_phone_once" in text:
            raise Invalid(
                _("This phone number already signs somebody in."),
                errors={"phone": [_("This phone number already signs somebody in.")]},
            ) from None
        raise


def _scope(person: User, merchants: Iterable[Merchant]) -> bool:
    """Confine a person to shops; whether that changed anything."""
    wanted = {merchant.pk for merchant in merchants}
    if wanted and not person.is_staff:
        raise Invalid(_("Only staff can be confined to shops."), errors={"merchants": [_("Only for staff.")]})
    if wanted == set(person.merchants.values_list("pk", flat=True)):
        return False
    person.merchants.set(wanted)
    person.__dict__.pop("_scope", None)
    return True


def _another_admin(person: User) -> None:
    """Somebody must be left who can manage people. The rows are locked, so that two can't leave at once."""
    admins = User.objects.filter(role=Role.ADMIN, is_active=True).order_by("pk").select_for_update(of=("self",))
    require(
        any(admin.pk != person.pk for admin in admins),
        _("This is the only administrator; make somebody else one first."),
        Conflict,
    )
