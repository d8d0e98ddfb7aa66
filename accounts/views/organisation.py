from __future__ import annotations

from typing import Any

from django.db.models import Count, Q
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from accounts import actions
from accounts.access import needs
from accounts.forms import ActionForm, MerchantForm, NoticeForm, OrganisationForm, TeamForm
from accounts.models import Merchant, Organisation, PrivacyNotice, Team
from accounts.notices import notice_html
from accounts.permissions import PERMISSIONS
from common import toasts


def _show(request: HttpRequest, template: str, form: ActionForm, **context: Any) -> HttpResponse:
    """The form's page; when the verb refuses, the same page with its sentences (see common/middleware.py)."""

    def again(error: Any) -> HttpResponse:
        form.refuse(error)
        return render(request, template, {"form": form, **context})

    request.on_refusal = again  # type: ignore[attr-defined]
    return render(request, template, {"form": form, **context}, status=422 if form.errors else 200)


@needs(PERMISSIONS, "manage_teams")
def teams(request: HttpRequest) -> HttpResponse:
    found = Team.objects.select_related("lead", "calendar").annotate(
        people=Count("members", filter=Q(members__is_active=True))
    )
    return render(request, "accounts/teams.html", {"teams": found.order_by("-is_active", "name")})


@needs(PERMISSIONS, "manage_teams")
def team(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    found = get_object_or_404(Team, pk=pk) if pk else None
    form = TeamForm(request.POST or None, team=found)
    page = _show(request, "accounts/team.html", form, team=found)
    if request.method == "POST" and form.is_valid():
        actions.save_team(found, actor=request.user, **form.cleaned_data)  # type: ignore[arg-type]
        toasts.say(request, _("Saved."))
        return redirect("accounts:teams")
    return page


@needs(PERMISSIONS, "manage_merchants")
def merchants(request: HttpRequest) -> HttpResponse:
    found = Merchant.objects.annotate(people=Count("agents", filter=Q(agents__is_active=True)))
    return render(request, "accounts/merchants.html", {"merchants": found.order_by("-is_active", "name")})


@needs(PERMISSIONS, "manage_merchants")
def merchant(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    found = get_object_or_404(Merchant, pk=pk) if pk else None
    form = MerchantForm(request.POST or None, merchant=found)
    page = _show(request, "accounts/merchant.html", form, merchant=found)
    if request.method == "POST" and form.is_valid():
        actions.save_merchant(found, actor=request.user, **form.cleaned_data)  # type: ignore[arg-type]
        toasts.say(request, _("Saved."))
        return redirect("accounts:merchants")
    return page


@needs(PERMISSIONS, "manage_organisation")
def organisation(request: HttpRequest) -> HttpResponse:
    found = Organisation.objects.filter(pk=1).first()
    form = OrganisationForm(request.POST or None, request.FILES or None, organisation=found)
    page = _show(request, "accounts/organisation.html", form, notice=PrivacyNotice.current())
    if request.method == "POST" and form.is_valid():
        actions.save_organisation(actor=request.user, **form.cleaned_data)  # type: ignore[arg-type]
        toasts.say(request, _("Saved."))
        return redirect("accounts:organisation")
    return page


@needs(PERMISSIONS, "publish_notice")
def notice(request: HttpRequest) -> HttpResponse:
    """Write the next version of the privacy notice, starting from the present one."""
    present = PrivacyNotice.current()
    form = NoticeForm(request.POST or None, notice=present)
    page = _show(request, "accounts/notice.html", form, present=present)
    if request.method == "POST" and form.is_valid():
        published = actions.publish_notice(actor=request.user, **form.cleaned_data)  # type: ignore[arg-type]
        toasts.say(
            request, _("Version %(version)d is what customers see from now on.") % {"version": published.version}
        )
        return redirect("accounts:organisation")
    return page


def privacy(request: HttpRequest) -> HttpResponse:
    """The notice in the reader's language: the newest, or `?v=` the version a case was filed under."""
    wanted = request.GET.get("v", "")
    if wanted:
        if not (wanted.isascii() and wanted.isdigit() and len(wanted) < 6):
            raise Http404
        found = get_object_or_404(PrivacyNotice, version=int(wanted))
    else:
        found = PrivacyNotice.current()
    current = Organisation.current()
    text = notice_html(
        found.text,
        organisation=current.name if current else _("the operator of this site"),
        hotline=(current.hotline if current else "") or _("the page of your case"),
    )
    context = {"notice": found, "text": text, "versions": PrivacyNotice.objects.only("version", "published_at")}
    return render(request, "accounts/privacy.html", context)


def logo(request: HttpRequest) -> FileResponse:
    """The organisation's logo. Its address changes with the file, so a browser may keep it."""
    found = Organisation.objects.filter(pk=1).first()
    if found is None or not found.logo or not found.logo.storage.exists(found.logo.name):
        raise Http404
    response = FileResponse(found.logo.open("rb"), content_type="image/png")
    response["Cache-Control"] = "public, max-age=31536000, immutable"
    return response
