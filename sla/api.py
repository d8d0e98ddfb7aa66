"""Doors for programs: the clocks of a case with their explanation, missed promises, and what a lead does about them."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.urls import include, path
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter
from rest_framework.views import APIView

from calendars.wording import why
from common.errors import Missing, require
from sla import wording
from sla.actions import breaches as verbs
from sla.models import Breach, BreachStep, Clock, ClockState
from sla.permissions import may
from tickets.models import Ticket
from tickets.numbers import parse_number

NUMBER = OpenApiParameter("number", str, OpenApiParameter.PATH, description="HY482719365; spaces don't matter")


class ClockSegmentSerializer(serializers.Serializer):
    start = serializers.DateTimeField()
    end = serializers.DateTimeField()
    counted_minutes = serializers.FloatField()
    why = serializers.CharField()
    code = serializers.CharField()


class ClockSerializer(serializers.ModelSerializer):
    """One promise and how its due time came about."""

    state = serializers.ChoiceField(choices=ClockState.choices)
    is_breached = serializers.BooleanField()
    met_at = serializers.SerializerMethodField()
    calendar = serializers.CharField(source="calendar_version.calendar.code")
    calendar_version = serializers.IntegerField(source="calendar_version.number")
    policy_version = serializers.IntegerField(source="policy.policy_set.number", allow_null=True, default=None)
    segments = serializers.SerializerMethodField()

    class Meta:
        model = Clock
        fields = [
            "id", "metric", "recovers", "side", "cycle", "state", "is_breached", "started_at", "due_at", "promised_at",
            "warn_at", "met_at", "ended_at", "ended_by", "breached_at", "target", "decided_by", "ends_day", "calendar",
            "calendar_version", "policy_version", "pauses", "origin", "segments",
        ]  # fmt: skip

    @extend_schema_field(serializers.DateTimeField(allow_null=True))
    def get_met_at(self, clock: Clock) -> Any:
        return (
            timezone.localtime(clock.ended_at).isoformat() if clock.state == ClockState.MET and clock.ended_at else None
        )

    @extend_schema_field(ClockSegmentSerializer(many=True))
    def get_segments(self, clock: Clock) -> Any:
        return [
            {
                "start": timezone.localtime(segment.start).isoformat(),
                "end": timezone.localtime(segment.end).isoformat(),
                "counted_minutes": round(segment.counted.total_seconds() / 60, 2),
                "why": why(segment),
                "code": segment.code,
            }
            for segment in wording.segments_of(clock, self.context["at"])
        ]


class ClocksView(APIView):
    """Every clock of a case, oldest first, each with its explanation."""

    @extend_schema(
        operation_id="tickets_clocks", tags=["sla"], parameters=[NUMBER], responses=ClockSerializer(many=True)
    )
    def get(self, request: Request, number: str) -> Response:
        parsed = parse_number(number)
        ticket = Ticket.objects.visible_to(request.user).filter(number=parsed).first() if parsed else None
        if ticket is None:
            raise Missing(_("There is no such case."))
        clocks = ticket.clocks.select_related("calendar_version__calendar", "policy__policy_set").order_by("id")
        return Response(ClockSerializer(clocks, many=True, context={"at": timezone.now()}).data)


class BreachSerializer(serializers.ModelSerializer):
    """A missed promise; `repeat` 2 is a missed recovery."""

    ticket = serializers.CharField(source="ticket.number")
    step = serializers.ChoiceField(choices=BreachStep.choices)
    late_minutes = serializers.SerializerMethodField()

    class Meta:
        model = Breach
        fields = [
            "id", "ticket", "metric", "recovers", "due_at", "recorded_at", "late_minutes", "repeat", "is_historic",
            "step",
            "status", "assignee", "team", "merchant", "category", "told_at", "escalated_to", "escalated_at",
            "acknowledge_by", "acknowledged_by", "acknowledged_at",
        ]  # fmt: skip

    def get_late_minutes(self, breach: Breach) -> float:
        """Minutes on the clock up to the answer, or up to now."""
        return round(breach.late_at(timezone.now()).total_seconds() / 60, 2)


class BreachFilter(django_filters.FilterSet):
    class Meta:
        model = Breach
        fields = ["metric", "step", "repeat", "is_historic", "team", "merchant", "category", "assignee"]


class PromiseSerializer(serializers.Serializer):
    by_when = serializers.DateTimeField(help_text="ISO 8601; still to come, at most 30 days ahead")


class BreachViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Breach]):
    """Missed promises of the cases this person may see. For staff."""

    serializer_class = BreachSerializer
    queryset = Breach.objects.none()
    filterset_class = BreachFilter
    lookup_value_regex = "[0-9]{1,18}"
    ordering = ("-due_at", "-id")

    def get_queryset(self) -> QuerySet[Breach]:
        if getattr(self, "swagger_fake_view", False):
            return Breach.objects.none()
        require(may(self.request.user, "see_breaches"), _("Only staff can see missed promises."))
        return Breach.objects.visible_to(self.request.user).select_related("ticket", "team")

    @extend_schema(request=None, responses=BreachSerializer)
    @action(detail=True, methods=["post"])
    def acknowledge(self, request: Request, pk: str) -> Response:
        """Say that one looks after it; twice is the same as once."""
        verbs.acknowledge(self.get_object(), actor=request.user)
        return Response(self.get_serializer(self.get_object()).data)

    @extend_schema(request=PromiseSerializer, responses=BreachSerializer)
    @action(detail=True, methods=["post"], url_path="set-promise")
    def set_promise(self, request: Request, pk: str) -> Response:
        """Name the time by which one answers oneself, after a second miss."""
        breach = self.get_object()
        require(may(request.user, "set_promise"), _("Your role does not include this step."))
        form = PromiseSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        verbs.set_promise(breach, by_when=form.validated_data["by_when"], actor=request.user)
        return Response(self.get_serializer(self.get_object()).data)


router = SimpleRouter()
router.register("breaches", BreachViewSet, basename="breach")

urlpatterns = [
    path("tickets/<str:number>/clocks/", ClocksView.as_view(), name="api-ticket-clocks"),
    path("", include(router.urls)),
]
