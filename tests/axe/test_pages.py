"""Every page of the product at both widths, light and dark: axe finds nothing, nothing is refused by the content
policy, nothing runs out of the side.

Left to others: the pages of people, teams, shops and signing in (tests/accounts/test_axe.py) and the sheet of parts
(tests/common/test_styleguide.py). A page that stands nowhere fails the last test here.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser, Page

from accounts.models import User
from notifications.models import Notice, SinkMessage
from sla.actions.breaches import acknowledge
from sla.actions.sweep import sweep
from sla.actions.workflow import run_steps
from sla.models import Breach
from tests.accounts import test_axe as accounts_axe
from tests.axe import WIDTHS, refusals, sideways, violations
from tests.factories import make_customer, make_merchant, make_order, make_organisation, make_team, make_user
from tests.factories_tickets import fresh, make_category, make_route, make_ticket, make_ticket_in
from tests.journeys.parts import send_everything
from tests.test_permissions import API, TABLE
from tickets import actions
from tickets.links import path_of
from tickets.models import Ticket

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600), pytest.mark.django_db(transaction=True)]

#: Addresses that answer with a part of a page, a file, a picture or a way on.
NO_PAGES = {
    *API,
    *("healthz", "readyz", "metrics", "api-schema", "accounts:logo", "tickets:file_promise", "tickets:queue_csv"),
    *("tickets:upload_preview", "tickets:case_fresh", "tickets:case_file", "tickets:case_preview"),
    *("tickets:my_case_fresh", "tickets:my_case_file", "tickets:my_case_preview", "tickets:attachment"),
    *("tickets:preview", "tickets:entry_qr", "tickets:ticket_fresh", "sla:dashboard_csv", "api-ticket-clocks"),
    *("breach-list", "breach-detail", "notifications:bell", "notifications:bell_list"),
    # Nobody here has a second factor yet.
    *(
        "mfa_authenticate",
        "mfa_reauthenticate",
        "mfa_generate_recovery_codes",
        "mfa_deactivate_totp",
        "mfa_download_recovery_codes",
        "mfa_view_recovery_codes",
    ),
}
#: Pages that other tests open.
ELSEWHERE = {*accounts_axe.GUEST, *accounts_axe.STAFF, "common:styleguide"}
#: The same templates as behind the link; opened by test_the_customers_pages below as far as they differ.
SAME_AS_BY_LINK = {"tickets:my_case_withdraw", "tickets:my_case_review"}


class World:
    """One busy product: something late, told, escalated, acknowledged, waiting, resolved, closed, and a full bell."""

    def __init__(self) -> None:
        now = timezone.now()
        make_organisation(hotline="400-800-1234")
        self.admin = make_user("admin", name="赵海", email="zhao@example.com")
        self.manager = make_user("manager", name="孙静")
        self.lead = make_user("lead", name="王敏")
        agent = make_user(name="周宁")
        self.customer = make_user("customer", name="何秀英", phone="+8613800136021")
        self.shop = make_merchant("云禾电器旗舰店", slug="yunhe")
        self.team = make_team("售后一组", lead=self.lead)
        self.route = make_route(self.team)
        self.category = make_category("漏水", parent=make_category("质量"))
        order = make_order(self.shop)
        where = {"merchant": self.shop, "order_number": order.external_id}
        self.late = make_ticket(at=now - timedelta(hours=2), priority="urgent", requester=self.customer, **where)
        again = make_ticket("退款一直没有到账", at=now - timedelta(hours=3), priority="urgent", **where)
        taken = make_ticket("快递外箱破了", at=now - timedelta(hours=1), priority="urgent", **where)
        for minutes in (31, 29):
            sweep(at=now - timedelta(minutes=minutes))
            run_steps(at=now - timedelta(minutes=minutes))
        for minutes in (60, 20):
            sweep(at=now - timedelta(minutes=minutes))
            run_steps(at=now - timedelta(minutes=minutes))
        acknowledge(Breach.objects.filter(ticket=taken).latest("id"), actor=self.lead)
        self.again = again
        self.new = make_ticket("锅盖炸裂，手被划伤", at=now, category=make_category("危险", is_safety=True), **where)
        self.waiting = make_ticket_in("pending", actor=agent, at=now, **where)
        self.resolved = make_ticket_in("resolved", actor=agent, at=now, **where)
        self.closed = make_ticket_in("closed", actor=agent, at=now)
        self.talked = make_ticket_in("open", actor=agent, at=now, requester=self.customer, **where)
        actions.write(fresh(self.talked), "照片发了，请看看。" * 12)
        actions.reply(fresh(self.talked), "照片看清了，今天 18:00 前告诉您怎么寄回。", actor=agent)
        actions.note(fresh(self.talked), "批次 2026-03 已有三例。", actor=agent)
        actions.assign(fresh(self.talked), actor=self.lead, assignee=self.admin)
        send_everything()

    def link(self, ticket: Ticket) -> str:
        return path_of(ticket.links.get())

    def staff_pages(self) -> Iterator[tuple[str, str]]:
        number = {"number": self.talked.number}
        yield from (("tickets:queue", f"?view={view}") for view in ("open", "late", "all"))
        yield from (
            ("tickets:queue", query) for query in ("?view=open&status=nonsense&priority=urgent", "?q=没有这个词")
        )
        yield from ((name, "") for name in ("tickets:queue_filter", "tickets:new", "tickets:entry_link"))
        yield "tickets:many", f"{reverse('tickets:many', args=['assign'])}?number={self.new.number}"
        for ticket in (self.talked, self.late, self.again, self.new, self.waiting, self.resolved, self.closed):
            yield "tickets:ticket", reverse("tickets:ticket", args=[ticket.number])
        for name in ("filed", "ticket_timeline", "ticket_links"):
            yield f"tickets:{name}", reverse(f"tickets:{name}", kwargs=number)
        for verb in ("resolve", "wait", "hold", "assign", "escalate", "categorise", "prioritise", "describe", "reply"):
            yield "tickets:verb", reverse("tickets:verb", kwargs={**number, "name": verb})
        yield "tickets:categories", ""
        yield "tickets:category", reverse("tickets:category", args=[self.category.pk])
        yield "tickets:routes", ""
        yield from (("sla:dashboard", query) for query in ("?days=1", "?days=30"))
        yield from ((name, "") for name in ("sla:breaches", "sla:missed"))
        yield from (("notifications:notices", query) for query in ("", "?show=unread"))
        yield from (("notifications:outbox", query) for query in ("", "?state=failed"))
        yield "notifications:sink", ""
        yield "accounts:person", reverse("accounts:person", args=[self.lead.pk])
        yield "accounts:team", reverse("accounts:team", args=[self.team.pk])
        yield "accounts:merchant", reverse("accounts:merchant", args=[self.shop.pk])
        yield "mfa_activate_totp", ""
        yield from ((name, "") for name in ("account_reauthenticate", "account_set_password"))
        yield "api-docs", ""
        yield "404", "/no-such-page/"

    def customer_pages(self) -> Iterator[tuple[str, str]]:
        yield "tickets:my_cases", ""
        yield "tickets:my_case", reverse("tickets:my_case", args=[self.late.number])

    def public_pages(self) -> Iterator[tuple[str, str]]:
        yield from ((name, "") for name in ("tickets:home", "tickets:file", "tickets:notice", "tickets:find"))
        yield "tickets:file_shop", reverse("tickets:file_shop", args=["yunhe"])
        for ticket in (self.late, self.again, self.new, self.waiting, self.resolved, self.closed, self.talked):
            yield "tickets:case", self.link(ticket)
        yield "tickets:case_withdraw", f"{self.link(self.talked)}withdraw/"
        yield "tickets:case_review", f"{self.link(self.resolved)}review/"
        yield "sla:promise", ""
        yield "sla:promise_version", reverse("sla:promise_version", args=[1])
        names = ("account_inactive", "account_email_verification_sent", "account_reset_password_from_key_done")
        yield from ((name, "") for name in names)
        yield "account_reset_password_from_key", reverse("account_reset_password_from_key", args=["x", "a-b"])
        yield "account_confirm_email", reverse("account_confirm_email", args=["abc"])
        yield "404", "/c/no-such-link/"


def look_at(page: Page, base: str, pages: Iterator[tuple[str, str]]) -> list[str]:
    """Open each page once, then look at it at both widths, light and dark; returns what is wrong."""
    refused, faults = refusals(page), []
    for name, rest in pages:
        path = rest if rest.startswith("/") else reverse(name) + rest
        page.set_viewport_size({"width": WIDTHS[-1], "height": 900})
        answer = page.goto(base + path)
        if name == "api-docs":
            page.wait_for_selector(".opblock-summary-method")
        if answer.status >= 400 and name != "404" and not name.startswith("account_"):
            faults.append(f"{path}: {answer.status}")
            continue
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            for scheme in ("light", "dark"):
                page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
                # Only colours differ between the two.
                found = violations(page, **({} if scheme == "light" else {"rules": ["color-contrast"]}))
                if name == "api-docs":  # a button with buttons in it: how the package builds its lines
                    found = [fault for fault in found if not fault.startswith("nested-interactive")]
                faults.extend(f"{path} {width} {scheme} {fault}" for fault in found)
            if (over := sideways(page)) > 0:
                faults.append(f"{path} {width} runs {over} px out of the side")
    return faults + refused


@pytest.fixture
def page_of(browser: Browser, live_server, settings) -> Iterator[Any]:
    contexts = []

    def page_of(user: User | None = None) -> Page:
        context = browser.new_context(locale="zh-CN", timezone_id="Asia/Shanghai")
        contexts.append(context)
        if user is not None:
            client = Client()
            client.force_login(user)
            session = client.cookies[settings.SESSION_COOKIE_NAME].value
            context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])
        return context.new_page()

    yield page_of
    for context in contexts:
        context.close()


@pytest.mark.parametrize("half", [0, 1])
def test_pages_of_staff(half: int, page_of, live_server) -> None:
    world = World()
    assert Notice.objects.filter(user=world.lead).exists()
    mails = [
        ("notifications:sink_mail", reverse("notifications:sink_mail", args=[pk]))
        for pk in SinkMessage.objects.filter(channel="mail").values_list("pk", flat=True)[:1]
    ]
    pages = [*world.staff_pages(), *mails][half::2]  # two tests, so that two workers share them
    faults = look_at(page_of(world.admin), live_server.url, iter(pages))
    assert not faults, "\n".join(faults)


def test_pages_of_customers(page_of, live_server) -> None:
    world = World()
    make_customer()
    faults = look_at(page_of(), live_server.url, world.public_pages())
    faults += look_at(page_of(world.customer), live_server.url, world.customer_pages())
    assert not faults, "\n".join(faults)


def test_no_page_is_forgotten() -> None:
    world = World()
    looked_at = {
        name for pages in (world.staff_pages(), world.public_pages(), world.customer_pages()) for name, _ in pages
    }
    pages = {name for name, door in TABLE.items() if door.method == "get"} - NO_PAGES
    assert pages - looked_at - ELSEWHERE - SAME_AS_BY_LINK - {"accounts:setup", "notifications:sink_mail"} == set()
