"""The case: one customer, one grievance, one conversation, one timeline."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Role
from common.events import Origin

if TYPE_CHECKING:
    from accounts.models import User

#: "Nothing is due": sorts behind everything, so that the queue needs no NULL handling in its index.
FAR_FUTURE = datetime(9999, 1, 1, tzinfo=UTC)


class Status(models.TextChoices):
    NEW = "new", pgettext_lazy("ticket status", "new")
    OPEN = "open", pgettext_lazy("ticket status", "open")
    PENDING = "pending", pgettext_lazy("ticket status", "waiting for the customer")
    ON_HOLD = "on_hold", pgettext_lazy("ticket status", "on hold")
    RESOLVED = "resolved", pgettext_lazy("ticket status", "resolved")
    CLOSED = "closed", pgettext_lazy("ticket status", "closed")


#: state -> states that may follow. Who may take which step stands in permissions.py.
TRANSITIONS: Mapping[str, frozenset[str]] = {
    Status.NEW: frozenset({Status.OPEN, Status.PENDING, Status.ON_HOLD, Status.RESOLVED, Status.CLOSED}),
    Status.OPEN: frozenset({Status.PENDING, Status.ON_HOLD, Status.RESOLVED, Status.CLOSED}),
    Status.PENDING: frozenset({Status.OPEN, Status.RESOLVED, Status.CLOSED}),
    Status.ON_HOLD: frozenset({Status.OPEN, Status.RESOLVED, Status.CLOSED}),
    Status.RESOLVED: frozenset({Status.OPEN, Status.CLOSED}),
    Status.CLOSED: frozenset({Status.OPEN}),
}

#: Somebody still has to do something.
OPEN_STATES = (Status.NEW, Status.OPEN, Status.PENDING, Status.ON_HOLD)


class Kind(models.TextChoices):
    COMPLAINT = "complaint", _("complaint")
    QUESTION = "question", _("question")
    RETURN = "return", pgettext_lazy("ticket kind", "return")
    WARRANTY = "warranty", _("warranty")
    SUGGESTION = "suggestion", _("suggestion")
    PRAISE = "praise", _("praise")


class Channel(models.TextChoices):
    FORM = "form", _("web form")
    PHONE = "phone", pgettext_lazy("channel", "phone")
    SMS = "sms", _("text message")
    MAIL = "mail", pgettext_lazy("channel", "e-mail")
    CHAT = "chat", _("shop chat")
    WECHAT = "wechat", _("WeChat account")
    WECOM = "wecom", _("WeCom")
    WALK_IN = "walk_in", _("walk-in")
    LETTER = "letter", _("letter")
    C12315 = "12315", _("12315")
    C12345 = "12345", _("12345")
    SOCIAL = "social", _("social media")
    SYSTEM = "system", pgettext_lazy("channel", "system")


class Priority(models.TextChoices):
    URGENT = "urgent", pgettext_lazy("priority", "urgent")
    HIGH = "high", pgettext_lazy("priority", "high")
    NORMAL = "normal", pgettext_lazy("priority", "normal")
    LOW = "low", pgettext_lazy("priority", "low")


class Demand(models.TextChoices):
    REFUND = "refund", _("a refund")
    EXCHANGE = "exchange", _("an exchange")
    REPAIR = "repair", _("a repair")
    APOLOGY = "apology", _("an apology")
    COMPENSATION = "compensation", _("compensation")
    EXPLANATION = "explanation", _("an explanation")


class CloseReason(models.TextChoices):
    CONFIRMED = "confirmed", _("the customer confirmed")
    SILENT = "silent", _("no answer for 7 days")
    WITHDRAWN = "withdrawn", _("withdrawn by the customer")
    MERGED = "merged", _("merged into another case")
    SPAM = "spam", _("spam")


class WaitReason(models.TextChoices):
    """Why a case waits, and (in WAIT_LIMITS) how long it may."""

    CUSTOMER_FACTS = "customer_facts", _("waiting for information from the customer")
    CUSTOMER_PARCEL = "customer_parcel", _("waiting for the customer to send the goods")
    CARRIER = "carrier", _("waiting for the carrier")
    SUPPLIER = "supplier", _("waiting for the supplier or factory")
    PLATFORM = "platform", _("waiting for the platform")
    AUTHORITY = "authority", _("waiting for an authority")


#: The longest a pause for each reason may last; then the case is resumed by itself.
WAIT_LIMITS: Mapping[str, timedelta] = {
    WaitReason.CUSTOMER_FACTS: timedelta(days=3),
    WaitReason.CUSTOMER_PARCEL: timedelta(days=7),
    WaitReason.CARRIER: timedelta(days=3),
    WaitReason.SUPPLIER: timedelta(days=5),
    WaitReason.PLATFORM: timedelta(days=3),
    WaitReason.AUTHORITY: timedelta(days=30),
}

#: Which reasons belong to `wait` (for the customer) and which to `hold` (for an outside party).
CUSTOMER_REASONS = frozenset({WaitReason.CUSTOMER_FACTS, WaitReason.CUSTOMER_PARCEL})
OUTSIDE_REASONS = frozenset(WaitReason) - CUSTOMER_REASONS


class TicketQuerySet(models.QuerySet["Ticket"]):
    def visible_to(self, user: User) -> TicketQuerySet:
        """What this person may know of: staff everything in their merchant scope, customers what they filed."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        if user.role == Role.CUSTOMER:
            return self.filter(requester=user)
        return self.filter(merchant_id__in=user.scope) if user.scope else self

    def unclosed(self) -> TicketQuerySet:
        return self.filter(status__in=OPEN_STATES)

    def late(self, at: datetime) -> TicketQuerySet:
        """Something of ours was due before `at` and isn't done."""
        return self.unclosed().filter(due_at__lt=at)

    def at_risk(self, at: datetime) -> TicketQuerySet:
        """Warned about, not late yet."""
        return self.unclosed().filter(warn_at__lte=at, due_at__gte=at)


class Ticket(models.Model):
    number = models.CharField(max_length=16, unique=True)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind, default=Kind.COMPLAINT)
    channel = models.CharField(_("channel"), max_length=12, choices=Channel, default=Channel.FORM)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.NEW)
    priority = models.CharField(_("priority"), max_length=8, choices=Priority, default=Priority.NORMAL)
    is_safety = models.BooleanField(_("danger to people"), default=False)
    category = models.ForeignKey(
        "tickets.Category", on_delete=models.PROTECT, null=True, blank=True, related_name="tickets"
    )
    merchant = models.ForeignKey(
        "accounts.Merchant", on_delete=models.PROTECT, null=True, blank=True, related_name="tickets"
    )
    order_line = models.ForeignKey(
        "orders.OrderLine", on_delete=models.SET_NULL, null=True, blank=True, related_name="tickets"
    )
    # As typed: shop orders often can't be matched, and what was typed is all a guest may see of one.
    order_number = models.CharField(_("order number"), max_length=80, blank=True)
    customer = models.ForeignKey(
        "accounts.Customer", on_delete=models.PROTECT, null=True, blank=True, related_name="tickets"
    )
    requester = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="filed_tickets"
    )
    # The customer's own first sentence.
    subject = models.CharField(_("subject"), max_length=200)
    demand = models.CharField(_("what is wanted"), max_length=12, choices=Demand, blank=True)
    amount = models.DecimalField(_("amount at stake (CNY)"), max_digits=12, decimal_places=2, null=True, blank=True)
    team = models.ForeignKey("accounts.Team", on_delete=models.PROTECT, null=True, blank=True, related_name="tickets")
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="tickets"
    )

    opened_at = models.DateTimeField()
    # When it reached us; law counts from here, our clocks from opened_at.
    received_at = models.DateTimeField()
    first_response_at = models.DateTimeField(null=True, blank=True)
    resolved_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    close_reason = models.CharField(max_length=12, choices=CloseReason, blank=True)
    reopen_count = models.PositiveSmallIntegerField(default=0)
    merged_into = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="merged")

    # A later case about the same thing, opened when the first could no longer be reopened.
    follows = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, blank=True, related_name="followed_by")

    wait_reason = models.CharField(max_length=20, choices=WaitReason, blank=True)
    wait_until = models.DateTimeField(null=True, blank=True)

    # Written by the sla app only, on change: what the queue is ordered by.
    due_at = models.DateTimeField(default=FAR_FUTURE)
    warn_at = models.DateTimeField(default=FAR_FUTURE)
    due_metric = models.CharField(max_length=24, blank=True)
    # Who said the last public word, and when: "the customer has just written" is a view of the queue.
    last_message_at = models.DateTimeField()
    last_author_kind = models.CharField(max_length=12, default="customer")
    last_snippet = models.CharField(max_length=80, blank=True)

    rating = models.PositiveSmallIntegerField(null=True, blank=True)
    language = models.CharField(max_length=10, default="zh-hans")
    notice_version = models.PositiveIntegerField(null=True, blank=True)
    origin = models.CharField(max_length=8, choices=Origin, default=Origin.LIVE)
    source = models.CharField(max_length=40, blank=True)
    external_id = models.CharField(max_length=80, blank=True)
    tags = models.JSONField(default=list, blank=True)
    version = models.PositiveIntegerField(default=1)
    open_children = models.PositiveIntegerField(default=0)

    objects = TicketQuerySet.as_manager()

    class Meta:
        verbose_name = _("ticket")
        constraints = [
            models.CheckConstraint(condition=Q(status__in=Status.values), name="ticket_status_known"),
            models.CheckConstraint(condition=Q(priority__in=Priority.values), name="ticket_priority_known"),
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="ticket_kind_known"),
            models.CheckConstraint(condition=Q(channel__in=Channel.values), name="ticket_channel_known"),
            models.CheckConstraint(
                condition=~Q(status=Status.CLOSED) | Q(open_children=0, closed_at__isnull=False),
                name="ticket_closed_has_time_and_no_open_children",
            ),
            models.CheckConstraint(
                condition=~Q(status=Status.RESOLVED) | Q(resolved_at__isnull=False), name="ticket_resolved_has_time"
            ),
            models.CheckConstraint(
                condition=Q(status__in=[Status.PENDING, Status.ON_HOLD], wait_until__isnull=False) & ~Q(wait_reason="")
                | ~Q(status__in=[Status.PENDING, Status.ON_HOLD]) & Q(wait_reason="", wait_until__isnull=True),
                name="ticket_waits_with_reason_and_end",
            ),
            models.CheckConstraint(
                condition=Q(amount__isnull=True) | Q(amount__gte=0), name="ticket_amount_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(rating__isnull=True) | Q(rating__gte=1, rating__lte=5), name="ticket_rating_1_to_5"
            ),
            models.CheckConstraint(condition=~Q(merged_into=F("id")), name="ticket_not_merged_into_itself"),
            models.UniqueConstraint(
                fields=["source", "external_id"], condition=~Q(external_id=""), name="ticket_external_id_once"
            ),
        ]
        indexes = [
            # The queue and its views: one partial index per way it is walked.
            models.Index(fields=["due_at", "id"], condition=Q(status__in=OPEN_STATES), name="ticket_queue"),
            models.Index(
                fields=["merchant", "due_at", "id"], condition=Q(status__in=OPEN_STATES), name="ticket_queue_merchant"
            ),
            models.Index(
                fields=["team", "due_at", "id"], condition=Q(status__in=OPEN_STATES), name="ticket_queue_team"
            ),
            models.Index(
                fields=["assignee", "due_at", "id"], condition=Q(status__in=OPEN_STATES), name="ticket_queue_assignee"
            ),
            models.Index(
                fields=["due_at", "id"],
                condition=Q(status__in=OPEN_STATES, assignee__isnull=True),
                name="ticket_queue_nobody",
            ),
            models.Index(
                fields=["category", "due_at", "id"], condition=Q(status__in=OPEN_STATES), name="ticket_queue_category"
            ),
            models.Index(
                fields=["priority", "due_at", "id"], condition=Q(status__in=OPEN_STATES), name="ticket_queue_priority"
            ),
            models.Index(
                fields=["status", "due_at", "id"], condition=Q(status__in=OPEN_STATES), name="ticket_queue_status"
            ),
            models.Index(
                fields=["channel", "due_at", "id"], condition=Q(status__in=OPEN_STATES), name="ticket_queue_channel"
            ),
            models.Index(fields=["opened_at"], condition=Q(status__in=OPEN_STATES), name="ticket_oldest"),
            models.Index(
                fields=["last_message_at", "id"],
                condition=Q(status__in=OPEN_STATES, last_author_kind="customer"),
                name="ticket_customer_spoke",
            ),
            models.Index(
                fields=["merchant", "last_message_at", "id"],
                condition=Q(status__in=OPEN_STATES, last_author_kind="customer"),
                name="ticket_customer_spoke_shop",
            ),
            models.Index(
                fields=["due_at", "id"], condition=Q(status__in=OPEN_STATES, is_safety=True), name="ticket_queue_safety"
            ),
            # Everything, newest first; and a shop's own.
            models.Index(fields=["-opened_at", "-id"], name="ticket_newest"),
            models.Index(fields=["merchant", "-opened_at", "-id"], name="ticket_newest_merchant"),
            models.Index(fields=["wait_until"], condition=Q(wait_until__isnull=False), name="ticket_wait_ends"),
            models.Index(fields=["resolved_at"], condition=Q(status=Status.RESOLVED), name="ticket_to_close"),
            models.Index(fields=["-id"], condition=Q(origin="import"), name="ticket_imported"),
            models.Index(fields=["order_number"], condition=~Q(order_number=""), name="ticket_order_number"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def is_closed(self) -> bool:
        return self.status == Status.CLOSED

    @property
    def is_silent(self) -> bool:
        """Nobody is told anything about this case: it is history from elsewhere."""
        return self.origin == Origin.IMPORT

    def is_late(self, at: datetime) -> bool:
        return self.status in OPEN_STATES and self.due_at < at

    def is_at_risk(self, at: datetime) -> bool:
        return self.status in OPEN_STATES and self.warn_at <= at <= self.due_at
