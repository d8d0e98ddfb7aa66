"""Who may do what about promises."""

from __future__ import annotations

from accounts.models import Role
from accounts.permissions import LEADING, READERS, Permissions

PERMISSIONS = Permissions(
    {
        "see_clocks": READERS,
        "see_breaches": READERS,
        "see_dashboard": LEADING | {Role.AUDITOR},
        "acknowledge": LEADING,
        "set_promise": LEADING,
    }
)
may = PERMISSIONS.may
