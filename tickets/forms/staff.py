"""What colleagues type. A form says what fits together; whether it is allowed now, the verb says."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from accounts.contacts import Email, Phone, parse_contact
from accounts.models import Merchant, Team, User
from common.errors import DomainError
from orders.models import OrderLine
from tickets.actions.talking import LONGEST
from tickets.directory import WORKING, directory
from tickets.filters import category_choices, visible_merchants
from tickets.models import Category, Kind, Priority
from tickets.models.ticket import CUSTOMER_REASONS, OUTSIDE_REASONS, WAIT_LIMITS, Channel, Demand, WaitReason

TEXT = {"rows": 5, "maxlength": LONGEST}


class ManyFiles(forms.FileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files of one message; their content is looked into by tickets/files.py."""

    widget = ManyFiles

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        files = data if isinstance(data, (list, tuple)) else [data]
        return [found for file in files if file and (found := super(FilesField, self).clean(file, initial))]


class VerbForm(forms.Form):
    """A step on one case. `version` is what the page was built from; a stale one is told what changed."""

    version = forms.IntegerField(required=False, min_value=1, max_value=2**31 - 1, widget=forms.HiddenInput)

    def __init__(self, *args: Any, user: User, **options: Any) -> None:
        options.setdefault("label_suffix", "")
        super().__init__(*args, **options)
        self.user = user

    def values(self) -> dict[str, Any]:
        """The arguments of the verb."""
        return dict(self.cleaned_data)


class PlainForm(VerbForm):
    """A step that needs nothing but a click."""


class MessageForm(VerbForm):
    body = forms.CharField(
        label=gettext_lazy("Text"), required=False, widget=forms.Textarea(attrs={**TEXT, "data-autosize": True})
    )
    # Declared fields are taken out of the class: `self.files` stays Django's own.
    files = FilesField(label=gettext_lazy("Files"), required=False, widget=ManyFiles)  # type: ignore[assignment]
    uploads = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)

    def values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in ("body", "uploads", "version")}


class ResolveForm(MessageForm):
    field_order = ["proposal", "files"]
    body = None  # type: ignore[assignment]
    proposal = forms.CharField(
        label=gettext_lazy("Result for the customer"),
        help_text=gettext_lazy(
            "What you offer and why, what happens next and by when. The customer reads it as it is."
        ),
        required=False,
        widget=forms.Textarea(attrs={**TEXT, "data-autosize": True, "data-advice": True}),
    )

    def values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in ("proposal", "uploads", "version")}


class _Working(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return obj.name


def _colleagues(merchant: int | None = None) -> Any:
    """Who works cases and, when a shop is named, may see that shop's."""
    people = User.objects.staff().filter(role__in=WORKING).order_by("name")
    if merchant is not None:
        people = people.filter(merchants__isnull=True) | people.filter(merchants=merchant)
    else:
        people = people.filter(merchants__isnull=True)
    return people.distinct()


class AssignForm(VerbForm):
    assignee = _Working(
        label=gettext_lazy("In charge"), queryset=User.objects.none(), required=False,
        empty_label=pgettext_lazy("assignee", "nobody: into the team's queue"),
    )  # fmt: skip
    team = _Working(
        label=gettext_lazy("Team"), queryset=Team.objects.none(), required=False,
        empty_label=pgettext_lazy("team", "as before, or the colleague's own"),
    )  # fmt: skip

    def __init__(self, *args: Any, ticket: Any = None, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["assignee"].queryset = _colleagues(ticket.merchant_id if ticket else None)  # type: ignore[attr-defined]
        self.fields["team"].queryset = Team.objects.filter(is_active=True)  # type: ignore[attr-defined]


class PrioritiseForm(VerbForm):
    priority = forms.ChoiceField(label=gettext_lazy("Priority"), choices=Priority.choices, widget=forms.RadioSelect)


class CategoriseForm(VerbForm):
    category = forms.ChoiceField(label=gettext_lazy("Category"), choices=category_choices)

    def values(self) -> dict[str, Any]:
        return {**self.cleaned_data, "category": Category.objects.get(pk=self.cleaned_data["category"])}


class _DayAndTime(forms.SplitDateTimeWidget):
    """Two boxes under one question; each says which half it is."""

    def __init__(self) -> None:
        day: dict[str, Any] = {"type": "date", "aria-label": gettext_lazy("Date")}
        time_of_day: dict[str, Any] = {"type": "time", "aria-label": gettext_lazy("Time of day")}
        super().__init__(
            date_attrs=day,
            time_attrs=time_of_day,
            time_format="%H:%M",
        )


class DescribeForm(VerbForm):
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=Kind.choices)
    demand = forms.ChoiceField(
        label=gettext_lazy("What the customer wants"), choices=[("", "—"), *Demand.choices], required=False
    )
    amount = forms.DecimalField(
        label=gettext_lazy("Amount at stake (CNY)"), min_value=0, max_digits=12, decimal_places=2, required=False
    )
    order_number = forms.CharField(label=gettext_lazy("Order number"), max_length=60, required=False)
    is_safety = forms.BooleanField(label=gettext_lazy("Somebody could get hurt"), required=False)


class _PauseForm(VerbForm):
    until = forms.SplitDateTimeField(
        label=gettext_lazy("Until, at the latest"),
        required=False,
        help_text=gettext_lazy("Left empty: as long as this reason allows. Then the case goes on by itself."),
        widget=_DayAndTime(),
    )

    def values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in ("reason", "until", "version")}


def _reasons(known: Iterable[str]) -> list[tuple[str, Any]]:
    return [
        (
            reason.value,
            _("%(reason)s (at most %(days)s days)") % {"reason": reason.label, "days": WAIT_LIMITS[reason].days},
        )
        for reason in WaitReason
        if reason in known
    ]


class WaitForm(_PauseForm):
    field_order = ["reason", "until"]
    reason = forms.ChoiceField(
        label=gettext_lazy("What you wait for"), choices=lambda: _reasons(CUSTOMER_REASONS), widget=forms.RadioSelect
    )


class HoldForm(_PauseForm):
    field_order = ["reason", "until"]
    reason = forms.ChoiceField(
        label=gettext_lazy("Whom you wait for"), choices=lambda: _reasons(OUTSIDE_REASONS), widget=forms.RadioSelect
    )


class EscalateForm(VerbForm):
    reason = forms.CharField(
        label=gettext_lazy("Why it needs the lead"),
        help_text=gettext_lazy("Stays as a note that the customer does not see."),
        required=False,
        widget=forms.Textarea(attrs=TEXT),
    )


class BulkAssignForm(AssignForm):
    def values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in ("assignee", "team")}


class BulkCategoryForm(CategoriseForm):
    def values(self) -> dict[str, Any]:
        return {"category": super().values()["category"]}


class BulkPriorityForm(PrioritiseForm):
    def values(self) -> dict[str, Any]:
        return {"priority": self.cleaned_data["priority"]}


# ── filing for somebody on the phone ─────────────────────────────────────────


class FilingForm(forms.Form):
    """One sentence and a contact are enough; everything else helps."""

    body = forms.CharField(
        label=gettext_lazy("What happened, in the customer's words"),
        required=False,
        widget=forms.Textarea(attrs={**TEXT, "autofocus": True, "data-autosize": True}),
    )
    contact = forms.CharField(
        label=gettext_lazy("Phone or e-mail of the customer"), max_length=254, required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "tel"}),
    )  # fmt: skip
    name = forms.CharField(
        label=gettext_lazy("How to address them"), max_length=60, required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip
    channel = forms.ChoiceField(label=gettext_lazy("How it reached us"), choices=Channel.choices, initial=Channel.PHONE)
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=Kind.choices, initial=Kind.COMPLAINT)
    merchant = _Working(label=gettext_lazy("Shop"), queryset=Merchant.objects.none(), required=False, empty_label="—")
    order_number = forms.CharField(label=gettext_lazy("Order number"), max_length=60, required=False)
    order_line = forms.ChoiceField(label=gettext_lazy("Article"), required=False, widget=forms.RadioSelect)
    category = forms.ChoiceField(label=gettext_lazy("Category"), required=False)
    priority = forms.ChoiceField(label=gettext_lazy("Priority"), choices=Priority.choices, initial=Priority.NORMAL)
    demand = forms.ChoiceField(
        label=gettext_lazy("What the customer wants"), choices=[("", "—"), *Demand.choices], required=False
    )
    received_at = forms.SplitDateTimeField(
        label=gettext_lazy("Reached us, if earlier than now"),
        required=False,
        help_text=gettext_lazy("For letters and cases handed over by an authority: law counts from this moment."),
        widget=_DayAndTime(),
    )

    def __init__(self, *args: Any, user: User, **options: Any) -> None:
        options.setdefault("label_suffix", "")
        super().__init__(*args, **options)
        self.user = user
        merchants = visible_merchants(user).filter(is_active=True)
        self.fields["merchant"].queryset = merchants  # type: ignore[attr-defined]
        if user.scope:
            self.fields["merchant"].required = True
            if len(user.scope) == 1:
                self.fields["merchant"].initial = next(iter(user.scope))
        self.fields["category"].choices = [("", "—"), *category_choices()]  # type: ignore[attr-defined]
        self.lines = self._lines()
        self.fields["order_line"].choices = [("", _("none of these, or not known")), *self.lines]  # type: ignore[attr-defined]

    # type: ignore[attr-defined]
    def _lines(self) -> list[tuple[str, str]]:
        """The articles of the order typed, once it was looked up."""
        number = (self.data.get("order_number") or "").strip() if self.is_bound else ""
        if not number:
            return []
        merchant = self._merchant()
        found = OrderLine.objects.find(merchant, number)
        if self.user.scope:
            found = found.filter(order__merchant__in=self.user.scope)
        return [(str(line.pk), f"{line.label}　{line.paid} {line.order.currency}") for line in found]

    def _merchant(self) -> Merchant | None:
        chosen = str(self.data.get("merchant") or "")
        return visible_merchants(self.user).filter(pk=chosen).first() if chosen.isdigit() and len(chosen) < 19 else None

    def clean_contact(self) -> Phone | Email | None:
        text = self.cleaned_data["contact"]
        if not text.strip():
            return None
        try:
            return parse_contact(text)
        except DomainError as wrong:
            raise forms.ValidationError(wrong.message) from None

    def clean_body(self) -> str:
        text = self.cleaned_data["body"].strip()
        if not text:
            raise forms.ValidationError(_("Write down one sentence of what the customer said."))
        if len(text) > LONGEST:
            raise forms.ValidationError(_("This text is too long. Please shorten it."))
        return text

    def clean_received_at(self) -> datetime | None:
        at = self.cleaned_data["received_at"]
        if at and at > timezone.now():
            raise forms.ValidationError(_("This date is in the future. Please check it."))
        return at

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        channel = data.get("channel")
        if (
            channel in {Channel.PHONE, Channel.SMS, Channel.MAIL}
            and not data.get("contact")
            and "contact" not in self.errors
        ):
            self.add_error("contact", _("Ask for a phone number or e-mail address, so that we can answer."))
        line = data.get("order_line")
        data["line"] = OrderLine.objects.select_related("order__merchant").filter(pk=line).first() if line else None
        return data


# ── settings ─────────────────────────────────────────────────────────────────


class CategoryForm(forms.ModelForm):
    class Meta:
        model = Category
        fields = ("parent", "name_zh", "name_en", "code", "position", "is_safety", "is_active")
        labels = {
            "parent": gettext_lazy("Below"),
            "position": gettext_lazy("Order among its neighbours"),
            "is_active": gettext_lazy("In use"),
            "is_safety": gettext_lazy("Danger to people: cases become urgent"),
        }
        help_texts = {"code": gettext_lazy("A short word for imports and the API; letters, digits, - and _.")}

    def __init__(self, *args: Any, **options: Any) -> None:
        options.setdefault("label_suffix", "")
        super().__init__(*args, **options)
        # Two levels can have something below them.
        rows = [
            (entry.pk, "　" * (depth - 1) + entry.name) for entry, depth in directory().walk() if depth < Category.DEPTH
        ]
        self.fields["parent"].choices = [("", _("nothing: at the top")), *rows]  # type: ignore[attr-defined]

    # type: ignore[attr-defined]
    def _post_clean(self) -> None:
        """Check without changing the row: the verb does that."""
        before = {name: getattr(self.instance, name) for name in ("parent_id", *self.Meta.fields[1:])}
        super()._post_clean()  # type: ignore[misc]  # private to Django, so its stubs leave it out
        for name, value in before.items():
            setattr(self.instance, name, value)


class RouteForm(forms.Form):
    merchant = _Working(
        label=gettext_lazy("Shop"), queryset=Merchant.objects.none(), required=False,
        empty_label=pgettext_lazy("route", "any shop"),
    )  # fmt: skip
    category = forms.ChoiceField(label=gettext_lazy("Category"), required=False)
    team = _Working(label=gettext_lazy("Team"), queryset=Team.objects.none(), empty_label="—")
    lead = _Working(
        label=gettext_lazy("Lead"), queryset=User.objects.none(), required=False,
        empty_label=pgettext_lazy("route", "the team's own"),
    )  # fmt: skip

    def __init__(self, *args: Any, **options: Any) -> None:
        options.setdefault("label_suffix", "")
        super().__init__(*args, **options)
        self.fields["merchant"].queryset = Merchant.objects.filter(is_active=True)  # type: ignore[attr-defined]
        self.fields["category"].choices = [("", _("any category")), *category_choices()]  # type: ignore[attr-defined]
        self.fields["team"].queryset = Team.objects.filter(is_active=True)  # type: ignore[attr-defined]
        self.fields["lead"].queryset = User.objects.staff().filter(role__in=WORKING).order_by("name")  # type: ignore[attr-defined]

    def values(self) -> dict[str, Any]:
        data = dict(self.cleaned_data)
        data["category"] = Category.objects.get(pk=data["category"]) if data["category"] else None
        return data


__all__ = [
    "AssignForm", "BulkAssignForm", "BulkCategoryForm", "BulkPriorityForm", "CategoriseForm", "CategoryForm",
    "DescribeForm", "EscalateForm", "FilingForm", "HoldForm", "MessageForm", "PlainForm", "PrioritiseForm",
    "ResolveForm", "RouteForm", "WaitForm",
]  # fmt: skip
