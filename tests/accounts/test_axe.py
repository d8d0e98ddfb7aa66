"""Every page of this app in a real browser: axe finds nothing, nothing is refused, nothing runs out of the side."""

import pytest
from django.urls import reverse

from accounts import actions
from accounts.models import Role, User
from tests.axe import refusals, violations
from tests.factories import PASSWORD, make_merchant, make_organisation, make_user

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

GUEST = ("account_login", "account_signup", "account_reset_password", "account_reset_password_done", "accounts:privacy")
STAFF = (
    *("accounts:people", "accounts:new_person", "accounts:teams", "accounts:new_team", "accounts:merchants"),
    *("accounts:new_merchant", "accounts:organisation", "accounts:notice", "accounts:profile", "accounts:audit"),
    *("accounts:reveal", "mfa_index", "account_email", "account_change_password", "account_logout"),
)


@pytest.mark.parametrize(
    ("width", "theme", "language"),
    [(390, "light", "zh-hans"), (1440, "light", "en"), (390, "dark", "en"), (1440, "dark", "zh-hans")],
)
def test_every_page_is_readable_by_everybody(width, theme, language, live_server, browser):
    make_organisation("晨光电器", hotline="400-820-1122")
    admin = make_user(Role.ADMIN, name="周敏", email="zhou@example.com", language=language, theme=theme)
    shop = make_merchant("晨光旗舰店")
    make_user(Role.AGENT, name="李雷", merchants=[shop])
    actions.save_team(None, actor=admin, name="售后一组", lead=admin)
    context = browser.new_context(viewport={"width": width, "height": 900})
    context.add_cookies(
        [
            {"name": "huiyin_language", "value": language, "url": live_server.url},
            {"name": "theme", "value": theme, "url": live_server.url},
        ]
    )
    page = context.new_page()
    refused = refusals(page)
    faults = []

    def visit(name: str) -> None:
        answer = page.goto(live_server.url + reverse(name))
        sideways = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
        if answer.status != 200 or sideways:
            faults.append(f"{name}: {answer.status}{', runs out of the side' if sideways else ''}")
        faults.extend(f"{name}: {fault}" for fault in violations(page))

    for name in GUEST:
        visit(name)
    page.goto(live_server.url + reverse("account_login"))
    page.fill("input[name=login]", "zhou@example.com")
    page.fill("input[name=password]", PASSWORD)
    page.click("button.btn-primary")
    assert User.objects.get(pk=admin.pk).last_login is not None
    for name in STAFF:
        visit(name)
    context.close()
    assert faults == []
    assert refused == []
