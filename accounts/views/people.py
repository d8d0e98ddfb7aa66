from __future__ import annotations

from typing import Any

from allauth.account.forms import ResetPasswordForm
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import actions
from accounts.access import needs
from accounts.forms import NewPersonForm, PersonForm
from accounts.models import Role, User
from accounts.permissions import PERMISSIONS
from common import toasts

PER_PAGE = 100


@needs(PERMISSIONS, "manage_people")
def people(request: HttpRequest) -> HttpResponse:
    """Who works here: by name, with role, team and shops; `?q=` finds part of a name, `?off=1` those without access."""
    words = " ".join(request.GET.get("q", "").replace("\x00", "").split())[:60]
    off = request.GET.get("off") == "1"
    found = User.objects.exclude(role=Role.CUSTOMER).filter(is_active=not off)
    if words:
        found = found.filter(Q(name__icontains=words) | Q(email__icontains=words) | Q(phone__contains=words))
    found = found.select_related("team").prefetch_related("merchants").order_by("name", "pk")
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "accounts/people.html", {"page": page, "q": words, "off": off})


@needs(PERMISSIONS, "manage_people")
def new_person(request: HttpRequest) -> HttpResponse:
    form = NewPersonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        request.on_refusal = lambda error: _again(request, form, error)  # type: ignore[attr-defined]
        data = dict(form.cleaned_data)
        invite = data.pop("invite")
        person = actions.create_person(actor=request.user, **data)  # type: ignore[arg-type]
        if invite and person.email:
            _invite(request, person)
            toasts.say(request, _("%(name)s was added; the link is on its way.") % {"name": person.name})
        else:
            toasts.say(request, _("%(name)s was added.") % {"name": person.name})
        return redirect("accounts:people")
    return render(request, "accounts/person.html", {"form": form}, status=422 if form.errors else 200)


@needs(PERMISSIONS, "manage_people")
def person(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(User.objects.exclude(role=Role.CUSTOMER), pk=pk)
    form = PersonForm(request.POST or None, person=found)
    if request.method == "POST" and form.is_valid():
        request.on_refusal = lambda error: _again(request, form, error, found)  # type: ignore[attr-defined]
        actions.change_person(found, actor=request.user, **form.cleaned_data)  # type: ignore[arg-type]
        toasts.say(request, _("Saved."))
        return redirect("accounts:people")
    return render(request, "accounts/person.html", {"form": form, "person": found}, status=422 if form.errors else 200)


@require_POST
@needs(PERMISSIONS, "manage_people")
def deactivate(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(User.objects.exclude(role=Role.CUSTOMER), pk=pk)
    actions.deactivate_person(found, actor=request.user)  # type: ignore[arg-type]
    toasts.say(request, _("%(name)s can't sign in any more.") % {"name": found.name})
    return redirect("accounts:people")


@require_POST
@needs(PERMISSIONS, "manage_people")
def reactivate(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(User.objects.exclude(role=Role.CUSTOMER), pk=pk)
    actions.reactivate_person(found, actor=request.user)  # type: ignore[arg-type]
    toasts.say(request, _("%(name)s can sign in again.") % {"name": found.name})
    return redirect("accounts:people")


@require_POST
@needs(PERMISSIONS, "manage_people")
def invite(request: HttpRequest, pk: int) -> HttpResponse:
    """Send the mail to set a password again."""
    found = get_object_or_404(User.objects.staff(), pk=pk, email__isnull=False)
    _invite(request, found)
    toasts.say(request, _("A link to set the password was sent to %(name)s.") % {"name": found.name})
    return redirect("accounts:person", pk=pk)


def _invite(request: HttpRequest, person: User) -> None:
    form = ResetPasswordForm({"email": person.email})
    if form.is_valid():
        form.save(request)


def _again(request: HttpRequest, form: PersonForm, error: Any, person: User | None = None) -> HttpResponse:
    form.refuse(error)
    return render(request, "accounts/person.html", {"form": form, "person": person})
