"""Imported history on the manager's page: how much there is and how much of it could be judged."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from tests.factories import make_organisation, make_user
from tickets.actions.importing import Conversation, Said, import_many

pytestmark = pytest.mark.django_db
OPENED = datetime(2026, 3, 9, 10, tzinfo=ZoneInfo("Asia/Shanghai"))


def test_the_page_says_how_many_imported_promises_could_be_judged() -> None:
    make_organisation()
    manager = make_user(role="manager")
    said = [Said(OPENED, "customer", "水壶漏水")]
    import_many(
        [
            Conversation("A1", OPENED, said=said, first_response_at=OPENED + timedelta(hours=1)),
            Conversation("A2", OPENED, said=said, status="closed"),
        ]
    )
    client = Client()
    client.force_login(manager)
    page = client.get("/sla/").content.decode()
    assert "导入的历史工单：2 单。其中能事后核对的承诺：1 次" in page or "Imported cases: 2." in page
    assert "view=all&amp;origin=import" in page
    shown = client.get("/queue/?view=all&origin=import").content.decode()
    assert shown.count("queue__say") == 2


def test_without_imports_the_page_says_nothing_of_them() -> None:
    make_organisation()
    client = Client()
    client.force_login(make_user(role="manager"))
    assert b"origin=import" not in client.get("/sla/").content
