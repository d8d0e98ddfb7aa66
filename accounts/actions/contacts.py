from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import models, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import sight
from accounts.events import record
from accounts.models import Customer, User
from accounts.permissions import may
from common.errors import Invalid, Missing, require


class RevealReason(models.TextChoices):
    """Why somebody needs to read a contact in full; an auditor reads it."""

    CALL = "call", gettext_lazy("to call the customer")
    SEND = "send", gettext_lazy("to send goods or papers")
    REFUND = "refund", gettext_lazy("to pay a refund")
    IDENTITY = "identity", gettext_lazy("to check who is asking")
    AUTHORITY = "authority", gettext_lazy("an authority asks for it")
    AUDIT = "audit", gettext_lazy("an audit")


@dataclass(frozen=True)
class RevealedContact:
    """A contact in full, for the one page that asked for it."""

    name: str
    phone: str
    email: str


@transaction.atomic
def reveal_contact(
    customer_id: int, *, actor: User, ticket: str, reason: str, at: datetime | None = None
) -> RevealedContact:
    """Show a customer's name, phone and e-mail in full, for one case and one reason, and log that it was shown.

    Raises NotAllowed; Missing when the case is not theirs to see or not this customer's; Invalid without a reason.
    """
    require(may(actor, "reveal_contact"), _("You may not see customers' contacts."))
    if reason not in RevealReason.values:
        sentence = _("Say what you need the contact for.")
        raise Invalid(sentence, errors={"reason": [sentence]})
    missing = _("There is no such customer, or the case is not yours to see.")
    require(sight.sees_customer(actor, customer_id, ticket), missing, Missing)
    customer = Customer.objects.filter(pk=customer_id).first()
    if customer is None:
        raise Missing(missing)
    record("contact.revealed", customer, actor=actor, at=at, reason=reason, ticket=ticket)
    return RevealedContact(customer.name, customer.phone, customer.email)


def forget_customers(customers: Iterable[int]) -> None:
    """Delete names and contacts of some customers (ids); the rows stay, so that counts stay true."""
    Customer.objects.filter(pk__in=list(customers)).update(name="", phone="", email="", user=None)
