"""A phone number or a mail address as people type it, and as we keep it.

Phones are kept as E.164 (`+8613800136021`), read with China as the default country; mail addresses in lower case.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

import phonenumbers
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common.errors import Invalid

REGION = "CN"
MOBILE_LENGTH = 11  # of a mobile number in mainland China
LONGEST = 254


@dataclass(frozen=True)
class Phone:
    """`value` is E.164."""

    value: str


@dataclass(frozen=True)
class Email:
    """`value` is in lower case."""

    value: str


def parse_contact(text: str) -> Phone | Email:
    """What was typed, as a phone or a mail address. Raises Invalid with a sentence under `contact`."""
    typed = unicodedata.normalize("NFKC", text or "").strip()
    if not typed:
        raise _wrong(_("Leave a phone number or an e-mail address, so that we can tell you how it goes on."))
    if len(typed) > LONGEST:
        raise _wrong(_("This is too long for a phone number or an e-mail address."))
    if "@" in typed:
        return _email(typed)
    if re.search(r"\d", typed) and not re.search(r"[^\d\s()+\-.转#*xX]", typed):
        return _phone(typed)
    raise _wrong(_("This is neither a phone number nor an e-mail address. A mobile number looks like 138 0013 8000."))


def parse_phone(text: str) -> Phone:
    """Like `parse_contact`, for fields that take phones only."""
    found = parse_contact(text)
    if not isinstance(found, Phone):
        raise _wrong(_("This is an e-mail address; a phone number is needed here."))
    return found


def parse_email(text: str) -> Email:
    """Like `parse_contact`, for fields that take mail addresses only."""
    found = parse_contact(text)
    if not isinstance(found, Email):
        raise _wrong(_("An e-mail address is needed here, like mei@example.com."))
    return found


def display_phone(value: str) -> str:
    """`+8613800136021` as 138 0013 6021; numbers of other countries keep their country code."""
    try:
        number = phonenumbers.parse(value, REGION)
    except phonenumbers.NumberParseException:
        return value
    if number.country_code == phonenumbers.country_code_for_region(REGION):
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def _email(typed: str) -> Email:
    value = "".join(typed.split()).lower()
    try:
        validate_email(value)
    except ValidationError:
        raise _wrong(_("This e-mail address is not complete. It looks like mei@example.com.")) from None
    return Email(value)


def _phone(typed: str) -> Phone:
    digits = re.sub(r"\D", "", typed)
    local = digits.removeprefix("0086") if typed.startswith("00") else digits
    if typed.startswith("+86"):
        local = digits[2:]
    if local.startswith("1") and not (typed.startswith("+") and not typed.startswith("+86")):
        missing = MOBILE_LENGTH - len(local)
        if 0 < missing <= 4:
            raise _wrong(
                ngettext(
                    "%(count)d digit is missing: a mobile number has 11.",
                    "%(count)d digits are missing: a mobile number has 11.",
                    missing,
                )
                % {"count": missing}
            )
        if -3 <= missing < 0 and not digits.startswith("86"):
            raise _wrong(
                ngettext(
                    "There is %(count)d digit too many: a mobile number has 11.",
                    "There are %(count)d digits too many: a mobile number has 11.",
                    -missing,
                )
                % {"count": -missing}
            )
    # 8613800136021 without the plus sign is what many systems export.
    text = f"+{digits}" if digits.startswith("86") and len(digits) == MOBILE_LENGTH + 2 else typed
    try:
        number = phonenumbers.parse(text, REGION)
    except phonenumbers.NumberParseException:
        raise _wrong(_("This does not look like a phone number. A mobile number looks like 138 0013 8000.")) from None
    if number.extension:
        raise _wrong(_("Leave the extension out: we send text messages to this number."))
    if not phonenumbers.is_valid_number(number):
        raise _wrong(
            _("There is no such phone number. Check the digits; from abroad begin with + and the country code.")
        )
    return Phone(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def _wrong(sentence: str) -> Invalid:
    return Invalid(sentence, errors={"contact": [sentence]})
