"""How somebody comes to their case: by its link, or signed in among their own. To fetch is to be allowed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import Merchant, Organisation, Role, User
from common.context import Brand
from common.errors import Missing
from tickets.links import LENGTH, hash_of, path_of
from tickets.models import CaseLink, Ticket
from tickets.numbers import parse_number

#: What the case page reads from a case besides its own row.
_BESIDE = ("merchant", "team", "assignee", "customer", "order_line")


@dataclass(frozen=True)
class Door:
    """A case and the way in: every address on its page leads through the same one."""

    ticket: Ticket
    user: User | None
    token: str = ""

    def url(self, page: str = "case", *args: Any) -> str:
        """The address of a page of this case: `case`, `case_write`, `case_file` ..."""
        if self.token:
            return reverse(f"tickets:{page}", args=[self.token, *args])
        return reverse(f"tickets:my_{page}", args=[self.ticket.number, *args])

    def url_to(self, ticket: Ticket, at: datetime) -> str:
        """The way to another case of the same person, such as the one that follows a closed one."""
        if ticket.pk == self.ticket.pk:
            return self.url()
        if not self.token:
            return reverse("tickets:my_case", args=[ticket.number])
        return newest_path(ticket, at)


def enter(request: HttpRequest, token: str, number: str, at: datetime) -> Door:
    """The case behind a link, or one's own case by its number. Raises Missing, for whatever reason, in one way."""
    user = request.user if request.user.is_authenticated else None
    if token:
        link = None
        if len(token) == LENGTH:
            valid = CaseLink.objects.valid(at).filter(token_hash=hash_of(token))
            link = valid.select_related(*(f"ticket__{name}" for name in _BESIDE)).first()
        if link is None:
            raise Missing(_("There is nothing here."))
        own = user if user is not None and user.role == Role.CUSTOMER else None
        return Door(link.ticket, own, token)
    found = parse_number(number)
    if user is None or user.role != Role.CUSTOMER or found is None:
        raise Missing(_("There is nothing here."))
    ticket = Ticket.objects.visible_to(user).filter(number=found).select_related(*_BESIDE).first()
    if ticket is None:
        raise Missing(_("There is nothing here."))
    return Door(ticket, user)


def version_behind(request: HttpRequest, token: str, number: str, at: datetime) -> int | None:
    """The version of the case, by one indexed look-up: what a page that is already open asks every few seconds."""
    if token:
        links = CaseLink.objects.valid(at).filter(token_hash=hash_of(token))
        return links.values_list("ticket__version", flat=True).first()
    found = parse_number(number)
    if found is None or not request.user.is_authenticated:
        return None
    return Ticket.objects.filter(requester=request.user, number=found).values_list("version", flat=True).first()


def newest_path(ticket: Ticket, at: datetime) -> str:
    """The address of a case by its newest link; the page that sends new links when it has none."""
    link = CaseLink.objects.valid(at).filter(ticket=ticket).order_by("-id").first()
    return path_of(link) if link else reverse("tickets:find")


def hotline_of(merchant: Merchant | None) -> str:
    """The phone number to call: the shop's own, else the organisation's."""
    organisation = Organisation.current()
    return (merchant.hotline if merchant else "") or (organisation.hotline if organisation else "")


def speaker(merchant: Merchant | None) -> dict[str, Any]:
    """On a marketplace the shop speaks on its own pages; a brand always speaks for itself."""
    organisation = Organisation.current()
    if merchant is None or organisation is None or not organisation.is_marketplace:
        return {}
    return {"brand": Brand(merchant.name, hotline=hotline_of(merchant))}
