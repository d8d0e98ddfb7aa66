"""Who may do what about messages."""

from __future__ import annotations

from accounts.permissions import ADMINS, READERS, SERVICE, Permissions

PERMISSIONS = Permissions(
    {
        "see_notices": READERS,
        "see_outbox": ADMINS,
        "see_sink": ADMINS,
        # Whoever works a case may send again what did not reach its customer.
        "retry_delivery": SERVICE,
    }
)
may = PERMISSIONS.may
