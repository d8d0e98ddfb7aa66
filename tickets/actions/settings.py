"""Categories and routes."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from common.errors import Invalid
from tickets import directory
from tickets.actions.steps import allow
from tickets.models import Category, Route


@transaction.atomic
def save_category(category: Category, *, actor: User, **fields: Any) -> Category:
    """Create or change a category. Raises Invalid for a loop or a fourth level."""
    allow(actor, "manage_categories")
    for name, value in fields.items():
        setattr(category, name, value)
    path, above = 1, category.parent
    while above is not None:
        if above.pk == category.pk:
            raise Invalid(_("A category can't stand below itself."), errors={"parent": [_("Choose another place.")]})
        path, above = path + 1, above.parent
    if path + _height(category) > Category.DEPTH:
        message = _("Categories have at most three levels.")
        raise Invalid(message, errors={"parent": [message]})
    category.save()
    transaction.on_commit(directory.forget)
    return category


def _height(category: Category) -> int:
    """How many levels stand below."""
    if category.pk is None:
        return 0
    return max((1 + _height(child) for child in category.children.all()), default=0)


@transaction.atomic
def save_route(*, actor: User, merchant: Any, category: Any, team: Any, lead: Any = None) -> Route:
    """Say which team (and lead) take the cases of a shop and category by default; None means any."""
    allow(actor, "manage_routes")
    route, _made = Route.objects.update_or_create(
        merchant=merchant, category=category, defaults={"team": team, "lead": lead}
    )
    return route


@transaction.atomic
def remove_route(route: Route, *, actor: User) -> None:
    """Take a line away; the next less specific one holds for cases from now on."""
    allow(actor, "manage_routes")
    route.delete()
