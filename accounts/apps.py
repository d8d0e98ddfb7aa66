from functools import partial
from typing import Any

from django.apps import AppConfig
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("People")

    def ready(self) -> None:
        from accounts import context
        from accounts.actions import choose_preferences
        from accounts.permissions import may
        from common import navigation, preferences

        def may_do(verb: str, user: Any) -> bool:
            return may(user, verb)

        preferences.keeper(choose_preferences)
        for name, icon, page, verb, order in (
            (_("People"), "user", "people", "manage_people", 10),
            (_("Teams"), "users", "teams", "manage_teams", 20),
            (lazy(context.merchant_words, str)(), "building-store", "merchants", "manage_merchants", 30),
            (_("Organisation"), "settings", "organisation", "manage_organisation", 40),
            (_("Audit"), "shield-check", "audit", "read_audit", 90),
        ):
            navigation.add(
                name,
                icon,
                f"accounts:{page}",
                may=partial(may_do, verb),
                order=order,
                group="people",
                covers=COVERS.get(page, ()),
            )


COVERS = {
    "people": ("accounts:person", "accounts:new_person"),
    "teams": ("accounts:team", "accounts:new_team"),
    "merchants": ("accounts:merchant", "accounts:new_merchant"),
    "organisation": ("accounts:notice",),
}
