"""Who may do what with a case. The customer of the case is not in this table: tickets/actions ask `is_customer_of`."""

from __future__ import annotations

from accounts.models import Role
from accounts.permissions import ADMINS, LEADING, READERS, SERVICE, STEERING, Permissions

PERMISSIONS = Permissions(
    {
        # reading
        "see_queue": READERS,
        "see_ticket": READERS,
        "search": READERS,
        "download": READERS,
        # working a case
        "open_for_customer": SERVICE,
        "take": SERVICE,
        "assign": SERVICE,
        "reply": SERVICE,
        "note": SERVICE | {Role.FINANCE},
        "add_file": SERVICE | {Role.FINANCE},
        "prioritise": SERVICE,
        "categorise": SERVICE,
        "describe": SERVICE,
        "wait": SERVICE,
        "hold": SERVICE,
        "resume": SERVICE,
        "resolve": SERVICE,
        "close": LEADING,
        "reopen": SERVICE,
        "reopen_closed": LEADING,
        "spam": SERVICE,
        "unspam": SERVICE,
        "escalate": SERVICE,
        "make_link": SERVICE,
        "make_entry_link": SERVICE,
        "revoke_link": SERVICE,
        # settings
        "manage_categories": STEERING,
        "manage_routes": STEERING,
        "import": ADMINS,
    }
)
may = PERMISSIONS.may
