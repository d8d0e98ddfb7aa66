"""Signing up, in and out, a new password, the second step, and the pause after wrong passwords."""

import re

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret, hotp_value
from django.urls import reverse
from django.utils import translation

from accounts.models import Customer, Organisation, Role, User
from tests.factories import PASSWORD, make_organisation, make_user

pytestmark = pytest.mark.django_db

LOGIN = "/accounts/login/"


@pytest.fixture(autouse=True)
def _set_up():
    make_organisation()


def sign_in(client, login, password=PASSWORD, **extra):
    return client.post(LOGIN, {"login": login, "password": password}, **extra)


def is_in(client):
    return "_auth_user_id" in client.session


@pytest.mark.parametrize(
    "typed", ["wang@example.com", "WANG@Example.com ", "13800136021", "138 0013 6021", "+86 138-0013-6021"]
)
def test_one_signs_in_with_email_or_phone_however_typed(client, typed):
    make_user(Role.AGENT, email="wang@example.com", phone="+8613800136021")
    assert sign_in(client, typed).status_code == 302
    assert is_in(client)


@pytest.mark.parametrize("typed", ["wang@example.com", "13800136021", "nobody@example.com", "13900000000", "wang"])
def test_every_mismatch_reads_the_same(client, typed):
    make_user(Role.AGENT, email="wang@example.com", phone="+8613800136021")
    with translation.override("en"):
        page = sign_in(client, typed, "wrong", HTTP_ACCEPT_LANGUAGE="en").content.decode()
    assert "This does not match." in page or "不对" in page
    assert not is_in(client)


def test_five_wrong_passwords_pause_one_account_and_no_other(client):
    make_user(Role.AGENT, email="wang@example.com", phone="+8613800136021")
    make_user(Role.AGENT, email="li@example.com", phone="+8613800136022")
    client.cookies["huiyin_language"] = "en"
    for login in ("wang@example.com", "13800136021", "+8613800136021", "WANG@example.com", "138 0013 6021"):
        page = sign_in(client, login, "wrong").content.decode()
        assert "This does not match." in page
    page = sign_in(client, "wang@example.com").content.decode()
    assert "sign-in pauses for 5 minutes" in page
    assert not is_in(client)
    assert sign_in(client, "13800136022").status_code == 302
    assert is_in(client)


def test_the_pause_counts_phones_one_by_one(client):
    """allauth alone pools every phone: five failures of anybody would lock everybody out."""
    make_user(Role.AGENT, phone="+8613800136022")
    for number in range(6):
        sign_in(client, f"1390000000{number}", "wrong")
    assert sign_in(client, "13800136022").status_code == 302


def test_wrong_passwords_from_one_address_are_limited_too(client):
    client.cookies["huiyin_language"] = "en"
    for number in range(30):
        sign_in(client, f"someone{number}@example.com", "wrong")
    make_user(Role.AGENT, email="wang@example.com")
    assert "sign-in pauses" in sign_in(client, "wang@example.com").content.decode()
    assert sign_in(client, "wang@example.com", REMOTE_ADDR="203.0.113.9").status_code == 302


def test_a_made_up_forwarded_address_does_not_help(client):
    for number in range(30):
        sign_in(client, f"someone{number}@example.com", "wrong", HTTP_X_FORWARDED_FOR=f"198.51.100.{number}")
    make_user(Role.AGENT, email="wang@example.com")
    assert sign_in(client, "wang@example.com", HTTP_X_FORWARDED_FOR="198.51.100.77").status_code == 200


def test_a_closed_account_does_not_sign_in(client):
    make_user(Role.AGENT, email="wang@example.com", is_active=False)
    assert sign_in(client, "wang@example.com").url == reverse("account_inactive")
    assert client.get(reverse("account_inactive")).status_code == 200
    assert not is_in(client)


@pytest.mark.parametrize(
    ("contact", "email", "phone"),
    [("he@Example.com", "he@example.com", None), ("138 0013 6021", None, "+8613800136021")],
)
def test_a_customer_makes_an_account_with_either_contact(client, contact, email, phone):
    answer = client.post("/accounts/signup/", {"name": "何秀英", "contact": contact, "password1": PASSWORD})
    assert answer.status_code == 302
    person = User.objects.get()
    assert (person.name, person.email, person.phone, person.role) == ("何秀英", email, phone, Role.CUSTOMER)
    assert Customer.objects.get(user=person).contact == (phone or email)
    assert is_in(client)
    client.logout()
    assert sign_in(client, contact).status_code == 302


def test_a_contact_that_has_an_account_is_led_to_sign_in(client):
    make_user(Role.CUSTOMER, phone="+8613800136021")
    answer = client.post("/accounts/signup/", {"name": "何秀英", "contact": "13800136021", "password1": PASSWORD})
    assert answer.status_code == 200
    assert User.objects.count() == 1
    assert Customer.objects.count() == 0


def test_signing_up_with_nonsense_keeps_what_was_typed(client):
    page = client.post("/accounts/signup/", {"name": "何秀英", "contact": "1380013602", "password1": "123"})
    assert page.status_code == 200
    assert 'value="1380013602"' in page.content.decode()
    assert User.objects.count() == 0


def test_a_forgotten_password_is_set_anew_by_mail(client, mailoutbox):
    make_user(Role.AGENT, email="wang@example.com", language="en")
    client.post("/accounts/password/reset/", {"email": "wang@example.com"})
    (letter,) = mailoutbox
    assert letter.subject == "Set a new password"
    path = re.search(r"https?://[^/]+(/accounts/password/reset/key/\S+)", letter.body).group(1)
    page = client.get(path, follow=True)
    answer = client.post(
        page.request["PATH_INFO"], {"password1": "another-long-one-7", "password2": "another-long-one-7"}, follow=True
    )
    assert answer.status_code == 200
    assert sign_in(client, "wang@example.com", "another-long-one-7").status_code == 302
    assert client.get(path, follow=True).status_code == 200  # says that the link opens nothing any more


def test_who_has_only_a_phone_is_told_how_to_go_on(client):
    Organisation.objects.update(hotline="400-820-1122")
    Organisation.forget()
    page = client.get("/accounts/password/reset/").content.decode()
    assert "账户里只有手机号？看投诉不用密码：" in page
    assert f'<a href="{reverse("tickets:find")}">用短信收取链接</a>' in page
    assert "其他问题请打 400-820-1122。" in page


def test_asking_for_a_strangers_password_says_nothing_and_sends_nothing(client, mailoutbox):
    answer = client.post("/accounts/password/reset/", {"email": "nobody@example.com"})
    assert answer.url == reverse("account_reset_password_done")
    assert mailoutbox == []


def test_the_second_step_asks_for_a_code(client):
    person = make_user(Role.AGENT, email="wang@example.com")
    secret = generate_totp_secret()
    TOTP.activate(person, secret)
    assert sign_in(client, "wang@example.com").url == reverse("mfa_authenticate")
    assert not is_in(client)
    assert client.get(reverse("mfa_authenticate")).status_code == 200
    client.post(reverse("mfa_authenticate"), {"code": "000000"})
    assert not is_in(client)
    import time

    client.post(reverse("mfa_authenticate"), {"code": f"{hotp_value(secret, int(time.time()) // 30):06d}"})
    assert is_in(client)


def test_one_switches_the_second_step_on_and_gets_recovery_codes(client):
    make_user(Role.AGENT, email="wang@example.com")
    sign_in(client, "wang@example.com")
    assert client.get(reverse("mfa_activate_totp")).url.startswith(reverse("account_reauthenticate"))
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    page = client.get(reverse("mfa_activate_totp"))
    secret = page.context["form"].secret
    assert "data:image/svg+xml" in page.content.decode()
    import time

    client.post(reverse("mfa_activate_totp"), {"code": f"{hotp_value(secret, int(time.time()) // 30):06d}"})
    assert client.get(reverse("mfa_index")).context["is_mfa_enabled"]
    assert len(client.get(reverse("mfa_view_recovery_codes")).context["unused_codes"]) == 10


def test_somebody_with_a_phone_only_can_confirm_and_change_the_password(client):
    person = make_user(Role.AGENT, email=None, phone="+8613800136021")
    sign_in(client, "13800136021")
    assert client.post(reverse("account_reauthenticate"), {"password": "wrong"}).status_code == 200
    assert client.post(reverse("account_reauthenticate"), {"password": PASSWORD}).status_code == 302
    new = "another-long-one-7"
    client.post(reverse("account_change_password"), {"oldpassword": PASSWORD, "password1": new, "password2": new})
    person.refresh_from_db()
    assert person.check_password(new)
    assert is_in(client)


@pytest.mark.parametrize(
    "name",
    [
        "account_login",
        "account_signup",
        "account_reset_password",
        "account_reset_password_done",
        "account_reset_password_from_key_done",
        "account_inactive",
        "account_email_verification_sent",
    ],
)
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_page_for_guests_is_in_our_frame(client, name, language):
    client.cookies["huiyin_language"] = language
    page = client.get(reverse(name)).content.decode()
    assert 'class="entrance' in page
    assert " style=" not in page and "<script>" not in page


@pytest.mark.parametrize(
    "name",
    [
        "account_logout",
        "account_change_password",
        "account_email",
        "account_reauthenticate",
        "mfa_index",
        "mfa_activate_totp",
        "accounts:profile",
    ],
)
@pytest.mark.parametrize("role", [Role.CUSTOMER, Role.AGENT])
def test_every_page_for_people_is_in_our_frame(client, name, role):
    make_user(role, email="wang@example.com")
    sign_in(client, "wang@example.com")
    if name.startswith("mfa"):
        client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    answer = client.get(reverse(name))
    assert answer.status_code == 200
    page = answer.content.decode()
    assert 'class="entrance' in page or name == "accounts:profile"
    assert " style=" not in page and "<script>" not in page


def test_pages_follow_the_language_of_the_person_not_of_the_browser(client):
    make_user(Role.AGENT, email="wang@example.com", language="en")
    sign_in(client, "wang@example.com")
    client.cookies["huiyin_language"] = "zh-hans"
    assert '<html lang="en"' in client.get(reverse("accounts:profile")).content.decode()


def test_the_switches_of_a_page_are_kept_with_the_person(client):
    person = make_user(Role.AGENT, email="wang@example.com")
    client.force_login(person)
    client.post(reverse("common:preferences"), {"language": "en", "theme": "dark", "next": "/profile/"})
    person.refresh_from_db()
    assert (person.language, person.theme) == ("en", "dark")
    client.post(reverse("accounts:profile"), {"name": "王敏", "language": "zh-hans", "theme": "device"})
    person.refresh_from_db()
    assert (person.name, person.language, person.theme) == ("王敏", "zh-hans", "")
