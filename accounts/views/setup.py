"""First start: three short forms and a mail test, each saved by itself, so that it can be left and gone on with."""

from __future__ import annotations

import smtplib
from typing import Any

from django.contrib.auth import login
from django.core.mail import send_mail
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts import actions
from accounts.forms import FirstAdminForm, FirstTeamForm, MailTestForm, OrganisationForm
from accounts.models import Organisation, Role, User
from common import toasts

STEPS = ("admin", "organisation", "mail", "team")


def setup(request: HttpRequest) -> HttpResponse:
    """The step that comes next; once the product is open this page does not exist any more."""
    if Organisation.current() is not None:
        raise Http404
    if not User.objects.staff().exists():
        return _admin(request)
    if not (request.user.is_authenticated and request.user.role == Role.ADMIN):
        return redirect("account_login")
    if not Organisation.objects.filter(pk=1).exists() or request.GET.get("step") == "organisation":
        return _organisation(request)
    if request.GET.get("step") == "team":
        return _team(request)
    return _mail(request)


def _page(request: HttpRequest, step: str, form: Any, **context: Any) -> HttpResponse:
    number = STEPS.index(step) + 1

    def again(error: Any) -> HttpResponse:
        form.refuse(error)
        return draw(200)

    def draw(status: int) -> HttpResponse:
        context.update(form=form, step=step, number=number, count=len(STEPS))
        return render(request, "accounts/setup.html", context, status=status)

    request.on_refusal = again  # type: ignore[attr-defined]
    return draw(422 if form.errors else 200)


def _admin(request: HttpRequest) -> HttpResponse:
    key = request.GET.get("key", "")
    if not key or actions.setup_link(key) is None:
        return render(request, "accounts/not_set_up.html", {"needs_link": True, "had_key": bool(key)}, status=503)
    form = FirstAdminForm(request.POST or None)
    page = _page(request, "admin", form)
    if request.method == "POST" and form.is_valid():
        person = actions.first_admin(key, language=get_language() or "zh-hans", **form.cleaned_data)
        login(request, person, backend="allauth.account.auth_backends.AuthenticationBackend")
        return redirect("accounts:setup")
    return page


def _organisation(request: HttpRequest) -> HttpResponse:
    found = Organisation.objects.filter(pk=1).first()
    form = OrganisationForm(request.POST or None, request.FILES or None, organisation=found)
    page = _page(request, "organisation", form)
    if request.method == "POST" and form.is_valid():
        actions.save_organisation(actor=request.user, **form.cleaned_data)  # type: ignore[arg-type]
        return redirect("accounts:setup")
    return page


def _mail(request: HttpRequest) -> HttpResponse:
    form = MailTestForm(request.POST or None, initial={"to": request.user.email})  # type: ignore[union-attr]
    outcome: dict[str, Any] = {}
    if request.method == "POST" and form.is_valid():
        outcome = try_mail(form.cleaned_data["to"])
    return _page(request, "mail", form, **outcome)


def try_mail(to: str) -> dict[str, Any]:
    """Send one mail now and say in a sentence what became of it: {"sent": bool, "outcome": text}."""
    name = Organisation.objects.get(pk=1).name
    try:
        send_mail(
            _("Test mail from %(name)s") % {"name": name},
            _("If you can read this, customers will be able to read your answers."),
            None,
            [to],
        )
    except smtplib.SMTPAuthenticationError:
        return {"sent": False, "outcome": _("The mail server refused the user name or password in EMAIL_URL.")}
    except smtplib.SMTPResponseException as error:
        words = error.smtp_error.decode("utf-8", "replace") if isinstance(error.smtp_error, bytes) else error.smtp_error
        return {
            "sent": False,
            "outcome": _("The mail server answered: %(code)s %(words)s") % {"code": error.smtp_code, "words": words},
        }
    except smtplib.SMTPRecipientsRefused:
        return {"sent": False, "outcome": _("The mail server does not take mail for this address.")}
    except (smtplib.SMTPException, OSError) as error:
        return {
            "sent": False,
            "outcome": _("The mail server in EMAIL_URL could not be reached: %(why)s") % {"why": error},
        }
    return {"sent": True, "outcome": _("Handed over. Look whether it arrives at %(to)s.") % {"to": to}}


def _team(request: HttpRequest) -> HttpResponse:
    form = FirstTeamForm(request.POST or None)
    page = _page(request, "team", form)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        admin: User = request.user  # type: ignore[assignment]
        actions.open_product(
            actor=admin, team_name=data["name"], lead_name=data["lead_name"], lead_email=data["lead_email"]
        )
        toasts.say(request, _("Everything is ready. Customers can file from now on."))
        return redirect("/")
    return page
