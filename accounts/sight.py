"""Who may know of a customer is decided by their cases, which live in an app above this one: that app answers here.

@sight.case_sight
def sees_case(user, customer_id, ticket_number) -> bool: ...
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from accounts.models import User

CaseSight = Callable[["User", int, str], bool]
_answers: dict[str, CaseSight] = {}


def case_sight(function: CaseSight) -> CaseSight:
    """Decorate the function that knows whether this person may see this case, and whether it is this customer's."""
    _answers[f"{function.__module__}.{function.__qualname__}"] = function
    return function


def sees_customer(user: User, customer_id: int, ticket_number: str) -> bool:
    """Whether any app vouches for it; without one, nobody sees anybody."""
    return any(answer(user, customer_id, ticket_number) for answer in _answers.values())
