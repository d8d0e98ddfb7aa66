from accounts.models.customers import Customer
from accounts.models.events import AccountEvent
from accounts.models.organisation import Mode, Organisation, PrivacyNotice
from accounts.models.teams import Merchant, Team
from accounts.models.tokens import ApiToken, SetupLink
from accounts.models.users import STAFF, Role, User

__all__ = [
    "STAFF",
    "AccountEvent",
    "ApiToken",
    "Customer",
    "Merchant",
    "Mode",
    "Organisation",
    "PrivacyNotice",
    "Role",
    "SetupLink",
    "Team",
    "User",
]
