"""Filing for a customer who is on the phone, stands at the counter or wrote a letter."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.contacts import Email, Phone
from accounts.models import PrivacyNotice
from common.errors import NotAllowed, require
from tickets import actions, counts
from tickets.forms.staff import FilingForm
from tickets.models import Category
from tickets.views.desk import desk, visible_case
from tickets.views.ticket import links_context


@desk("open_for_customer")
def new(request: HttpRequest) -> HttpResponse:
    """The form; `look_up` finds the order typed and keeps everything else."""
    form = FilingForm(request.POST or None, user=request.user)
    is_look_up = request.method == "POST" and "look_up" in request.POST
    if request.method == "POST" and not is_look_up and form.is_valid():
        data = form.cleaned_data
        contact, line = data["contact"], data["line"]
        merchant = data["merchant"] or (line.order.merchant if line else None)
        inside = not request.user.scope or (merchant is not None and merchant.pk in request.user.scope)
        require(inside, _("You can file cases for your own shops only."), NotAllowed)
        ticket = actions.open_ticket(
            actions.Filing(
                body=data["body"],
                name=data["name"],
                phone=contact.value if isinstance(contact, Phone) else "",
                email=contact.value if isinstance(contact, Email) else "",
                kind=data["kind"],
                channel=data["channel"],
                priority=data["priority"] if "priority" in form.changed_data else "",
                demand=data["demand"],
                category=Category.objects.get(pk=data["category"]) if data["category"] else None,
                merchant=merchant,
                order_line=line,
                order_number=data["order_number"],
                received_at=data["received_at"],
                language=get_language() or "zh-hans",
                notice_version=PrivacyNotice.current().version,
            ),
            actor=request.user,
        )
        counts.forget(request.user)
        return HttpResponseRedirect(reverse("tickets:filed", args=[ticket.number]))
    if is_look_up:
        # Looking an order up is not sending: nothing is missing yet.
        form = FilingForm(request.POST, user=request.user)
        form.errors.clear()
    context = {"form": form, "looked_up": is_look_up or bool(form.lines), "at": timezone.now()}
    status = 422 if request.method == "POST" and form.errors else 200
    return render(request, "tickets/staff/new.html", context, status=status)


@desk("open_for_customer")
@require_safe
def filed(request: HttpRequest, number: str) -> HttpResponse:
    """The number and the promise, to be read out."""
    ticket = visible_case(request, number)
    context = {**links_context(ticket), "at": timezone.now()}
    return render(request, "tickets/staff/filed.html", context)
