import re
from pathlib import Path

import pytest
from django.urls import reverse

from tests.axe import SCHEMES, WIDTHS, refusals, sideways, violations
from tests.factories import make_organisation, make_user

ROOT = Path(__file__).parent.parent.parent

pytestmark = pytest.mark.django_db


def test_only_people_who_work_here_see_the_sheet_of_parts(client):
    address = reverse("common:styleguide")
    make_organisation()
    assert client.get(address).status_code == 302
    client.force_login(make_user(role="customer"))
    assert client.get(address).status_code == 403
    client.force_login(make_user(role="auditor"))
    assert client.get(address).status_code == 200


def test_the_sheet_speaks_both_languages(client):
    client.force_login(make_user(role="agent"))
    chinese = client.get(reverse("common:styleguide"), {"language": "zh-hans"}).content.decode()
    english = client.get(reverse("common:styleguide"), {"language": "en"}).content.decode()
    assert "还有 <b" in chinese
    assert "晚 <b" in chinese
    assert "今天 16:20" in chinese
    assert "3 月 12 日（周四）18:00" in chinese
    assert "3 月 17 日（周二）24:00" in chinese
    assert "today 16:20" in english
    assert "38 min</b> late" in english
    assert "Thu 12 March, 18:00" in english


def test_every_icon_of_the_parts_is_in_the_sprite(client):
    root = ROOT
    drawn = set(re.findall(r'id="([^"]+)"', (root / "static" / "icons.svg").read_text(encoding="utf-8")))
    asked = set()
    for path in (root / "templates").rglob("*.html"):
        asked |= {(name, path.name) for name in re.findall(r'{% icon "([^"]+)"', path.read_text(encoding="utf-8"))}
    assert {(name, where) for name, where in asked if name not in drawn} == set()


def test_no_page_writes_style_into_its_markup():
    root = ROOT / "templates"
    found = [
        path.name
        for path in root.rglob("*.html")
        if "mail" not in path.parts
        and "emails" not in path.parts
        and re.search(r"<style|\sstyle=|\son[a-z]+=\"", path.read_text(encoding="utf-8"))
    ]
    assert found == []


@pytest.mark.slow
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("look", SCHEMES)
def test_axe_finds_nothing_on_the_sheet(width, look, live_server, signed_in_page):
    page = signed_in_page(make_user(role="manager"))
    refused = refusals(page)
    page.set_viewport_size({"width": width, "height": 900})
    for language in ("zh-hans", "en"):
        page.goto(f"{live_server.url}{reverse('common:styleguide')}?language={language}&look={look}")
        page.wait_for_selector("#chart-line svg")
        assert violations(page) == []
        assert sideways(page) <= 0
    assert refused == []
