"""`/api/v1/orders/`: shops push what they sold; staff read it, confined to their shops."""

from __future__ import annotations

from typing import Any

import django_filters
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter
from rest_framework.views import APIView

from common.api import IDEMPOTENCY_HEADER, idempotent
from common.filters import MomentFilter
from orders.actions import push_orders
from orders.facts import MODES, LineFacts, OrderFacts, ParcelFacts, TenderFacts
from orders.models import (
    Nature,
    Order,
    OrderLine,
    Parcel,
    ParcelLine,
    ProductCategory,
    SalesChannel,
    Settlement,
    SignedBy,
    Tender,
    TenderMethod,
)
from orders.permissions import may

AMOUNT: dict[str, Any] = {"max_digits": 12, "decimal_places": 2, "min_value": 0}
SMALL: dict[str, Any] = {"min_value": 0, "max_value": 32767}
PIECES: dict[str, Any] = {"min_value": 1, "max_value": 2_147_483_647}


class ConfirmationSerializer(serializers.Serializer):
    """How the customer confirmed, for this single purchase, that it can't be returned without a reason."""

    mode = serializers.ChoiceField(choices=sorted(MODES))
    at = serializers.DateTimeField(required=False)
    snapshot = serializers.CharField(required=False, allow_blank=True, max_length=4000)


class LineSerializer(serializers.ModelSerializer):
    number = serializers.IntegerField(min_value=1, max_value=32767)
    name = serializers.CharField(max_length=200, required=False)
    sku = serializers.CharField(max_length=80, required=False, allow_blank=True)
    category = serializers.ChoiceField(choices=ProductCategory.choices, required=False)
    nature = serializers.ChoiceField(choices=Nature.choices, required=False)
    warranty_months = serializers.IntegerField(required=False, **SMALL)
    quantity = serializers.IntegerField(required=False, **PIECES)
    list_price = serializers.DecimalField(required=False, help_text="Of one piece, before discounts.", **AMOUNT)
    paid = serializers.DecimalField(required=False, help_text="For the whole line, really paid.", **AMOUNT)
    confirmation = ConfirmationSerializer(required=False, allow_null=True)

    class Meta:
        model = OrderLine
        fields = (
            "number",
            "sku",
            "name",
            "category",
            "nature",
            "warranty_months",
            "batch",
            "serial",
            "quantity",
            "list_price",
            "paid",
            "confirmation",
        )


class TenderSerializer(serializers.ModelSerializer):
    method = serializers.ChoiceField(choices=TenderMethod.choices)
    amount = serializers.DecimalField(**AMOUNT)
    points = serializers.IntegerField(required=False, allow_null=True, min_value=0, max_value=2_147_483_647)

    class Meta:
        model = Tender
        fields = ("method", "reference", "amount", "points")


class ContentSerializer(serializers.ModelSerializer):
    number = serializers.IntegerField(
        source="line.number", min_value=1, max_value=32767, help_text="Of the order line."
    )
    quantity = serializers.IntegerField(required=False, **PIECES)

    class Meta:
        model = ParcelLine
        fields = ("number", "quantity")


class ParcelSerializer(serializers.ModelSerializer):
    carrier = serializers.CharField(max_length=40, required=False, allow_blank=True)
    waybill = serializers.CharField(max_length=60)
    signed_by = serializers.ChoiceField(choices=SignedBy.choices, required=False, allow_blank=True)
    lines = ContentSerializer(source="contents", many=True, required=False)

    class Meta:
        model = Parcel
        fields = (
            "carrier",
            "waybill",
            "seller",
            "shipped_at",
            "deposited_at",
            "signed_at",
            "signed_date_only",
            "signed_by",
            "lines",
        )


class OrderSerializer(serializers.ModelSerializer):
    """An order. A push may leave out everything that has not changed, apart from merchant and external_id."""

    merchant = serializers.CharField(source="merchant.code", max_length=60, help_text="The shop's code.")
    external_id = serializers.CharField(max_length=80, help_text="The shop's own order number.")
    channel = serializers.ChoiceField(choices=SalesChannel.choices, required=False)
    settlement = serializers.ChoiceField(choices=Settlement.choices, required=False)
    bought_at = serializers.DateTimeField(required=False)
    paid_total = serializers.DecimalField(required=False, **AMOUNT)
    freight = serializers.DecimalField(required=False, **AMOUNT)
    currency = serializers.RegexField(r"^[A-Z]{3}$", required=False)
    terms = serializers.DictField(required=False)
    lines = LineSerializer(many=True, required=False)
    tenders = TenderSerializer(many=True, required=False)
    parcels = ParcelSerializer(many=True, required=False)

    class Meta:
        model = Order
        fields = (
            "id",
            "merchant",
            "external_id",
            "channel",
            "settlement",
            "for_business",
            "bought_at",
            "bought_date_only",
            "paid_total",
            "freight",
            "currency",
            "terms",
            "lines",
            "tenders",
            "parcels",
            "pushed_at",
            "changed_at",
        )
        read_only_fields = ("pushed_at", "changed_at")
        validators: list[Any] = []  # the verb decides whether an order is new

    def facts(self) -> OrderFacts:
        """What was sent, as facts."""
        data = dict(self.validated_data)
        lines = []
        for line in data.pop("lines", []):
            values = {key: value for key, value in line.items() if value is not None}
            if at := (values.get("confirmation") or {}).get("at"):
                values["confirmation"] = {**values["confirmation"], "at": at.isoformat()}
            lines.append(LineFacts(**values))
        parcels = []
        for parcel in data.pop("parcels", []):
            contents = tuple((item["line"]["number"], item.get("quantity", 1)) for item in parcel.pop("contents", []))
            parcels.append(ParcelFacts(**parcel, contents=contents))
        tenders = tuple(TenderFacts(**tender) for tender in data.pop("tenders", []))
        merchant = data.pop("merchant")["code"]
        return OrderFacts(merchant=merchant, **data, lines=tuple(lines), tenders=tenders, parcels=tuple(parcels))


class OrderFilter(django_filters.FilterSet):
    """`q` is an order number, in whole."""

    merchant = django_filters.CharFilter(field_name="merchant__code")
    q = django_filters.CharFilter(field_name="external_id")
    bought_from = MomentFilter(field_name="bought_at", lookup_expr="gte")
    bought_before = MomentFilter(field_name="bought_at", lookup_expr="lt")
    waybill = django_filters.CharFilter(field_name="parcels__waybill", distinct=True)

    class Meta:
        model = Order
        fields = ("external_id", "channel", "settlement")


class MaySeeOrders(BasePermission):
    def has_permission(self, request: Request, view: APIView) -> bool:
        return may(request.user, "see_orders")


@extend_schema_view(
    list=extend_schema(summary="Orders, newest purchase first"),
    retrieve=extend_schema(summary="One order, by our id"),
)
class OrderViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet):
    serializer_class = OrderSerializer
    permission_classes = (MaySeeOrders,)
    filterset_class = OrderFilter
    queryset = Order.objects.none()
    lookup_value_converter = "int"

    def get_queryset(self) -> Any:
        found = Order.objects.visible_to(self.request.user)  # type: ignore[arg-type]
        return found.select_related("merchant").prefetch_related("lines", "tenders", "parcels__contents__line")

    @extend_schema(
        summary="Push an order",
        description=(
            "Idempotent on `merchant` and `external_id`: 201 when the order is new, 200 when it was known; what is "
            "left out stays as it was."
        ),
        parameters=[IDEMPOTENCY_HEADER],
        responses={201: OrderSerializer, 200: OrderSerializer},
    )
    @idempotent
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        serializer = OrderSerializer(data=request.data, context=self.get_serializer_context())
        serializer.is_valid(raise_exception=True)
        (pushed,) = push_orders([serializer.facts()], actor=request.user)  # type: ignore[arg-type]
        order = self.get_queryset().get(pk=pushed.order.pk)
        code = status.HTTP_201_CREATED if pushed.outcome == "created" else status.HTTP_200_OK
        return Response(self.get_serializer(order).data, status=code, headers={"Huiyin-Outcome": pushed.outcome})


router = SimpleRouter(use_regex_path=False)
router.register("orders", OrderViewSet, basename="order")
urlpatterns = router.urls
