"""Whose contact somebody may ask for: that of a customer whose case they may see."""

from __future__ import annotations

from accounts.models import User
from accounts.sight import case_sight
from tickets.models import Ticket


@case_sight
def sees_case(user: User, customer_id: int, ticket_number: str) -> bool:
    return Ticket.objects.visible_to(user).filter(number=ticket_number, customer_id=customer_id).exists()
