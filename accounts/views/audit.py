from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import actions
from accounts.access import needs
from accounts.forms import AuditFilterForm, RevealForm
from accounts.models import AccountEvent, Customer, Merchant, Team, User
from accounts.permissions import PERMISSIONS
from accounts.words import FIELDS, KINDS
from common.errors import Missing

PER_PAGE = 50


@needs(PERMISSIONS, "read_audit")
def audit(request: HttpRequest) -> HttpResponse:
    """Every account event, newest first; `?kind=&actor=&day=` filter, `?before=` goes on behind that event."""
    form = AuditFilterForm(request.GET or None)
    found = AccountEvent.objects.select_related("actor").order_by("-at", "-pk")
    chosen: dict[str, Any] = form.cleaned_data if form.is_bound and form.is_valid() else {}
    if chosen.get("kind"):
        found = found.filter(kind=chosen["kind"])
    if chosen.get("actor"):
        found = found.filter(actor=chosen["actor"])
    if chosen.get("day"):
        end = datetime.combine(chosen["day"] + timedelta(days=1), time(0), timezone.get_default_timezone())
        found = found.filter(at__lt=end)
    events = list(_behind(found, request.GET.get("before", ""))[: PER_PAGE + 1])
    older = ""
    if len(events) > PER_PAGE:
        events.pop()
        older = "?" + urlencode({**_kept(request), "before": f"{events[-1].at.isoformat()}_{events[-1].pk}"})
    context = {
        "form": form,
        "rows": describe(events),
        "older_url": older,
        "first_url": "?" + urlencode(_kept(request)) if request.GET.get("before") else "",
    }
    return render(request, "accounts/audit.html", context)


def _kept(request: HttpRequest) -> dict[str, str]:
    return {name: value for name in ("kind", "actor", "day") if (value := request.GET.get(name))}


def _behind(found: Any, cursor: str) -> Any:
    """The events after `cursor` ("moment_id"); what is no cursor is the beginning."""
    from django.db.models import Q

    at_text, _mark, pk = cursor.rpartition("_")
    try:
        at, number = datetime.fromisoformat(at_text), int(pk)
    except ValueError:
        return found
    if at.tzinfo is None or not 0 <= number < 2**63:
        return found
    return found.filter(Q(at__lt=at) | Q(at=at, pk__lt=number))


def describe(events: list[AccountEvent]) -> list[dict[str, Any]]:
    """Events in words. Names are looked up now; a customer stays masked even here."""
    wanted: dict[str, set[int]] = {}
    for event in events:
        model, _mark, pk = event.subject.partition(":")
        if pk.isdigit():
            wanted.setdefault(model, set()).add(int(pk))
    names: dict[str, str] = {}
    tables: dict[str, Any] = {"user": User, "team": Team, "merchant": Merchant}
    for label, table in tables.items():
        names |= {
            f"{label}:{pk}": name
            for pk, name in table.objects.filter(pk__in=wanted.get(label, ())).values_list("pk", "name")
        }
    names |= {
        f"customer:{customer.pk}": str(customer)
        for customer in Customer.objects.filter(pk__in=wanted.get("customer", ()))
    }
    return [
        {
            "event": event,
            "what": KINDS.get(event.kind, event.kind),
            "whom": names.get(event.subject, ""),
            "details": details(event.data),
        }
        for event in events
    ]


def details(data: dict[str, Any]) -> list[str]:
    """The data of an event as short texts."""
    found: list[str] = []
    for name, value in data.items():
        if name == "fields":
            found.append("、".join(str(FIELDS.get(field, field)) for field in value))
        elif name == "reason":
            found.append(str(dict(actions.RevealReason.choices).get(value, value)))
        elif name == "role":
            from accounts.models import Role

            found.append(str(dict(Role.choices).get(value, value)))
        elif name == "version":
            found.append(f"v{value}")
        else:
            found.append(str(value))
    return found


@needs(PERMISSIONS, "reveal_contact")
def reveal(request: HttpRequest) -> HttpResponse:
    """Ask why, log it, and show a contact in full: a fragment for the case page, or a small page without a script."""
    partial = bool(getattr(request, "htmx", False))
    template = "accounts/_reveal.html" if partial else "accounts/reveal.html"
    form = RevealForm(request.POST if request.method == "POST" else None, initial=request.GET.dict())

    def page(**context: Any) -> HttpResponse:
        response = render(request, template, {"form": form, **context})
        response["Cache-Control"] = "no-store"
        return response

    def again(error: Any) -> HttpResponse:
        form.refuse(error)
        return page()

    if request.method == "POST":
        if form.is_valid():
            if not partial:
                request.on_refusal = again  # type: ignore[attr-defined]
            data = form.cleaned_data
            contact = actions.reveal_contact(
                data["customer"],
                actor=request.user,
                ticket=data["ticket"],
                reason=data["reason"],  # type: ignore[arg-type]
            )
            return page(contact=contact)
        if {"customer", "ticket"} & set(form.errors):
            raise Missing(_("There is no such customer."))
    return page()
