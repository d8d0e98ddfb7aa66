"""What customers type. A form checks the shape; the verbs check the rest, and their refusals come back into it."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.contacts import Email, Phone, parse_contact
from accounts.models import Merchant
from common.errors import DomainError, Invalid
from tickets.models.ticket import Demand
from tickets.numbers import parse_number

#: Stands where bytes were no UTF-8: a page or program that sent GB18030.
_UNREADABLE = "\ufffd"


class TextField(forms.CharField):
    """Free text as people send it: line ends of one kind, no NUL, and a sentence when the bytes were no text."""

    def to_python(self, value: Any) -> str:
        text = super().to_python(str(value).replace("\x00", "")) or "" if value else ""
        if _UNREADABLE in text:
            raise ValidationError(_("Some characters did not arrive readably (shown as “�”). Please type them again."))
        return text


class ContactField(TextField):
    """A phone number or an e-mail address; cleaned to a Phone or an Email."""

    def clean(self, value: Any) -> Phone | Email:
        text = super().clean(value)
        try:
            return parse_contact(text)
        except Invalid as error:
            raise ValidationError(str(error.message)) from None


class Refusable(forms.Form):
    """A form into which the refusal of a verb can be put, beside the field it is about."""

    #: a field's name in the verb -> here
    fields_of_errors = {"body": "body", "contact": "contact", "phone": "contact", "email": "contact"}

    def take(self, error: DomainError) -> None:
        placed = False
        for name, sentences in error.errors.items():
            field = self.fields_of_errors.get(name, name)
            if field in self.fields:
                self.add_error(field, [str(sentence) for sentence in sentences])
                placed = True
        if not placed:
            self.add_error(None, str(error.message))


class FileForm(Refusable):
    """The complaint: one sentence and a contact are required, nothing else."""

    use_required_attribute = False

    body = TextField(
        label=_("One sentence is enough"),
        error_messages={"required": _("Tell us in one sentence what went wrong.")},
        widget=forms.Textarea(
            attrs={
                "rows": 3,
                "class": "file__sentence",
                "placeholder": _("For example: the kettle leaked on its second use, I want my money back."),
            }
        ),
    )
    contact = ContactField(
        label=_("Phone number"),
        error_messages={"required": _("Leave a phone number or an e-mail address, so that the answer reaches you.")},
        widget=forms.TextInput(attrs={"autocomplete": "tel", "placeholder": _("11-digit mobile number")}),
    )
    order_number = TextField(label=_("Order number"), required=False, max_length=60)
    shop = forms.ModelChoiceField(
        Merchant.objects.none(),
        required=False,
        to_field_name="slug",
        empty_label=None,
        label=_("Where did you buy it?"),
    )
    # People never see this one; programs fill it in. The case is opened all the same, marked for staff.
    website = forms.CharField(required=False)

    def __init__(self, *args: Any, shops: list[Merchant], has_entry: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if has_entry or len(shops) < 2:
            del self.fields["shop"]
        else:
            choice = cast(forms.ModelChoiceField, self.fields["shop"])
            choice.queryset = Merchant.objects.filter(pk__in=[shop.pk for shop in shops])
            choice.choices = [("", _("I am not sure")), *((shop.slug, shop.name) for shop in shops)]
        if has_entry:
            del self.fields["order_number"]


class MessageForm(Refusable):
    """Something more on one's case; files alone are enough."""

    use_required_attribute = False
    body = TextField(required=False, max_length=None, widget=forms.Textarea)


class DetailsForm(Refusable):
    """What helps to sort a case and is asked afterwards; each may stay empty."""

    use_required_attribute = False
    demand = forms.ChoiceField(required=False, choices=[("", ""), *Demand.choices])
    order_number = TextField(label=_("Order number"), required=False, max_length=60)
    name = TextField(label=_("How may we address you?"), required=False, max_length=60)


class FindForm(Refusable):
    """Ask for a new link to one's case."""

    use_required_attribute = False
    contact = ContactField(
        label=_("The phone number or e-mail address you gave"),
        error_messages={"required": _("Type the phone number or e-mail address that you gave when you complained.")},
        widget=forms.TextInput(attrs={"autocomplete": "tel"}),
    )
    number = TextField(
        label=_("Case number"), required=False, widget=forms.TextInput(attrs={"placeholder": "HY 0000 0000 0"})
    )

    def clean_number(self) -> str | None:
        typed = self.cleaned_data["number"]
        if not typed:
            return None
        number = parse_number(typed)
        if number is None:
            raise ValidationError(
                _("This is not a number of ours: HY and nine digits. Leave it empty if you don't have it.")
            )
        return number


class RatingForm(Refusable):
    use_required_attribute = False
    rating = forms.TypedChoiceField(choices=[(str(n), n) for n in range(1, 6)], coerce=int)


class EntryLinkForm(forms.Form):
    """For staff: which order a link is to fill in."""

    use_required_attribute = False
    shop = forms.ModelChoiceField(
        Merchant.objects.none(), to_field_name="slug", empty_label=None, label=_("Where it was bought")
    )
    order_number = TextField(label=_("Order number"), required=False, max_length=60)

    def __init__(self, *args: Any, shops: list[Merchant], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(forms.ModelChoiceField, self.fields["shop"]).queryset = Merchant.objects.filter(
            pk__in=[shop.pk for shop in shops]
        )
