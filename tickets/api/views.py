"""Doors for programs: fetch, act, render. Every verb is the one that pages use."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Role, User
from common.api import IDEMPOTENCY_HEADER, idempotent
from common.errors import Missing, NotAllowed, require
from tickets import actions
from tickets.api import serializers as forms
from tickets.api.filters import TicketFilter
from tickets.models import Message, Ticket, TicketEvent, Visibility
from tickets.numbers import parse_number
from tickets.permissions import may

NUMBER = OpenApiParameter("number", str, OpenApiParameter.PATH, description="HY482719365; spaces don't matter")
VERB_ANSWERS = {200: forms.TicketDetailSerializer}


class TicketViewSet(mixins.ListModelMixin, viewsets.GenericViewSet[Ticket]):
    """Cases this person may see: staff those of their shops, customers their own."""

    serializer_class = forms.TicketSerializer
    queryset = Ticket.objects.none()
    lookup_field = "number"
    lookup_value_regex = "[^/]+"
    filterset_class = TicketFilter
    ordering = ("-opened_at", "-id")

    def get_queryset(self) -> QuerySet[Ticket]:
        if getattr(self, "swagger_fake_view", False):
            return Ticket.objects.none()
        return Ticket.objects.visible_to(self.request.user).select_related(
            "merchant", "category", "team", "assignee", "customer"
        )

    def get_object(self) -> Ticket:
        number = parse_number(self.kwargs["number"])
        ticket = self.get_queryset().filter(number=number).first() if number else None
        if ticket is None:
            raise Missing(_("There is no such case."))
        return ticket

    @extend_schema(parameters=[NUMBER], responses=forms.TicketDetailSerializer)
    def retrieve(self, request: Request, number: str) -> Response:
        """One case with what can be done with it now."""
        return self._show(self.get_object())

    @extend_schema(
        parameters=[IDEMPOTENCY_HEADER], request=forms.FilingSerializer, responses={201: forms.TicketDetailSerializer}
    )
    @idempotent
    def create(self, request: Request) -> Response:
        """File a case: customers their own, staff for a customer."""
        form = forms.FilingSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        filing = form.filing()
        if request.user.role == Role.CUSTOMER:
            filing.requester = cast(User, request.user)
            filing.phone = filing.phone or request.user.phone or ""
            filing.email = filing.email or request.user.email or ""
            filing.name = filing.name or request.user.name
            ticket = actions.open_ticket(filing)
        else:
            scope = request.user.scope
            inside = not scope or (filing.merchant is not None and filing.merchant.pk in scope)
            require(inside, _("You can file cases for your own shops only."), NotAllowed)
            ticket = actions.open_ticket(filing, actor=request.user)
        ticket = self.get_queryset().get(pk=ticket.pk)
        return self._show(ticket, status.HTTP_201_CREATED)

    def _show(self, ticket: Ticket, status_code: int = status.HTTP_200_OK) -> Response:
        return Response(
            forms.TicketDetailSerializer(ticket, context=self.get_serializer_context()).data, status=status_code
        )

    def _is_customer(self) -> bool:
        return bool(self.request.user.role == Role.CUSTOMER)

    # --- messages and timeline -----------------------------------------------------------------------------------

    @extend_schema(parameters=[NUMBER], responses=forms.MessageSerializer(many=True), filters=False)
    @action(detail=True, methods=["get"], filterset_class=None)
    def messages(self, request: Request, number: str) -> Response:
        """The conversation, oldest first; customers don't see notes."""
        ticket = self.get_object()
        messages = Message.objects.filter(ticket=ticket).select_related("author").prefetch_related("attachments")
        if self._is_customer():
            messages = messages.public()
        return self._pages(messages, forms.MessageSerializer, ("at", "id"))

    @extend_schema(
        parameters=[NUMBER, IDEMPOTENCY_HEADER],
        request=forms.NewMessageSerializer,
        responses={201: forms.MessageSerializer},
    )
    @messages.mapping.post
    @idempotent
    def add_message(self, request: Request, number: str) -> Response:
        """Say something: staff an answer or a note, customers a message."""
        ticket = self.get_object()
        form = forms.NewMessageSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        body, version = form.validated_data["body"], form.validated_data.get("version")
        is_note = form.validated_data["visibility"] == Visibility.NOTE
        if self._is_customer():
            require(not is_note, _("Notes are for staff."), NotAllowed)
            ticket = actions.write(ticket, body, user=request.user)
            message = Message.objects.filter(ticket=ticket).latest("id")
        elif is_note:
            message = actions.note(ticket, body, actor=request.user, version=version)
        else:
            message = actions.reply(ticket, body, actor=request.user, version=version)
        return Response(forms.MessageSerializer(message).data, status=status.HTTP_201_CREATED)

    @extend_schema(parameters=[NUMBER], responses=forms.EventSerializer(many=True), filters=False)
    @action(detail=True, methods=["get"], filterset_class=None)
    def events(self, request: Request, number: str) -> Response:
        """What happened on the case itself, newest first; its clocks have an address of their own."""
        ticket = self.get_object()
        events = TicketEvent.objects.filter(ticket=ticket).select_related("actor")
        if self._is_customer():
            events = events.exclude(kind__in=["message.noted", "ticket.escalated"])
        return self._pages(events, forms.EventSerializer, ("-at", "-id"))

    def _pages(self, rows: QuerySet[Any], serializer: type[Any], ordering: tuple[str, ...]) -> Response:
        paginator = self.paginator
        paginator.ordering = ordering
        page = paginator.paginate_queryset(rows, self.request, view=None)
        return paginator.get_paginated_response(serializer(page, many=True).data)

    # --- verbs ---------------------------------------------------------------------------------------------------

    def _act(self, name: str, verb: Callable[..., Any], form_class: type[serializers.Serializer[Any]]) -> Response:
        ticket = self.get_object()
        # The verb asks again; here so that somebody who may not is not told first what is missing.
        require(may(self.request.user, name), _("Your role does not include this step."), NotAllowed)
        form = form_class(data=self.request.data)
        form.is_valid(raise_exception=True)
        verb(ticket, actor=self.request.user, **form.validated_data)
        return self._show(self.get_object())

    def _act_as_customer(self, verb: Callable[..., Any], form_class: type[serializers.Serializer[Any]]) -> Response:
        ticket = self.get_object()
        require(self._is_customer(), _("Only the customer can take this step."), NotAllowed)
        form = form_class(data=self.request.data)
        form.is_valid(raise_exception=True)
        verb(ticket, user=self.request.user, **form.validated_data)
        return self._show(self.get_object())


def _verb(name: str, form: type[serializers.Serializer[Any]], *, by_customer: bool = False) -> Callable[..., Response]:
    """One POST per verb: `tickets/{number}/<name>/`, its words from the verb's own docstring."""
    verb = getattr(actions, name)

    def post(self: TicketViewSet, request: Request, number: str) -> Response:
        return self._act_as_customer(verb, form) if by_customer else self._act(name, verb, form)

    post.__name__ = name
    post.__doc__ = verb.__doc__
    schema = extend_schema(parameters=[NUMBER], request=form, responses=VERB_ANSWERS, filters=False)
    return schema(action(detail=True, methods=["post"], url_path=name, filterset_class=None)(post))


STAFF_VERBS: dict[str, type[serializers.Serializer[Any]]] = {
    "take": forms.VerbSerializer,
    "assign": forms.AssignSerializer,
    "escalate": forms.ReasonSerializer,
    "reply": forms.BodySerializer,
    "note": forms.BodySerializer,
    "prioritise": forms.PrioritySerializer,
    "categorise": forms.CategorySerializer,
    "describe": forms.DescribeSerializer,
    "wait": forms.WaitSerializer,
    "hold": forms.WaitSerializer,
    "resume": forms.VerbSerializer,
    "resolve": forms.ProposalSerializer,
    "close": forms.VerbSerializer,
    "reopen": forms.VerbSerializer,
    "spam": forms.VerbSerializer,
    "unspam": forms.VerbSerializer,
}
CUSTOMER_VERBS: dict[str, type[serializers.Serializer[Any]]] = {
    "withdraw": serializers.Serializer,
    "confirm": serializers.Serializer,
    "decline": forms.OptionalBodySerializer,
    "rate": forms.RatingSerializer,
    "request_review": forms.OptionalBodySerializer,
}
for _name, _form in STAFF_VERBS.items():
    setattr(TicketViewSet, _name, _verb(_name, _form))
for _name, _form in CUSTOMER_VERBS.items():
    setattr(TicketViewSet, _name, _verb(_name, _form, by_customer=True))
