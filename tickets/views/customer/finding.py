"""Back to one's case: a new link on request, and one's own list when signed in."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import Role
from common.errors import DomainError
from tickets import actions, limits
from tickets.forms.customer import FindForm
from tickets.models import Ticket
from tickets.turns import turn_of
from tickets.views.customer.doors import hotline_of

PAGE = 30


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def find(request: HttpRequest) -> HttpResponse:
    """Send a new link to the contact given. The answer is the same whether there is such a case or not."""
    form = FindForm(request.POST or None)

    def refused(error: DomainError) -> HttpResponse:
        form.take(error)
        return _page(request, form)

    request.on_refusal = refused  # type: ignore[attr-defined]
    if request.method != "POST" or not form.is_valid():
        return _page(request, form, status=422 if request.method == "POST" else 200)
    contact = form.cleaned_data["contact"]
    sentence = _("We have sent links to this contact several times in the last hour. Please look there first.")
    crowded = _("Many ask from your network at the moment. Please try again in 10 minutes.")
    limits.refuse_beyond(limits.FIND_BY_CONTACT, contact.value, sentence)
    address = limits.address_of(request)
    limits.refuse_beyond(limits.FIND_BY_ADDRESS, address, crowded)
    limits.count(limits.FIND_BY_CONTACT, contact.value)
    limits.count(limits.FIND_BY_ADDRESS, address)
    actions.resend_link(form.cleaned_data["number"], contact)
    return render(request, "tickets/customer/found.html", {"hotline": hotline_of(None)})


def _page(request: HttpRequest, form: FindForm, status: int = 200) -> HttpResponse:
    return render(request, "tickets/customer/find.html", {"form": form, "hotline": hotline_of(None)}, status=status)


@never_cache
@login_required
@require_safe
def my_cases(request: HttpRequest) -> HttpResponse:
    """The cases somebody filed while signed in, newest first."""
    if request.user.role != Role.CUSTOMER:
        return redirect("tickets:queue")
    cases = Ticket.objects.visible_to(request.user).order_by("-id")
    at = timezone.now()
    before = request.GET.get("before", "")
    if before.isascii() and before.isdigit() and len(before) < 18:
        cases = cases.filter(pk__lt=int(before))
    page = list(cases.select_related("team", "assignee")[: PAGE + 1])
    older_url = f"{reverse('tickets:my_cases')}?before={page[PAGE - 1].pk}" if len(page) > PAGE else ""
    first_url = reverse("tickets:my_cases") if before else ""
    entries = [{"ticket": ticket, "turn": turn_of(ticket, at)} for ticket in page[:PAGE]]
    context = {"cases": entries, "older_url": older_url, "first_url": first_url}
    return render(request, "tickets/customer/my_cases.html", context)
