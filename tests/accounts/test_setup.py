"""An empty product: from the one-time link to the first case that could be filed."""

import io

import pytest
from django.core.management import call_command
from django.urls import reverse
from PIL import Image

from accounts import actions
from accounts.models import AccountEvent, Organisation, Role, Team, User
from common.errors import Conflict, Missing
from tests.factories import NOW, PASSWORD, make_calendar, make_organisation, make_user

pytestmark = pytest.mark.django_db
ADMIN = {"name": "周敏", "email": "zhou@example.com", "password": PASSWORD}


def picture(kind="PNG", size=(900, 300)):
    file = io.BytesIO()
    Image.new("RGB", size, "teal").save(file, kind)
    file.name = f"logo.{kind.lower()}"
    file.seek(0)
    return file


def link():
    out = io.StringIO()
    call_command("setup_link", stdout=out)
    return out.getvalue().strip().removeprefix("http://127.0.0.1:8000")


def test_an_empty_product_says_so_to_everybody(client):
    for path in ("/", reverse("accounts:people"), reverse("accounts:privacy")):
        answer = client.get(path)
        assert answer.status_code == 503
        assert "lost" in answer.content.decode()
    assert client.get("/healthz").status_code == 200
    assert client.get("/accounts/login/").status_code == 200


def test_the_setup_page_needs_the_link(client):
    for key in ("", "guessed"):
        assert client.get(reverse("accounts:setup"), {"key": key}).status_code == 503
    client.post(reverse("accounts:setup") + "?key=guessed", ADMIN)
    assert User.objects.count() == 0


def test_the_whole_way_from_the_link_to_an_open_product(client, mailoutbox):
    path = link()
    assert client.get(path).status_code == 200
    assert client.post(path, ADMIN).status_code == 302
    admin = User.objects.get()
    assert (admin.role, admin.name) == (Role.ADMIN, "周敏")
    assert client.get("/").url == reverse("accounts:setup")
    page = reverse("accounts:setup")
    answer = client.post(
        page,
        {
            "name": "晨光电器",
            "mode": "marketplace",
            "calendar": make_calendar().pk,
            "hotline": "400-820-1122",
            "logo": picture(),
        },
    )
    assert answer.status_code == 302
    organisation = Organisation.objects.get()
    assert (organisation.name, organisation.mode, organisation.set_up_at) == ("晨光电器", "marketplace", None)
    assert len(organisation.number_key) == 64
    assert Organisation.current() is None
    answer = client.post(page, {"to": "zhou@example.com"})
    assert answer.context["sent"] is True
    assert mailoutbox[0].to == ["zhou@example.com"]
    answer = client.post(
        page + "?step=team", {"name": "售后一组", "lead_name": "王敏", "lead_email": "wang@example.com"}
    )
    assert answer.status_code == 302
    team = Team.objects.get()
    assert (team.name, team.lead.name, team.lead.role, team.lead.team) == ("售后一组", "王敏", Role.LEAD, team)
    assert Organisation.current().set_up_at is not None
    assert client.get(page).status_code == 404
    assert client.get(reverse("accounts:logo")).headers["Content-Type"] == "image/png"
    assert list(AccountEvent.objects.order_by("pk").values_list("kind", flat=True)) == [
        "person.created",
        "organisation.changed",
        "person.created",
        "person.changed",
        "team.changed",
        "setup.finished",
    ]


def test_the_setup_is_gone_on_with_where_it_was_left(client):
    client.post(link(), ADMIN)
    client.logout()
    assert client.get(reverse("accounts:setup")).url == reverse("account_login")
    client.force_login(User.objects.get())
    assert client.get(reverse("accounts:setup")).context["step"] == "organisation"
    make_organisation(set_up_at=None)
    assert client.get(reverse("accounts:setup")).context["step"] == "mail"


def test_a_link_works_once_and_for_two_days():
    token = actions.make_setup_link(at=NOW)
    assert actions.setup_link(token, at=NOW) is not None
    from datetime import timedelta

    assert actions.setup_link(token, at=NOW + timedelta(days=2)) is None
    newer = actions.make_setup_link(at=NOW)
    assert actions.setup_link(token, at=NOW) is None
    actions.first_admin(newer, **ADMIN, at=NOW)
    with pytest.raises(Missing):
        actions.first_admin(newer, name="别人", email="other@example.com", password=PASSWORD, at=NOW)
    assert User.objects.count() == 1
    with pytest.raises(Conflict):
        actions.make_setup_link(at=NOW)


def test_a_refused_first_admin_leaves_the_link_usable(client):
    path = link()
    assert client.post(path, ADMIN | {"password": "123"}).status_code == 422
    assert User.objects.count() == 0
    assert client.post(path, ADMIN).status_code == 302


@pytest.mark.parametrize("kind", ["GIF", "TIFF"])
def test_a_logo_of_another_kind_is_refused(client, kind):
    client.force_login(make_user(Role.ADMIN))
    answer = client.post(
        reverse("accounts:organisation"),
        {"name": "新名字", "mode": "brand", "calendar": make_calendar().pk, "logo": picture(kind)},
    )
    assert answer.status_code == 422
    assert Organisation.objects.get().name == "回音电器"


def test_text_that_says_it_is_a_picture_is_refused(client):
    client.force_login(make_user(Role.ADMIN))
    file = io.BytesIO(b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>")
    file.name = "logo.png"
    answer = client.post(
        reverse("accounts:organisation"),
        {"name": "新名字", "mode": "brand", "calendar": make_calendar().pk, "logo": file},
    )
    assert answer.status_code == 422
    assert not Organisation.objects.get().logo


def test_a_mail_server_that_refuses_is_quoted(client, settings, smtp_sink):
    client.force_login(make_user(Role.ADMIN))
    Organisation.objects.update(set_up_at=None)
    Organisation.forget()
    smtp_sink.refuse_with = "554 no mail today"
    answer = client.post(reverse("accounts:setup"), {"to": "zhou@example.com"})
    assert answer.context["sent"] is False
    assert "no mail today" in answer.context["outcome"]
    settings.EMAIL_PORT = 1
    answer = client.post(reverse("accounts:setup"), {"to": "zhou@example.com"})
    assert answer.context["sent"] is False


def test_the_link_command_ends_quietly_for_the_launcher_once_there_are_people():
    make_user(Role.ADMIN)
    out = io.StringIO()
    call_command("setup_link", "--if-empty", stdout=out)
    assert out.getvalue() == ""
    with pytest.raises(SystemExit):
        call_command("setup_link", stdout=out, stderr=io.StringIO())
