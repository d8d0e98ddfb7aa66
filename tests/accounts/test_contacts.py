"""What people type as a contact, and what we keep of it."""

import pytest
from django.utils import translation

from accounts.contacts import Email, Phone, display_phone, parse_contact, parse_email, parse_phone
from accounts.models.customers import mask_email, mask_name, mask_phone
from common.errors import Invalid


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


@pytest.mark.parametrize(
    "typed",
    ["13800136021", " 138 0013 6021 ", "138-0013-6021", "+8613800136021", "+86 138 0013 6021", "8613800136021",
     "008613800136021", "１３８００１３６０２１", "(138) 0013.6021"],
)  # fmt: skip
def test_a_mobile_number_is_one_number_however_typed(typed):
    assert parse_contact(typed) == Phone("+8613800136021")


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("010-12345678", "+861012345678"), ("+1 650 253 0000", "+16502530000"), ("+852 5123 4567", "+85251234567")],
)
def test_landlines_and_foreign_numbers_are_kept(typed, kept):
    assert parse_contact(typed) == Phone(kept)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Mei@Example.COM", "mei@example.com"),
        (" mei @example.com", "mei@example.com"),
        ("mei＠example.com", "mei@example.com"),
    ],
)
def test_a_mail_address_is_kept_in_lower_case(typed, kept):
    assert parse_contact(typed) == Email(kept)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "Leave a phone number or an e-mail address, so that we can tell you how it goes on."),
        ("1380013602", "1 digit is missing: a mobile number has 11."),
        ("+86 138001360", "2 digits are missing: a mobile number has 11."),
        ("138001360211", "There is 1 digit too many: a mobile number has 11."),
        ("mei@", "This e-mail address is not complete. It looks like mei@example.com."),
        ("微信 mei", "This is neither a phone number nor an e-mail address. A mobile number looks like 138 0013 8000."),
        ("23456", "There is no such phone number. Check the digits; from abroad begin with + and the country code."),
        ("9" * 255, "This is too long for a phone number or an e-mail address."),
        ("010-12345678转123", None),
    ],
)
def test_each_mistake_has_its_sentence(typed, sentence):
    with pytest.raises(Invalid) as refused:
        parse_contact(typed)
    assert list(refused.value.errors) == ["contact"]
    if sentence:
        assert str(refused.value.message) == sentence


def test_a_field_of_one_kind_refuses_the_other():
    with pytest.raises(Invalid):
        parse_phone("mei@example.com")
    with pytest.raises(Invalid):
        parse_email("13800136021")


def test_phones_are_shown_as_people_read_them():
    assert display_phone("+8613800136021") == "138 0013 6021"
    assert display_phone("+16502530000") == "+1 650-253-0000"


def test_masks_keep_just_enough():
    assert [mask_name(name) for name in ("何秀英", "何", "Mei Lin", "")] == ["何**", "何", "M** L**", ""]
    assert [mask_phone(phone) for phone in ("+8613800136021", "10086", "")] == ["138****6021", "***86", ""]
    assert [mask_email(email) for email in ("mei@example.com", "")] == ["m***@example.com", ""]
