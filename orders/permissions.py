"""Who may do what with orders. What a person sees is confined to their shops: Order.objects.visible_to."""

from __future__ import annotations

from accounts.permissions import READERS, SERVICE, STEERING, Permissions

PERMISSIONS = Permissions(
    {
        "see_orders": READERS,
        # A shop's own system signs in as staff confined to that shop; for all shops it takes a manager.
        "push_orders": STEERING,
        "push_own_orders": SERVICE,
    }
)
may = PERMISSIONS.may
