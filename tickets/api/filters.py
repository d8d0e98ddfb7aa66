"""What a list of cases can be asked for."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils import timezone

from common.filters import MomentFilter
from tickets import search
from tickets.models import Kind, Priority, Status, Ticket
from tickets.models.ticket import Channel
from tickets.numbers import parse_number


class TicketFilter(django_filters.FilterSet):
    status = django_filters.MultipleChoiceFilter(choices=Status.choices)
    kind = django_filters.MultipleChoiceFilter(choices=Kind.choices)
    priority = django_filters.MultipleChoiceFilter(choices=Priority.choices)
    channel = django_filters.MultipleChoiceFilter(choices=Channel.choices)
    merchant = django_filters.CharFilter(field_name="merchant__slug")
    category = django_filters.CharFilter(field_name="category__code")
    team = django_filters.NumberFilter(min_value=0, max_value=2**62)
    assignee = django_filters.NumberFilter(min_value=0, max_value=2**62)
    opened_after = MomentFilter(field_name="opened_at", lookup_expr="gte")
    opened_before = MomentFilter(field_name="opened_at", lookup_expr="lt")
    sla = django_filters.ChoiceFilter(
        choices=[("late", "late"), ("at_risk", "at_risk")], method="by_sla", label="SLA state"
    )
    q = django_filters.CharFilter(method="by_text", label="words, number, order number or phone")

    class Meta:
        model = Ticket
        fields: list[str] = []

    def by_sla(self, rows: Any, _name: str, value: str) -> QuerySet[Ticket]:
        at = timezone.now()
        return rows.late(at) if value == "late" else rows.at_risk(at)

    def by_text(self, rows: QuerySet[Ticket], _name: str, value: str) -> QuerySet[Ticket]:
        if number := parse_number(value):
            return rows.filter(number=number)
        found = search.find(value, merchants=self.request.user.scope, limit=search.MOST_HITS)
        return rows.filter(pk__in=found)
