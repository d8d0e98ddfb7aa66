"""Teams, shops, the organisation and the privacy notice: who may change them, and what is kept."""

import pytest
from django.urls import reverse
from django.utils import translation

from accounts import actions
from accounts.context import merchant_word, merchant_words
from accounts.models import AccountEvent, Merchant, Mode, Organisation, PrivacyNotice, Role, Team
from accounts.notices import notice_html
from common.errors import Invalid, NotAllowed
from tests.factories import NOW, make_calendar, make_merchant, make_organisation, make_team, make_user

pytestmark = pytest.mark.django_db


def events():
    return [(event.kind, event.data) for event in AccountEvent.objects.order_by("pk")]


def test_a_manager_makes_a_team_and_its_lead_joins_it():
    manager, lead = make_user(Role.MANAGER), make_user(Role.LEAD)
    team = actions.save_team(None, actor=manager, name=" 售后  一组 ", lead=lead, at=NOW)
    lead.refresh_from_db()
    assert (team.name, team.lead, lead.team, team.is_active) == ("售后 一组", lead, team, True)
    actions.save_team(team, actor=manager, name="售后 一组", lead=lead)
    assert events() == [
        ("person.changed", {"fields": ["team"]}),
        ("team.changed", {"fields": ["calendar", "is_active", "lead", "name"]}),
    ]


def test_an_agent_leads_no_team_and_two_teams_share_no_name():
    manager = make_user(Role.MANAGER)
    make_team("售后一组")
    with pytest.raises(Invalid) as refused:
        actions.save_team(None, actor=manager, name="售后二组", lead=make_user(Role.AGENT))
    assert list(refused.value.errors) == ["lead"]
    with pytest.raises(Invalid) as refused:
        actions.save_team(None, actor=manager, name="售后一组")
    assert list(refused.value.errors) == ["name"]
    assert Team.objects.count() == 1
    assert events() == []


@pytest.mark.parametrize("role", [Role.CUSTOMER, Role.AGENT, Role.LEAD, Role.FINANCE, Role.AUDITOR])
def test_other_roles_change_no_team(role):
    with pytest.raises(NotAllowed):
        actions.save_team(None, actor=make_user(role), name="售后二组")
    assert Team.objects.count() == 0


def test_an_admin_makes_a_shop_with_an_address_of_its_own():
    admin = make_user(Role.ADMIN)
    shop = actions.save_merchant(None, actor=admin, name="晨光旗舰店", code="TM_CG01", signature="【晨光】")
    assert (shop.slug, shop.signature) == ("tm_cg01", "晨光")
    chinese = actions.save_merchant(None, actor=admin, name="清和家居", code="清和")
    assert chinese.slug.isascii() and len(chinese.slug) == 8
    actions.save_merchant(shop, actor=admin, name="晨光电器旗舰店", code="TM_CG01", signature="晨光")
    shop.refresh_from_db()
    assert (shop.name, shop.slug) == ("晨光电器旗舰店", "tm_cg01")
    assert events()[-1] == ("merchant.changed", {"fields": ["name"]})


@pytest.mark.parametrize("field", ["code", "slug"])
def test_two_shops_share_no_code_and_no_address(field):
    make_merchant(code="A", slug="a")
    values = {"name": "别家", "code": "B", "slug": "b"} | {field: {"code": "A", "slug": "a"}[field]}
    with pytest.raises(Invalid) as refused:
        actions.save_merchant(None, actor=None, **values)
    assert list(refused.value.errors) == [field]
    assert Merchant.objects.count() == 1


def test_the_key_behind_ticket_numbers_never_changes():
    organisation = actions.save_organisation(actor=None, name="晨光电器", mode="brand", calendar=make_calendar())
    key = organisation.number_key
    actions.save_organisation(actor=None, name="晨光", mode="marketplace", calendar=make_calendar())
    organisation.refresh_from_db()
    assert (organisation.number_key, organisation.name, organisation.mode) == (key, "晨光", "marketplace")
    assert Organisation.objects.count() == 1


def test_a_change_of_the_organisation_shows_at_once():
    make_organisation("晨光电器")
    assert Organisation.current().name == "晨光电器"
    actions.save_organisation(actor=None, name="晨光", mode="brand", calendar=make_calendar())
    assert Organisation.current().name == "晨光"


@pytest.mark.parametrize(
    ("mode", "language", "words"),
    [
        (Mode.BRAND, "zh-hans", ("店铺", "店铺")),
        (Mode.MARKETPLACE, "zh-hans", ("商家", "商家")),
        (Mode.BRAND, "en", ("shop", "Shops")),
        (Mode.MARKETPLACE, "en", ("merchant", "Merchants")),
    ],
)
def test_merchants_are_called_by_the_mode(mode, language, words):
    make_organisation(mode=mode)
    with translation.override(language):
        assert (merchant_word(), merchant_words()) == words


def test_the_first_notice_is_there_from_the_beginning(client):
    make_organisation("晨光电器", hotline="400-820-1122")
    client.cookies["huiyin_language"] = "zh-hans"
    page = client.get(reverse("accounts:privacy")).content.decode()
    assert "晨光电器" in page and "400-820-1122" in page and "三年" in page
    assert "{organisation}" not in page
    client.cookies["huiyin_language"] = "en"
    assert "Personal Information Protection Law" in client.get(reverse("accounts:privacy")).content.decode()


def test_a_new_version_is_published_and_the_old_one_stays_readable(client):
    admin = make_user(Role.ADMIN)
    notice = actions.publish_notice(actor=admin, text_zh="新的告知", text_en="The new notice", at=NOW)
    assert (notice.version, PrivacyNotice.current()) == (2, notice)
    assert events() == [("notice.published", {"version": 2})]
    client.cookies["huiyin_language"] = "en"
    assert "The new notice" in client.get(reverse("accounts:privacy")).content.decode()
    assert "Backups expire" in client.get(reverse("accounts:privacy"), {"v": 1}).content.decode()
    for wrong in ("3", "x", "1e3", "٣"):
        assert client.get(reverse("accounts:privacy"), {"v": wrong}).status_code == 404
    with pytest.raises(NotAllowed):
        actions.publish_notice(actor=make_user(Role.MANAGER), text_zh="x", text_en="x")
    with pytest.raises(Invalid):
        actions.publish_notice(actor=admin, text_zh="只有中文", text_en=" ")
    assert PrivacyNotice.objects.count() == 2


def test_a_notice_is_text_and_never_code():
    html = notice_html("## A & B\n- **one** <script>\n- two\n\ncall {hotline}", organisation="x", hotline="<b>")
    assert html == (
        "<h2>A &amp; B</h2>\n<ul><li><b>one</b> &lt;script&gt;</li><li>two</li></ul>\n<p>call &lt;b&gt;</p>"
    )


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("new_team", {"name": "售后九组", "is_active": "on"}),
        ("new_merchant", {"name": "新店", "code": "NEW9", "is_active": "on"}),
        ("notice", {"text_zh": "新的", "text_en": "New"}),
    ],
)
def test_the_forms_save(client, name, data):
    client.force_login(make_user(Role.ADMIN))
    assert client.get(reverse(f"accounts:{name}")).status_code == 200
    assert client.post(reverse(f"accounts:{name}"), data).status_code == 302
    assert client.post(reverse(f"accounts:{name}"), dict.fromkeys(data, "")).status_code == 422
    if name != "notice":
        assert client.post(reverse(f"accounts:{name}"), data).status_code == 422


ALLOWED = {
    "teams": {Role.MANAGER, Role.ADMIN},
    "new_team": {Role.MANAGER, Role.ADMIN},
    "merchants": {Role.ADMIN},
    "new_merchant": {Role.ADMIN},
    "organisation": {Role.ADMIN},
    "notice": {Role.ADMIN},
    "audit": {Role.AUDITOR, Role.ADMIN},
    "reveal": {Role.AGENT, Role.LEAD, Role.MANAGER, Role.FINANCE, Role.ADMIN, Role.AUDITOR},
}


@pytest.mark.parametrize("name", ALLOWED)
@pytest.mark.parametrize("role", Role)
def test_each_page_opens_for_its_roles_only(client, name, role):
    client.force_login(make_user(role))
    assert client.get(reverse(f"accounts:{name}")).status_code == (200 if role in ALLOWED[name] else 403)
