"""Who may do what, as a table a manager can read: verb -> roles. Each app keeps one of its own verbs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from accounts.models import STAFF, Role

if TYPE_CHECKING:
    from accounts.models import User

#: Staff who work cases. Finance and the auditor read them.
SERVICE = frozenset({Role.AGENT, Role.LEAD, Role.MANAGER, Role.ADMIN})
LEADING = frozenset({Role.LEAD, Role.MANAGER, Role.ADMIN})
STEERING = frozenset({Role.MANAGER, Role.ADMIN})
ADMINS = frozenset({Role.ADMIN})
READERS = STAFF
EVERYONE = frozenset(Role)


class Permissions:
    """A table of verbs; `may(None, verb)` is the system itself, which may do everything."""

    def __init__(self, table: Mapping[str, Iterable[str]]) -> None:
        self.table = {verb: frozenset(roles) for verb, roles in table.items()}

    def may(self, user: User | Any | None, verb: str) -> bool:
        roles = self.table[verb]
        if user is None:
            return True
        return bool(user.is_authenticated and user.is_active and user.role in roles)


PERMISSIONS = Permissions(
    {
        "manage_people": ADMINS,
        "manage_teams": STEERING,
        "manage_merchants": ADMINS,
        "manage_organisation": ADMINS,
        "reveal_contact": SERVICE | {Role.FINANCE, Role.AUDITOR},
        "read_audit": {Role.AUDITOR, Role.ADMIN},
        "publish_notice": ADMINS,
    }
)
may = PERMISSIONS.may
