"""Every address x every role. An address that is missing here fails: whoever adds one says who may open it.

"Refused" is 401, 403, 404, or a redirect to the sign-in page. "Let in" is anything else below 500: a form that lacks a
field is answered with 422, and that is not a refusal of the person.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from accounts.models import Role
from sla.actions.sweep import sweep
from sla.models import Breach
from tests.factories import make_merchant, make_order, make_team, make_user
from tickets import actions
from tickets.links import token_of
from tickets.models import Category, Route

pytestmark = pytest.mark.django_db

NOBODY: frozenset[str] = frozenset()
STAFF = frozenset({"agent", "lead", "manager", "finance", "admin", "auditor", "merchant_agent"})
ROLES = frozenset({"anonymous", "customer"}) | STAFF
SIGNED_IN = ROLES - {"anonymous"}
CUSTOMER = frozenset({"customer"})
SERVICE = frozenset({"agent", "lead", "manager", "admin", "merchant_agent"})
LEADING = frozenset({"lead", "manager", "admin"})
STEERING = frozenset({"manager", "admin"})
ADMINS = frozenset({"admin"})
#: A merchant agent and a case, person or shop that is not theirs.
OUTSIDE = frozenset({"merchant_agent"})


@dataclass(frozen=True)
class Door:
    who: frozenset[str]
    method: str = "get"
    data: dict[str, Any] = field(default_factory=dict)


def get(who: frozenset[str]) -> Door:
    return Door(who)


def post(who: frozenset[str], **data: Any) -> Door:
    return Door(who, "post", data)


ALLAUTH = {
    "account_login": get(ROLES),
    "account_logout": get(ROLES),
    "account_inactive": get(ROLES),
    "account_signup": get(ROLES),
    "account_reauthenticate": get(SIGNED_IN),
    "account_email": get(SIGNED_IN),
    "account_email_verification_sent": get(ROLES),
    "account_change_password": get(SIGNED_IN),
    "account_set_password": get(SIGNED_IN),
    "account_reset_password": get(ROLES),
    "account_reset_password_done": get(ROLES),
    "account_reset_password_from_key": get(ROLES),
    "account_reset_password_from_key_done": get(ROLES),
    "account_confirm_email": get(ROLES),
    "mfa_index": get(SIGNED_IN),
    "mfa_authenticate": get(SIGNED_IN),  # leads on: nobody here is in the middle of signing in
    "mfa_reauthenticate": get(SIGNED_IN),
    "mfa_activate_totp": get(SIGNED_IN),
    # Nobody here has a second factor yet.
    "mfa_deactivate_totp": get(NOBODY),
    "mfa_view_recovery_codes": get(NOBODY),
    "mfa_generate_recovery_codes": get(SIGNED_IN),
    "mfa_download_recovery_codes": get(NOBODY),
}

COMMON = {
    "healthz": get(ROLES),
    "readyz": get(ROLES),
    "metrics": get(ROLES),  # by network or token, not by person; tests call from 127.0.0.1
    "set_language": post(ROLES, language="en"),
    "common:preferences": post(ROLES, theme="dark"),
    "common:styleguide": get(STAFF),
    "api-schema": get(ROLES),
    "api-docs": get(ROLES),
}

ACCOUNTS = {
    "accounts:setup": get(NOBODY),  # only with the one-time link, while the product is empty
    "accounts:people": get(ADMINS),
    "accounts:new_person": get(ADMINS),
    "accounts:person": get(ADMINS),
    "accounts:deactivate_person": post(ADMINS),
    "accounts:reactivate_person": post(ADMINS),
    "accounts:invite_person": post(ADMINS),
    "accounts:teams": get(STEERING),
    "accounts:new_team": get(STEERING),
    "accounts:team": get(STEERING),
    "accounts:merchants": get(ADMINS),
    "accounts:new_merchant": get(ADMINS),
    "accounts:merchant": get(ADMINS),
    "accounts:organisation": get(ADMINS),
    "accounts:notice": get(ADMINS),
    "accounts:logo": get(NOBODY),  # there is none in this world
    "accounts:profile": get(SIGNED_IN),
    "accounts:make_token": post(SIGNED_IN),
    "accounts:revoke_token": post(NOBODY),  # somebody else's
    "accounts:privacy": get(ROLES),
    "accounts:audit": get(frozenset({"auditor", "admin"})),
    "accounts:reveal": get(STAFF),  # asks which case first; what may be seen is decided there
}

CUSTOMER_PAGES = {
    "tickets:home": get(ROLES),
    "tickets:file": get(ROLES),
    "tickets:file_promise": get(ROLES),
    "tickets:file_shop": get(ROLES),
    "tickets:notice": get(ROLES),
    "tickets:upload": post(ROLES),
    "tickets:upload_discard": post(ROLES),
    "tickets:upload_preview": get(NOBODY),  # of a key that nobody has
    "tickets:find": get(ROLES),
    "tickets:my_cases": get(SIGNED_IN),
    **{
        f"tickets:case{verb}": post(ROLES)
        if verb in {"_write", "_confirm", "_decline", "_rate", "_tell_more"}
        else get(ROLES)
        for verb in ("", "_fresh", "_write", "_confirm", "_decline", "_rate", "_tell_more", "_withdraw", "_review")
    },
    "tickets:case_file": get(NOBODY),  # there is no such file
    "tickets:case_preview": get(NOBODY),
    **{
        f"tickets:my_case{verb}": post(CUSTOMER)
        if verb in {"_write", "_confirm", "_decline", "_rate", "_tell_more"}
        else get(CUSTOMER)
        for verb in ("", "_fresh", "_write", "_confirm", "_decline", "_rate", "_tell_more", "_withdraw", "_review")
    },
    "tickets:my_case_file": get(NOBODY),
    "tickets:my_case_preview": get(NOBODY),
    "tickets:attachment": get(NOBODY),
    "tickets:preview": get(NOBODY),
    "tickets:entry_link": get(SERVICE),
    "tickets:entry_qr": get(SERVICE - OUTSIDE),
}

STAFF_PAGES = {
    "tickets:queue": get(STAFF),
    "tickets:queue_filter": get(STAFF),
    "tickets:queue_csv": get(STAFF),
    "tickets:take_next": post(SERVICE),
    "tickets:many": post(SERVICE),
    "tickets:new": get(SERVICE),
    "tickets:ticket": get(STAFF - OUTSIDE),
    "tickets:ticket_fresh": get(STAFF - OUTSIDE),
    "tickets:filed": get(SERVICE - OUTSIDE),
    "tickets:ticket_timeline": get(STAFF - OUTSIDE),
    "tickets:ticket_draft": post(SERVICE - OUTSIDE),
    "tickets:ticket_links": get(SERVICE - OUTSIDE),
    "tickets:make_link": post(SERVICE - OUTSIDE),
    "tickets:revoke_link": post(SERVICE - OUTSIDE),
    "tickets:verb": post(SERVICE - OUTSIDE, body="x"),
    "tickets:categories": get(STEERING),
    "tickets:category": get(STEERING),
    "tickets:routes": get(STEERING),
    "tickets:remove_route": post(STEERING),
}

API = {
    "sla-explain": post(SIGNED_IN),
    "order-list": get(STAFF),
    "order-detail": get(STAFF - OUTSIDE),
    "ticket-list": get(SIGNED_IN),
    "ticket-detail": get(SIGNED_IN - OUTSIDE),
    "ticket-messages": get(SIGNED_IN - OUTSIDE),
    "ticket-events": get(SIGNED_IN - OUTSIDE),
    **{
        f"ticket-{verb}": post(SERVICE - OUTSIDE)
        for verb in ("assign", "categorise", "describe", "escalate", "hold", "prioritise", "reopen", "reply", "resolve",
                     "resume", "spam", "take", "unspam", "wait")
    },
    "ticket-note": post((SERVICE | {"finance"}) - OUTSIDE),
    "ticket-close": post(LEADING),
    **{f"ticket-{verb}": post(CUSTOMER) for verb in ("confirm", "decline", "rate", "withdraw", "request-review")},
}  # fmt: skip

SLA = {
    "sla:dashboard": get(LEADING | {"auditor"}),
    "sla:dashboard_csv": get(LEADING | {"auditor"}),
    "sla:missed": get(STAFF),
    "sla:breaches": get(STAFF),
    "sla:acknowledge": post(STEERING),  # and the lead it came to; this one came to nobody
    "sla:set_promise": post(LEADING),
    "sla:promise": get(ROLES),
    "sla:promise_version": get(ROLES),
    "api-ticket-clocks": get(SIGNED_IN - OUTSIDE),
    "breach-list": get(STAFF),
    "breach-detail": get(STAFF - OUTSIDE),
    "breach-acknowledge": post(STEERING),
    "breach-set-promise": post(LEADING),
}

NOTIFICATIONS = {
    "notifications:notices": get(STAFF),
    "notifications:bell": get(STAFF),
    "notifications:bell_list": get(STAFF),
    "notifications:notices_read": post(STAFF),
    "notifications:notice_open": post(NOBODY),  # somebody else's
    "notifications:outbox": get(ADMINS),
    "notifications:outbox_retry": post(NOBODY),  # there is none
    "notifications:sink": get(ADMINS),
    "notifications:sink_mail": get(NOBODY),
}

TABLE = {**ALLAUTH, **COMMON, **ACCOUNTS, **CUSTOMER_PAGES, **STAFF_PAGES, **API, **SLA, **NOTIFICATIONS}
#: Django's admin guards itself; only administrators who are superusers get in (tests/accounts).
LEFT_OUT = ("admin:",)
#: Addresses of allauth that our settings switch off; they answer nobody.
SWITCHED_OFF = {"account_confirm_login_code", "account_verify_phone", "account_change_phone"}


def addresses() -> Iterator[tuple[str, URLPattern]]:
    def walk(patterns: list[Any], namespaces: tuple[str, ...]) -> Iterator[tuple[str, URLPattern]]:
        for pattern in patterns:
            if isinstance(pattern, URLResolver):
                inner = (*namespaces, pattern.namespace) if pattern.namespace else namespaces
                yield from walk(pattern.url_patterns, inner)
            elif "admin" not in namespaces:
                yield ":".join((*namespaces, pattern.name or "")), pattern

    yield from walk(get_resolver().url_patterns, ())


def test_every_address_stands_in_the_table() -> None:
    names = {name for name, _pattern in addresses() if not name.startswith(LEFT_OUT)}
    assert sorted(names - set(TABLE) - SWITCHED_OFF) == [], "say in the table who may open these"
    assert sorted(set(TABLE) - names) == [], "these are gone: take them out"


@pytest.fixture
def world() -> dict[str, Any]:
    """One case of the customer, in a shop that the merchant agent has nothing to do with."""
    theirs, mine = make_merchant(slug="theirs"), make_merchant()
    people = {role: make_user(role=role) for role in Role.values}
    people["merchant_agent"] = make_user(role="agent", merchants=[mine])
    ticket = actions.open_ticket(
        actions.Filing(body="水壶漏水", phone="+8613800136021", merchant=theirs, requester=people["customer"])
    )
    link = ticket.links.get()
    ticket.refresh_from_db()
    sweep(at=ticket.due_at + timedelta(minutes=1))
    breach = Breach.objects.get()
    team = make_team()
    order = make_order(theirs)
    route = Route.objects.create(team=team)
    return {
        "people": people,
        "number": ticket.number,
        "token": token_of(ticket.pk, link.salt),
        "shop": theirs.slug,
        "slug": theirs.slug,
        "key": "0" * 32,
        "uidb36": "x",
        "kind": "svg",
        "pk": {
            "accounts:person": people["agent"].pk,
            "accounts:deactivate_person": people["finance"].pk,
            "accounts:reactivate_person": people["finance"].pk,
            "accounts:invite_person": people["finance"].pk,
            "accounts:team": team.pk,
            "accounts:merchant": theirs.pk,
            "tickets:category": Category.objects.earliest("id").pk,
            "tickets:remove_route": route.pk,
            "tickets:revoke_link": link.pk,
            "order-detail": order.pk,
            **dict.fromkeys(
                ("sla:acknowledge", "sla:set_promise", "breach-detail", "breach-acknowledge", "breach-set-promise"),
                breach.pk,
            ),
        },
    }


SPECIAL = {
    "sla:promise_version": {"number": 1},
    "tickets:verb": {"name": "reply"},
    "tickets:many": {"verb": "assign"},
    "tickets:ticket_draft": {"kind": "reply"},
    "account_reset_password_from_key": {"key": "a-b"},
    "account_confirm_email": {"key": "abc"},
}


def path_of(name: str, pattern: URLPattern, world: dict[str, Any]) -> str:
    values = {}
    for parameter in [*pattern.pattern.converters, *pattern.pattern.regex.groupindex]:
        value = SPECIAL.get(name, {}).get(parameter, world.get(parameter))
        values[parameter] = value.get(name, 999_999) if isinstance(value, dict) else value
    return reverse(name, kwargs=values)


def is_refused(response: HttpResponse) -> bool:
    if response.status_code in {301, 302}:
        return "/accounts/login" in response["Location"]
    return response.status_code in {401, 403, 404}


GROUPS = {
    "allauth": ALLAUTH,
    "common": COMMON,
    "accounts": ACCOUNTS,
    "customer pages": CUSTOMER_PAGES,
    "staff pages": STAFF_PAGES,
    "api": API,
    "sla": SLA,
    "notifications": NOTIFICATIONS,
}


@pytest.mark.parametrize("group", sorted(GROUPS))
def test_each_address_lets_in_whom_the_table_names(group: str, world: dict[str, Any]) -> None:
    patterns, wrong = dict(addresses()), []
    for name, door in GROUPS[group].items():
        path = path_of(name, patterns[name], world)
        for role in sorted(ROLES):
            # What one role did is taken back before the next one tries.
            with transaction.atomic():
                response = knock(door, path, world["people"].get(role))
                transaction.set_rollback(True)
            if response.status_code >= 500 and name != "readyz":  # nothing is ready without workers, and says so
                wrong.append(f"{role} {door.method} {path}: {response.status_code}")
            elif is_refused(response) == (role in door.who):
                wrong.append(f"{role} {door.method} {path}: {response.status_code} {response.get('Location', '')}")
    assert not wrong, "\n".join(wrong)


def knock(door: Door, path: str, person: Any) -> HttpResponse:
    client = Client(raise_request_exception=False)
    if person is not None:
        client.force_login(person, backend=settings.AUTHENTICATION_BACKENDS[0])
    return client.post(path, door.data) if door.method == "post" else client.get(path)
