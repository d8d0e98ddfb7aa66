"""Who may be added, changed and turned away, and that somebody is always left who can."""

import pytest
from django.urls import reverse

from accounts import actions
from accounts.models import AccountEvent, Customer, Role, User
from common.errors import Conflict, Invalid, NotAllowed
from tests.factories import NOW, PASSWORD, make_merchant, make_team, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin():
    return make_user(Role.ADMIN, name="周敏")


def events():
    return [(event.kind, event.subject, event.data) for event in AccountEvent.objects.order_by("pk")]


def test_an_admin_adds_a_person_and_the_event_names_no_name(admin):
    team = make_team("售后一组")
    person = actions.create_person(
        actor=admin,
        name="  王   敏 ",
        role=Role.LEAD,
        email="Wang@Example.com",
        phone="138 0013 6021",
        team=team,
        at=NOW,
    )
    person.refresh_from_db()
    assert (person.name, person.email, person.phone) == ("王 敏", "wang@example.com", "+8613800136021")
    assert person.has_usable_password() is False
    assert events() == [("person.created", f"user:{person.pk}", {"role": "lead"})]
    event = AccountEvent.objects.get()
    assert (event.at, event.actor, event.actor_kind) == (NOW, admin, "staff")


def test_every_wrong_field_is_told_at_once_and_nobody_is_added(admin):
    before = User.objects.count()
    with pytest.raises(Invalid) as refused:
        actions.create_person(actor=admin, name=" ", role="boss", email="wang@", phone="138")
    assert set(refused.value.errors) == {"name", "role", "email", "phone"}
    assert User.objects.count() == before
    assert events() == []


def test_a_person_needs_an_email_or_a_phone(admin):
    with pytest.raises(Invalid) as refused:
        actions.create_person(actor=admin, name="王敏", role=Role.AGENT)
    assert "email" in refused.value.errors


@pytest.mark.parametrize("field", ["email", "phone"])
def test_a_contact_signs_one_person_in(admin, field):
    contact = {"email": "wang@example.com", "phone": "13800136021"}[field]
    actions.create_person(actor=admin, name="王敏", role=Role.AGENT, **{field: contact})
    with pytest.raises(Invalid) as refused:
        actions.create_person(actor=admin, name="王敏敏", role=Role.AGENT, **{field: contact.upper()})
    assert list(refused.value.errors) == [field]
    assert len(events()) == 1


@pytest.mark.parametrize("role", [role for role in Role if role != Role.ADMIN])
def test_nobody_but_an_admin_changes_people(role):
    actor, person = make_user(role), make_user(Role.AGENT, name="李雷")
    for verb in (
        lambda: actions.create_person(actor=actor, name="韩梅梅", role=Role.ADMIN, email="han@example.com"),
        lambda: actions.change_person(person, actor=actor, role=Role.ADMIN),
        lambda: actions.deactivate_person(person, actor=actor),
        lambda: actions.reactivate_person(person, actor=actor),
    ):
        with pytest.raises(NotAllowed):
            verb()
    person.refresh_from_db()
    assert (person.role, person.is_active, events()) == (Role.AGENT, True, [])


def test_a_change_writes_and_logs_only_what_differs(admin):
    person = make_user(Role.AGENT, name="李雷", email="li@example.com")
    merchant = make_merchant()
    actions.change_person(person, actor=admin, name="李雷", role=Role.LEAD, merchants=[merchant])
    actions.change_person(person, actor=admin, name="李雷", role=Role.LEAD, merchants=[merchant])
    person = User.objects.get(pk=person.pk)
    assert (person.role, person.scope) == (Role.LEAD, frozenset({merchant.pk}))
    assert events() == [("person.changed", f"user:{person.pk}", {"fields": ["merchants", "role"]})]


def test_a_person_without_access_is_out_at_once(client, admin):
    person = make_user(Role.AGENT)
    client.force_login(person)
    assert client.get(reverse("accounts:profile")).status_code == 200
    actions.deactivate_person(person, actor=admin)
    assert client.get(reverse("accounts:profile")).status_code == 302
    actions.deactivate_person(person, actor=admin)
    actions.reactivate_person(person, actor=admin)
    assert [kind for kind, _subject, _data in events()] == ["person.deactivated", "person.reactivated"]


def test_the_only_admin_stays_one(admin):
    with pytest.raises(Conflict):
        actions.change_person(admin, actor=None, role=Role.AGENT)
    with pytest.raises(Conflict):
        actions.deactivate_person(admin, actor=None)
    second = make_user(Role.ADMIN)
    with pytest.raises(Conflict, match=r"own access|自己"):
        actions.deactivate_person(second, actor=second)
    actions.deactivate_person(admin, actor=second)
    with pytest.raises(Conflict):
        actions.change_person(second, actor=second, role=Role.LEAD)


def test_a_customer_who_signs_up_gets_a_customer_row_and_no_rights():
    from accounts.contacts import Phone

    person = actions.sign_up(name="何秀英", contact=Phone("+8613800136021"), password=PASSWORD, at=NOW)
    customer = Customer.objects.get(user=person)
    assert (customer.name, customer.phone, customer.email) == ("何秀英", "+8613800136021", "")
    assert (person.role, person.is_staff, person.scope) == (Role.CUSTOMER, False, frozenset())
    assert events() == [("person.signed_up", f"user:{person.pk}", {})]


def test_signing_up_opens_no_earlier_case_of_the_same_phone():
    from accounts.contacts import Phone
    from tests.factories import make_customer

    earlier = make_customer(phone="+8613800136021")
    actions.sign_up(name="何秀英", contact=Phone("+8613800136021"), password=PASSWORD)
    earlier.refresh_from_db()
    assert earlier.user is None


def test_a_weak_password_is_refused_with_its_reason():
    from accounts.contacts import Email

    with pytest.raises(Invalid) as refused:
        actions.sign_up(name="何秀英", contact=Email("he@example.com"), password="12345678")
    assert "password" in refused.value.errors
    assert not User.objects.filter(email="he@example.com").exists()


# --- pages ------------------------------------------------------------------------------------------------------------
def test_the_list_shows_people_and_finds_them(client, admin):
    make_user(Role.AGENT, name="李雷", team=make_team("售后一组"))
    make_user(Role.CUSTOMER, name="何秀英")
    client.force_login(admin)
    page = client.get(reverse("accounts:people")).content.decode()
    assert "李雷" in page and "售后一组" in page and "何秀英" not in page
    page = client.get(reverse("accounts:people"), {"q": "雷"}).content.decode()
    assert "李雷" in page and page.count("周敏") == 1  # the second would be in the list; this one is the menu


def test_the_form_adds_a_person_and_mails_the_link(client, admin, mailoutbox):
    client.force_login(admin)
    answer = client.post(
        reverse("accounts:new_person"),
        {"name": "李雷", "email": "li@example.com", "role": "agent", "language": "zh-hans", "invite": "on"},
    )
    assert answer.status_code == 302
    assert User.objects.get(email="li@example.com").role == Role.AGENT
    assert [letter.to for letter in mailoutbox] == [["li@example.com"]]
    assert "/accounts/password/reset/key/" in mailoutbox[0].body


def test_the_form_keeps_what_was_typed_when_refused(client, admin):
    make_user(Role.AGENT, email="li@example.com")
    client.force_login(admin)
    answer = client.post(
        reverse("accounts:new_person"), {"name": "李雷", "email": "li@example.com", "role": "agent", "language": "en"}
    )
    assert answer.status_code == 422
    assert 'value="李雷"' in answer.content.decode()
    assert User.objects.filter(name="李雷").count() == 0


def test_the_page_of_a_person_changes_and_ends_access(client, admin):
    person = make_user(Role.AGENT, name="李雷", email="li@example.com")
    client.force_login(admin)
    data = {"name": "李雷雷", "email": "li@example.com", "phone": "13800136021", "role": "lead", "language": "en"}
    assert client.post(reverse("accounts:person", args=[person.pk]), data).status_code == 302
    person.refresh_from_db()
    assert (person.name, person.phone, person.role) == ("李雷雷", "+8613800136021", "lead")
    assert client.get(reverse("accounts:deactivate_person", args=[person.pk])).status_code == 405
    client.post(reverse("accounts:deactivate_person", args=[person.pk]))
    assert User.objects.get(pk=person.pk).is_active is False


@pytest.mark.parametrize("role", [role for role in Role if role != Role.ADMIN])
@pytest.mark.parametrize("name", ["people", "new_person"])
def test_other_roles_do_not_see_the_pages(client, role, name):
    client.force_login(make_user(role))
    assert client.get(reverse(f"accounts:{name}")).status_code == 403
    client.logout()
    assert client.get(reverse(f"accounts:{name}")).status_code == 302
