"""What allauth asks us: who has this phone, which address is asking, how our sentences read."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django import forms
from django.db.models import Q
from django.http import HttpRequest
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts import actions
from accounts.contacts import parse_phone
from accounts.models import User
from common.errors import DomainError

_MISMATCH = _("This does not match. Check the phone number or e-mail address and the password.")


class PhoneField(forms.CharField):
    """A phone as people type it; its clean value is E.164."""

    def clean(self, value: Any) -> str:
        text = super().clean(value)
        if not text:
            return ""
        try:
            return parse_phone(text).value
        except DomainError as wrong:
            raise forms.ValidationError(wrong.message) from None


class Adapter(DefaultAccountAdapter):
    """Sign-in by e-mail or phone. One sentence for every mismatch, so that nobody learns who has an account."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": _MISMATCH,
        "phone_password_mismatch": _MISMATCH,
        "username_password_mismatch": _MISMATCH,
        "invalid_login": _MISMATCH,
        "too_many_login_attempts": _(
            "Too many wrong passwords in a row. To protect this account, sign-in pauses for 5 minutes. "
            "If you forgot your password, set a new one: that works at once."
        ),
        "email_taken": _("This e-mail address already signs somebody in."),
        "phone_taken": _("This phone number already signs somebody in."),
        "incorrect_password": _("This is not your present password."),
        "enter_current_password": _("This is not your present password."),
        "incorrect_code": _("This code is not right. Codes change every 30 seconds: take the one shown now."),
        "rate_limited": _("Too often in a short time. Wait a minute and try again."),
    }

    def get_client_ip(self, request: HttpRequest) -> str:
        """The address after our trusted proxies (common.trusted_proxies has put it there); never a header."""
        return request.META.get("REMOTE_ADDR") or "unknown"

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """Failures are counted per account, whichever contact it is tried with; allauth would pool all phones."""
        contact = str(credentials.get("email") or credentials.get("phone") or credentials.get("username") or "")
        person = User.objects.filter(Q(email__iexact=contact) | Q(phone=contact)).values_list("pk", flat=True).first()
        return f"user:{person}" if person else f"contact:{contact.lower()}"

    def phone_form_field(self, **kwargs: Any) -> forms.Field:
        return PhoneField(**kwargs)

    def get_user_by_phone(self, phone: str) -> User | None:
        try:
            return User.objects.filter(phone=parse_phone(phone).value).first()
        except DomainError:
            return None

    def get_phone(self, user: User) -> tuple[str, bool] | None:  # type: ignore[override]
        return (user.phone, True) if user.phone else None

    def set_phone(self, user: User, phone: str, verified: bool) -> None:  # type: ignore[override]
        """Nothing to do: `sign_up` and `change_person` are the only ones who write a phone."""

    def set_phone_verified(self, user: User, phone: str) -> None:  # type: ignore[override]
        """Nothing to do: see `set_phone`."""

    def send_verification_code_sms(self, user: User, phone: str, code: str, **kwargs: Any) -> None:  # type: ignore[override]
        """Never asked for: ACCOUNT_PHONE_VERIFICATION_ENABLED is off, a phone of an account opens no cases."""
        raise NotImplementedError

    def save_user(self, request: HttpRequest, user: User, form: Any, commit: bool = True) -> User:  # type: ignore[override]
        """allauth made an empty person; ours comes from the verb, with its event and customer row."""
        return actions.sign_up(
            name=form.cleaned_data["name"],
            contact=form.typed,
            password=form.cleaned_data["password1"],
            language=get_language() or "zh-hans",
        )

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """The start page; `?next=` is allauth's and comes before."""
        return "/"

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """In the person's own language rather than the visitor's."""
        from django.utils import translation

        user = context.get("user") or User.objects.filter(email__iexact=email).first()
        with translation.override(getattr(user, "language", None) or get_language()):
            super().send_mail(template_prefix, email, context)
