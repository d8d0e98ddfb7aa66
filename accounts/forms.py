"""Forms of people, teams, shops, first start, and of allauth's pages. They check shapes; the verbs decide."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from allauth.account.forms import LoginForm, ResetPasswordForm, SignupForm
from django import forms
from django.conf import settings
from django.core.files.base import ContentFile
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from PIL import Image, UnidentifiedImageError

from accounts.actions import RevealReason
from accounts.contacts import Phone, parse_contact
from accounts.models import AccountEvent, Merchant, Mode, Organisation, PrivacyNotice, Role, Team, User
from accounts.permissions import LEADING
from calendars.models import Calendar
from calendars.presets import DEFAULT as DEFAULT_CALENDAR
from calendars.presets import PRESETS
from common.errors import DomainError

LOGO_MOST_BYTES = 2 * 1024 * 1024
LOGO_SIDE = 512  # px; larger ones are made smaller
LOGO_KINDS = ("PNG", "JPEG", "WEBP")
THEMES = [("device", _("Like the device")), ("light", _("Light")), ("dark", _("Dark"))]


class ActionForm(forms.Form):
    """A form whose verb may refuse: `refuse` puts the sentences beside the fields they speak of."""

    def refuse(self, error: DomainError) -> None:
        self.is_valid()
        for name, sentences in error.errors.items():
            for sentence in sentences:
                self.add_error(name if name in self.fields else None, str(sentence))
        if not error.errors:
            self.add_error(None, str(error.message))


class LogoField(forms.FileField):
    """A picture, checked by its content and drawn anew: what comes out holds pixels and nothing else."""

    default_error_messages = {
        "too_large": _("The logo has more than 2 MB. Save it smaller and try again."),
        "no_picture": _("This is no PNG, JPEG or WebP picture."),
    }

    def clean(self, data: Any, initial: Any = None) -> Any:
        found = super().clean(data, initial)
        if not found or found is initial:
            return None
        if found.size > LOGO_MOST_BYTES:
            raise forms.ValidationError(self.error_messages["too_large"], code="too_large")
        try:
            picture = Image.open(found)
            if picture.format not in LOGO_KINDS:
                raise UnidentifiedImageError
            picture.thumbnail((LOGO_SIDE, LOGO_SIDE))
            drawn = BytesIO()
            picture.convert("RGBA").save(drawn, "PNG")
        except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError):
            raise forms.ValidationError(self.error_messages["no_picture"], code="no_picture") from None
        return ContentFile(drawn.getvalue(), name="logo.png")


def staff_roles() -> list[tuple[str, Any]]:
    return [(role.value, role.label) for role in Role]


class PersonForm(ActionForm):
    name = forms.CharField(label=_("Name"), max_length=60)
    email = forms.CharField(
        label=_("E-mail"), required=False, max_length=254, widget=forms.TextInput(attrs={"inputmode": "email"})
    )
    phone = forms.CharField(
        label=_("Mobile number"), required=False, max_length=40, widget=forms.TextInput(attrs={"inputmode": "tel"})
    )
    role = forms.ChoiceField(label=_("Role"), choices=staff_roles, initial=Role.AGENT)
    team = forms.ModelChoiceField(Team.objects.none(), label=_("Team"), required=False, empty_label=_("no team"))
    merchants = forms.ModelMultipleChoiceField(
        Merchant.objects.none(),
        label=_("Confined to"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Sees and works only the cases of these. Nothing chosen: all of them."),
    )
    language = forms.ChoiceField(label=_("Language"), choices=lambda: settings.LANGUAGES)

    def __init__(self, *args: Any, person: User | None = None, **kwargs: Any) -> None:
        if person is not None:
            kwargs.setdefault("initial", {}).update(
                {name: getattr(person, name) for name in ("name", "email", "phone", "role", "team", "language")},
                merchants=list(person.merchants.all()),
            )
        super().__init__(*args, **kwargs)
        self.fields["team"].queryset = Team.objects.filter(is_active=True)  # type: ignore[attr-defined]
        self.fields["merchants"].queryset = Merchant.objects.filter(is_active=True)  # type: ignore[attr-defined]
        if not Merchant.objects.exists():
            del self.fields["merchants"]


class NewPersonForm(PersonForm):
    invite = forms.BooleanField(
        label=_("E-mail them a link with which they set their password"), required=False, initial=True
    )


class TeamForm(ActionForm):
    name = forms.CharField(label=pgettext_lazy("column", "Name"), max_length=60)
    lead = forms.ModelChoiceField(
        User.objects.none(),
        label=_("Lead"),
        required=False,
        empty_label=_("nobody yet"),
        help_text=_("Late cases of this team go to the lead first."),
    )
    calendar = forms.ModelChoiceField(
        Calendar.objects.all(), label=_("Working hours"), required=False, empty_label=_("those of the organisation")
    )
    is_active = forms.BooleanField(label=_("Takes new cases"), required=False, initial=True)

    def __init__(self, *args: Any, team: Team | None = None, **kwargs: Any) -> None:
        if team is not None:
            kwargs["initial"] = {name: getattr(team, name) for name in ("name", "lead", "calendar", "is_active")}
        super().__init__(*args, **kwargs)
        self.fields["lead"].queryset = User.objects.staff().filter(role__in=LEADING).order_by("name")  # type: ignore[attr-defined]


class MerchantForm(ActionForm):
    name = forms.CharField(label=_("Name that customers know"), max_length=60)
    code = forms.CharField(
        label=_("Code in the shop system"), max_length=60, help_text=_("Orders that are pushed or imported name it.")
    )
    slug = forms.SlugField(
        label=_("Address part"),
        required=False,
        max_length=40,
        help_text=_("Stands in the entry link and in printed QR pictures, so better leave it as it is."),
    )
    hotline = forms.CharField(label=_("Hotline"), required=False, max_length=30)
    signature = forms.CharField(
        label=_("Signature in text messages"),
        required=False,
        max_length=12,
        help_text=_("Stands in 【】 at the beginning. Empty: the name."),
    )
    calendar = forms.ModelChoiceField(
        Calendar.objects.all(), label=_("Working hours"), required=False, empty_label=_("those of the organisation")
    )
    is_active = forms.BooleanField(label=_("Customers can file here"), required=False, initial=True)

    def __init__(self, *args: Any, merchant: Merchant | None = None, **kwargs: Any) -> None:
        if merchant is not None:
            names = ("name", "code", "slug", "hotline", "signature", "calendar", "is_active")
            kwargs["initial"] = {name: getattr(merchant, name) for name in names}
        super().__init__(*args, **kwargs)


class OrganisationForm(ActionForm):
    name = forms.CharField(label=_("Name that customers know"), max_length=60)
    logo = LogoField(
        label=_("Logo"),
        required=False,
        help_text=_("PNG, JPEG or WebP, at most 2 MB."),
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg,image/webp"}),
    )
    remove_logo = forms.BooleanField(label=_("Remove the logo"), required=False)
    mode = forms.ChoiceField(
        label=_("Who sells"),
        choices=[
            (Mode.BRAND, _("We ourselves, in one or several shops")),
            (Mode.MARKETPLACE, _("Many merchants on our marketplace")),
        ],
        widget=forms.RadioSelect,
        initial=Mode.BRAND,
    )
    calendar = forms.ModelChoiceField(
        Calendar.objects.all(), label=_("Working hours"), widget=forms.RadioSelect, empty_label=None
    )
    hotline = forms.CharField(
        label=_("Hotline"), required=False, max_length=30, help_text=_("Shown to customers where we are late.")
    )

    def __init__(self, *args: Any, organisation: Organisation | None = None, **kwargs: Any) -> None:
        if organisation is not None:
            kwargs["initial"] = {name: getattr(organisation, name) for name in ("name", "mode", "calendar", "hotline")}
        super().__init__(*args, **kwargs)
        if organisation is None or not organisation.logo:
            del self.fields["remove_logo"]
        calendar: Any = self.fields["calendar"]
        calendar.label_from_instance = calendar_label
        if organisation is None:
            calendar.initial = Calendar.objects.filter(code=DEFAULT_CALENDAR).first()


def calendar_label(calendar: Calendar) -> str:
    """In the reader's language for the three that come with the product."""
    from django.utils.translation import get_language, gettext

    if not (get_language() or "").startswith("zh"):
        for preset in PRESETS:
            if preset.code == calendar.code:
                return gettext(preset.title)
    return calendar.name


class FirstAdminForm(ActionForm):
    name = forms.CharField(label=_("Your name"), max_length=60, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    email = forms.EmailField(label=_("Your e-mail"), widget=forms.EmailInput(attrs={"autocomplete": "email"}))
    password = forms.CharField(
        label=_("Password"),
        help_text=_("At least 10 characters."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )


class FirstTeamForm(ActionForm):
    name = forms.CharField(label=_("Name of the team"), max_length=60, initial=_("Customer service"))
    lead_name = forms.CharField(
        label=_("Name of its lead"),
        max_length=60,
        required=False,
        help_text=_("Empty: you lead it yourself. Late cases go to the lead first."),
    )
    lead_email = forms.EmailField(label=_("E-mail of its lead"), required=False)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("lead_name") and not data.get("lead_email") and "lead_email" not in self.errors:
            self.add_error("lead_email", _("The lead needs an e-mail address to sign in."))
        if data.get("lead_email") and not data.get("lead_name"):
            self.add_error("lead_name", _("Colleagues and customers read the lead's name."))
        return data


class MailTestForm(ActionForm):
    to = forms.EmailField(label=_("Send a test mail to"))


class ProfileForm(ActionForm):
    name = forms.CharField(label=_("Name"), max_length=60)
    language = forms.ChoiceField(label=_("Language"), choices=lambda: settings.LANGUAGES)
    theme = forms.ChoiceField(label=_("Appearance"), choices=THEMES)

    @classmethod
    def of(cls, person: User, data: Any = None) -> ProfileForm:
        initial = {"name": person.name, "language": person.language, "theme": person.theme or "device"}
        return cls(data, initial=initial)

    def clean_theme(self) -> str:
        """An empty text is how a person's row says that the device decides."""
        theme: str = self.cleaned_data["theme"]
        return "" if theme == "device" else theme


class NoticeForm(ActionForm):
    text_zh = forms.CharField(label=_("Chinese text"), widget=forms.Textarea(attrs={"rows": 18}), max_length=20000)
    text_en = forms.CharField(label=_("English text"), widget=forms.Textarea(attrs={"rows": 18}), max_length=20000)

    def __init__(self, *args: Any, notice: PrivacyNotice | None = None, **kwargs: Any) -> None:
        if notice is not None:
            kwargs["initial"] = {"text_zh": notice.text_zh, "text_en": notice.text_en}
        super().__init__(*args, **kwargs)


class RevealForm(ActionForm):
    customer = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**63 - 1)
    ticket = forms.CharField(widget=forms.HiddenInput, max_length=20)
    reason = forms.ChoiceField(label=_("What do you need it for?"), choices=RevealReason.choices)


class AuditFilterForm(forms.Form):
    kind = forms.ChoiceField(label=pgettext_lazy("log", "What happened"), required=False)
    actor = forms.ModelChoiceField(
        User.objects.none(), label=pgettext_lazy("log", "By whom"), required=False, empty_label=_("everybody")
    )
    day = forms.DateField(
        label=_("On or before"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        from accounts.words import KINDS

        self.fields["kind"].choices = [  # type: ignore[attr-defined]
            ("", _("everything")),
            *[(kind, KINDS[kind]) for kind in AccountEvent.SCHEMAS],
        ]
        self.fields["actor"].queryset = User.objects.exclude(role=Role.CUSTOMER).order_by("name")  # type: ignore[attr-defined]


# --- allauth's pages ----------------------------------------------------------------------------------------------
CONTACT_ATTRS = {"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}


class SignInForm(LoginForm):
    """One field for e-mail or phone, one for the password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = _("Mobile number or e-mail")
        self.fields["login"].max_length = 254  # type: ignore[attr-defined]
        self.fields["login"].widget = forms.TextInput(attrs=CONTACT_ATTRS | {"maxlength": "254", "autofocus": True})
        self.fields["password"].label = _("Password")
        self.fields["password"].help_text = ""
        self.fields["password"].widget.attrs.pop("placeholder", None)

    def user_credentials(self) -> dict[str, Any]:
        """A phone is looked up as it is kept, however it was typed."""
        credentials = super().user_credentials()
        if "phone" in credentials:
            try:
                contact = parse_contact(credentials["phone"])
            except DomainError:
                return credentials
            credentials["phone"] = contact.value
        return credentials


class SignUpForm(SignupForm):
    """Name, one contact of either kind, password."""

    name = forms.CharField(
        label=_("How may we address you?"), max_length=60, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    contact = forms.CharField(
        label=_("Mobile number or e-mail"), max_length=254, widget=forms.TextInput(attrs=CONTACT_ATTRS)
    )
    field_order = ("name", "contact", "password1")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("email", "phone"):
            self.fields.pop(name, None)
        self.fields["password1"].label = _("Password")
        self.fields["password1"].help_text = _("At least 10 characters.")
        self.fields["password1"].widget.attrs.pop("placeholder", None)

    def clean_contact(self) -> str:
        try:
            self.typed = parse_contact(self.cleaned_data["contact"])
        except DomainError as wrong:
            raise forms.ValidationError(str(wrong.message)) from None
        kind = "phone" if isinstance(self.typed, Phone) else "email"
        taken = (
            User.objects.filter(phone=self.typed.value)
            if kind == "phone"
            else User.objects.filter(email__iexact=self.typed.value)
        )
        if taken.exists():
            raise forms.ValidationError(_("You already have an account with this contact; sign in instead."))
        # Where allauth looks for it.
        self.cleaned_data[kind] = self.typed.value
        return self.typed.value


class ResetForm(ResetPasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = _("E-mail")
        self.fields["email"].widget.attrs.pop("placeholder", None)
