"""Outbox rows in words. Everything a chunk of rows names is fetched together, then each is written by itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import pgettext

from accounts.models import Organisation, User
from common.models import Outbox
from common.wording import grouped_number
from notifications import texts, words
from notifications.channels import Letter, Refused
from notifications.mail_style import dressed
from notifications.words import Told
from sla.metrics import FIRST_RESPONSE, RESOLUTION
from sla.models import Clock
from tickets.links import path_of
from tickets.models import AuthorKind, CaseLink, Message, Ticket
from tickets.told import words_of

#: A row that waited at least this long before its first try was kept for the morning.
HELD = timedelta(minutes=5)


class Letters:
    """The facts of some rows; `write` makes one letter."""

    def __init__(self, rows: Sequence[Outbox], at: datetime) -> None:
        self.at = at
        self.zone: ZoneInfo = timezone.get_default_timezone()  # type: ignore[assignment]
        payloads = [row.payload for row in rows]
        tickets = {payload["ticket"] for payload in payloads}
        self.tickets = {
            ticket.pk: ticket
            for ticket in Ticket.objects.filter(pk__in=tickets).select_related("customer", "merchant", "team__lead")
        }
        messages = {payload["message"] for payload in payloads if payload.get("message")}
        self.messages = Message.objects.select_related("author").in_bulk(messages)
        people = {payload["user"] for payload in payloads if payload.get("user")}
        people |= {payload["data"]["lead"] for payload in payloads if payload["data"].get("lead")}
        self.people = User.objects.in_bulk(people)
        to_customers = [row.payload["ticket"] for row in rows if row.kind in words.CUSTOMER]
        self.links = self._links(to_customers)
        self.clocks = self._clocks([row.payload["ticket"] for row in rows if row.kind == "receipt"])
        self.organisation = Organisation.current()

    def _links(self, tickets: Iterable[int]) -> dict[int, CaseLink]:
        """The newest link of each case that still opens it."""
        found = CaseLink.objects.valid(self.at).filter(ticket__in=list(tickets)).order_by("ticket", "-id")
        return {link.ticket_id: link for link in found.distinct("ticket")}

    def _clocks(self, tickets: Sequence[int]) -> dict[tuple[int, str], Clock]:
        if not tickets:
            return {}
        clocks = Clock.objects.filter(ticket__in=tickets, metric__in=[FIRST_RESPONSE, RESOLUTION], due_at__isnull=False)
        return {(clock.ticket_id, clock.metric): clock for clock in clocks.order_by("id")}

    def write(self, row: Outbox) -> Letter:
        """One row in the words and language of whoever gets it. Raises Refused when there is nobody to send it to."""
        ticket = self.tickets.get(row.payload["ticket"])
        if ticket is None:
            raise Refused("the case is gone", why="no_contact")
        if row.kind in words.CUSTOMER:
            with translation.override(ticket.language), timezone.override(self.zone):
                return self._to_customer(row, ticket)
        colleague = self.people.get(row.payload.get("user") or 0)
        language = colleague.language if colleague else settings.LANGUAGE_CODE
        with translation.override(language), timezone.override(self.zone):
            return self._to_group(row, ticket) if row.channel == "robot" else self._to_colleague(row, ticket, colleague)

    def speaker(self, ticket: Ticket) -> str:
        """The shop's name, else the organisation's."""
        if ticket.merchant:
            return ticket.merchant.name
        return self.organisation.name if self.organisation else "Huiyin"

    def told(self, row: Outbox, ticket: Ticket) -> Told:
        message = self.messages.get(row.payload.get("message") or 0)
        data = row.payload["data"]
        told = Told(number=grouped_number(ticket.number), speaker=self.speaker(ticket), data=data)
        if message is not None:
            told.body = message.body
            told.person = message.author.name if message.author else ""
            if message.author_kind == AuthorKind.SYSTEM:
                told.said = words_of(message)
        if row.kind == "promised":
            lead = self.people.get(data.get("lead") or 0)
            told.person = lead.name if lead else ""
            told.promised_by = words.moment(datetime.fromisoformat(data["due_at"]), self.at)
        if ticket.team and ticket.team.lead:
            told.lead = ticket.team.lead.name
        told.answer_by = self._due(ticket, FIRST_RESPONSE)
        told.result_by = self._due(ticket, RESOLUTION)
        was_held = row.not_before - row.created_at > HELD and row.attempts <= 1
        told.answered_since = (
            was_held and ticket.last_author_kind == AuthorKind.STAFF and ticket.last_message_at > row.created_at
        )
        return told

    def _due(self, ticket: Ticket, metric: str) -> str:
        clock = self.clocks.get((ticket.pk, metric))
        return words.moment(clock.due_at, self.at, ends_day=clock.ends_day) if clock and clock.due_at else ""

    def _to_customer(self, row: Outbox, ticket: Ticket) -> Letter:
        customer = ticket.customer
        to = (customer.phone if row.channel == "sms" else customer.email) if customer else ""
        if not to:
            raise Refused("the case has no such contact any more", why="no_contact")
        link = self.links.get(ticket.pk)
        # Every link was taken back: the page that sends a new one, to the contact of the case only.
        address = settings.BASE_URL + (path_of(link) if link else reverse("tickets:find"))
        told = self.told(row, ticket)
        sentence = words.CUSTOMER[row.kind](told)
        if row.channel == "sms":
            text = texts.compose(self._signature(ticket), sentence, pgettext("before a link", "Read it: "), address)
            return Letter(row.key, "sms", to, told.speaker, words.letter_name(row.kind), text, link=address)
        context = {"told": told, "sentence": sentence, "link": address, "case": ticket, "at": self.at}
        return self._mail(row, to, told.speaker, context)

    def _signature(self, ticket: Ticket) -> str:
        return (ticket.merchant.signature if ticket.merchant else "") or self.speaker(ticket)

    def _to_colleague(self, row: Outbox, ticket: Ticket, colleague: User | None) -> Letter:
        if colleague is None or not colleague.is_active or not colleague.email:
            raise Refused("this colleague has no address any more", why="no_contact")
        address = settings.BASE_URL + reverse("tickets:ticket", args=[ticket.number])
        told = self.told(row, ticket)
        context = {"told": told, "sentence": _to_staff(row), "link": address, "case": ticket, "at": self.at}
        speaker = self.organisation.name if self.organisation else "Huiyin"
        return self._mail(row, colleague.email, speaker, context | {"colleague": colleague})

    def write_many(self, rows: Sequence[Outbox]) -> Letter:
        """One mail to a colleague about many cases, with the id of the first. Raises Refused as `write`."""
        colleague = self.people.get(rows[0].payload["user"])
        if colleague is None or not colleague.is_active or not colleague.email:
            raise Refused("this colleague has no address any more", why="no_contact")
        with translation.override(colleague.language), timezone.override(self.zone):
            lines = [
                {
                    "number": grouped_number(ticket.number),
                    "link": settings.BASE_URL + reverse("tickets:ticket", args=[ticket.number]),
                    "sentence": _to_staff(row),
                    "shop": ticket.merchant.name if ticket.merchant else "",
                }
                for row in rows
                if (ticket := self.tickets.get(row.payload["ticket"])) is not None
            ]
            speaker = self.organisation.name if self.organisation else "Huiyin"
            context = {"lines": lines, "link": settings.BASE_URL + reverse("tickets:queue"), "count": len(lines)}
            return self._mail(rows[0], colleague.email, speaker, context, name="many")

    def _to_group(self, row: Outbox, ticket: Ticket) -> Letter:
        """For a chat that strangers may sit in: number, shop and lead, nothing the customer said or is called."""
        told = self.told(row, ticket)
        facts = [ticket.merchant.name if ticket.merchant else "", told.lead]
        text = " · ".join(filter(None, [_to_staff(row), *facts]))
        address = settings.BASE_URL + reverse("tickets:ticket", args=[ticket.number])
        speaker = self.organisation.name if self.organisation else "Huiyin"
        return Letter(row.key, "robot", words.channel_name("robot"), speaker, told.number, text, link=address)

    def _mail(self, row: Outbox, to: str, speaker: str, context: dict[str, Any], *, name: str = "") -> Letter:
        name = f"emails/{name or row.kind}"
        context["speaker"] = speaker
        subject = " ".join(render_to_string(f"{name}.subject.txt", context).split())
        text = render_to_string(f"{name}.txt", context).strip() + "\n"
        html = dressed(render_to_string(f"{name}.html", context))
        return Letter(row.key, "mail", to, speaker, subject, text, html, context["link"])


def _to_staff(row: Outbox) -> str:
    return words.RINGS[row.kind].words(row.payload["data"])
