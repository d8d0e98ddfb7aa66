"""What the API takes and gives. Contacts are masked here as everywhere; a reveal has a page and a reason."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.contacts import Email, Phone, parse_contact
from accounts.models import Merchant, Team, User
from tickets.actions import Filing, available
from tickets.actions.talking import LONGEST
from tickets.models import Attachment, Category, Kind, Message, Priority, Ticket, TicketEvent
from tickets.models.ticket import Channel, Demand, WaitReason
from tickets.told import words_of


class Text(serializers.CharField):
    """Free text as people write it: spaces at the ends don't count, angle brackets stay as they are."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=LONGEST, **options)


class TicketSerializer(serializers.ModelSerializer[Ticket]):
    """A case as lists show it."""

    merchant: serializers.SlugRelatedField[Merchant] = serializers.SlugRelatedField(slug_field="slug", read_only=True)
    category: serializers.SlugRelatedField[Category] = serializers.SlugRelatedField(slug_field="code", read_only=True)
    team: serializers.StringRelatedField[Team] = serializers.StringRelatedField(read_only=True)
    assignee: serializers.StringRelatedField[User] = serializers.StringRelatedField(read_only=True)
    customer_name = serializers.CharField(source="customer.masked_name", default="", read_only=True)
    contact = serializers.CharField(source="customer.masked_contact", default="", read_only=True)
    due_at = serializers.SerializerMethodField()

    class Meta:
        model = Ticket
        fields: tuple[str, ...] = (
            "number", "kind", "channel", "status", "priority", "is_safety", "subject", "demand", "amount", "category",
            "merchant", "order_number", "customer_name", "contact", "team", "assignee", "opened_at", "received_at",
            "first_response_at", "resolved_at", "closed_at", "close_reason", "reopen_count", "wait_reason",
            "wait_until", "due_at", "due_metric", "last_message_at", "rating", "tags", "version",
        )  # fmt: skip
        read_only_fields: tuple[str, ...] = fields

    @extend_schema_field(serializers.DateTimeField(allow_null=True))
    def get_due_at(self, ticket: Ticket) -> Any:
        """When something of ours is due next; null while nothing is."""
        value = ticket.due_at if ticket.due_metric else None
        return serializers.DateTimeField().to_representation(value) if value else None


class TicketDetailSerializer(TicketSerializer):
    """One case, with what this person can do with it now."""

    available_actions = serializers.SerializerMethodField()

    class Meta(TicketSerializer.Meta):
        fields = (*TicketSerializer.Meta.fields, "available_actions")
        read_only_fields = fields

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_available_actions(self, ticket: Ticket) -> list[str]:
        return available(ticket, self.context["request"].user)


class FilingSerializer(serializers.Serializer[Filing]):
    """A new case. `body` is all that is required of a signed-in customer; staff add a contact."""

    body = Text(help_text=_("What happened, in the customer's words."))
    contact = serializers.CharField(max_length=254, required=False, allow_blank=True)
    name = serializers.CharField(max_length=60, required=False, allow_blank=True)
    kind = serializers.ChoiceField(choices=Kind.choices, required=False)
    channel = serializers.ChoiceField(choices=Channel.choices, required=False)
    priority = serializers.ChoiceField(choices=Priority.choices, required=False)
    demand = serializers.ChoiceField(choices=Demand.choices, required=False, allow_blank=True)
    amount = serializers.DecimalField(max_digits=12, decimal_places=2, min_value=0, required=False, allow_null=True)
    order_number = serializers.CharField(max_length=80, required=False, allow_blank=True)
    merchant = serializers.SlugRelatedField(slug_field="slug", queryset=Merchant.objects.all(), required=False)
    category = serializers.SlugRelatedField(slug_field="code", queryset=Category.objects.all(), required=False)
    received_at = serializers.DateTimeField(required=False)

    def validate_contact(self, text: str) -> Phone | Email | None:
        return parse_contact(text) if text.strip() else None

    def filing(self) -> Filing:
        """What was sent, as the verb takes it."""
        data = dict(self.validated_data)
        contact = data.pop("contact", None)
        if isinstance(contact, Phone):
            data["phone"] = contact.value
        elif isinstance(contact, Email):
            data["email"] = contact.value
        return Filing(**{name: value for name, value in data.items() if value not in (None, "")})


class AttachmentSerializer(serializers.ModelSerializer[Attachment]):
    class Meta:
        model = Attachment
        fields = ("id", "name", "media_type", "size", "sha256", "width", "height")
        read_only_fields = fields


class MessageSerializer(serializers.ModelSerializer[Message]):
    author = serializers.SerializerMethodField()
    body = serializers.SerializerMethodField()
    attachments = AttachmentSerializer(many=True, read_only=True)

    class Meta:
        model = Message
        fields = ("id", "visibility", "author_kind", "author", "body", "at", "attachments")
        read_only_fields = fields

    @extend_schema_field(serializers.CharField())
    def get_author(self, message: Message) -> str:
        """A colleague by name; customers are named by their case only."""
        return str(message.author) if message.author and message.author_kind == "staff" else ""

    @extend_schema_field(serializers.CharField())
    def get_body(self, message: Message) -> str:
        return words_of(message)


class EventSerializer(serializers.ModelSerializer[TicketEvent]):
    event = serializers.CharField(source="kind")
    actor: serializers.StringRelatedField[User] = serializers.StringRelatedField(read_only=True)

    class Meta:
        model = TicketEvent
        fields = ("id", "event", "at", "actor_kind", "actor", "data")
        read_only_fields = fields


# --- What each verb takes; `version` is that of the case as the caller saw it. -----------------------------------


class VerbSerializer(serializers.Serializer[Any]):
    version = serializers.IntegerField(
        required=False, min_value=0, max_value=2**31 - 1, help_text=_("Refuse if somebody changed the case since.")
    )


class BodySerializer(VerbSerializer):
    body = Text()


class OptionalBodySerializer(serializers.Serializer[Any]):
    body = Text(required=False, allow_blank=True, default="")


class ReasonSerializer(VerbSerializer):
    reason = Text()


class ProposalSerializer(VerbSerializer):
    proposal = Text()


class PrioritySerializer(VerbSerializer):
    priority = serializers.ChoiceField(choices=Priority.choices)


class CategorySerializer(VerbSerializer):
    category = serializers.SlugRelatedField(slug_field="code", queryset=Category.objects.filter(is_active=True))


class AssignSerializer(VerbSerializer):
    """`team` and `assignee` by id; both empty gives the case back to its team's queue."""

    team = serializers.PrimaryKeyRelatedField(queryset=Team.objects.all(), required=False, allow_null=True)
    assignee = serializers.PrimaryKeyRelatedField(queryset=User.objects.all(), required=False, allow_null=True)


class WaitSerializer(VerbSerializer):
    reason = serializers.ChoiceField(choices=WaitReason.choices)
    until = serializers.DateTimeField(required=False)


class DescribeSerializer(VerbSerializer):
    kind = serializers.ChoiceField(choices=Kind.choices, required=False)
    demand = serializers.ChoiceField(choices=Demand.choices, required=False, allow_blank=True)
    amount = serializers.DecimalField(max_digits=12, decimal_places=2, min_value=0, required=False, allow_null=True)
    order_number = serializers.CharField(max_length=80, required=False, allow_blank=True)
    is_safety = serializers.BooleanField(required=False)


class RatingSerializer(serializers.Serializer[Any]):
    rating = serializers.IntegerField(min_value=1, max_value=5)


class NewMessageSerializer(BodySerializer):
    visibility = serializers.ChoiceField(choices=["public", "note"], default="public")
