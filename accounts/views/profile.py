from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import actions
from accounts.forms import ProfileForm
from accounts.models import ApiToken
from common import toasts


def _page(request: HttpRequest, form: ProfileForm, **context: Any) -> HttpResponse:
    from allauth.mfa.utils import is_mfa_enabled

    user: Any = request.user
    tokens = user.api_tokens.filter(revoked_at=None).order_by("-created_at") if user.is_staff else ()
    context.update(form=form, tokens=tokens, has_second_factor=is_mfa_enabled(user))
    return render(request, "accounts/profile.html", context, status=422 if form.errors else 200)


@login_required
def profile(request: HttpRequest) -> HttpResponse:
    user: Any = request.user
    form = ProfileForm.of(user, request.POST or None)
    if request.method == "POST" and form.is_valid():

        def again(error: Any) -> HttpResponse:
            form.refuse(error)
            return _page(request, form)

        request.on_refusal = again  # type: ignore[attr-defined]
        actions.change_profile(user, **form.cleaned_data)
        toasts.say(request, _("Saved."))
        return redirect("accounts:profile")
    return _page(request, form)


@require_POST
@login_required
def make_token(request: HttpRequest) -> HttpResponse:
    """A new API token, shown on this one answer and never again."""
    user: Any = request.user
    if not user.is_staff:
        return redirect("accounts:profile")
    token = actions.make_token(user, actor=user)
    response = _page(request, ProfileForm.of(user), token=token)
    response["Cache-Control"] = "no-store"
    return response


@require_POST
@login_required
def revoke_token(request: HttpRequest, pk: int) -> HttpResponse:
    user: Any = request.user
    actions.revoke_token(get_object_or_404(ApiToken, pk=pk, user=user), actor=user)
    toasts.say(request, _("The token has ended."))
    return redirect("accounts:profile")
