"""The verbs of people, teams, shops and the organisation: the only writers of this app's tables."""

from accounts.actions.contacts import RevealedContact, RevealReason, forget_customers, reveal_contact
from accounts.actions.organisation import publish_notice, save_merchant, save_organisation, save_team
from accounts.actions.people import (
    change_person,
    change_profile,
    choose_preferences,
    create_person,
    deactivate_person,
    reactivate_person,
    sign_up,
)
from accounts.actions.setup import first_admin, make_setup_link, open_product, setup_link
from accounts.actions.tokens import make_token, revoke_token

__all__ = [
    "RevealReason",
    "RevealedContact",
    "change_person",
    "change_profile",
    "choose_preferences",
    "create_person",
    "deactivate_person",
    "first_admin",
    "forget_customers",
    "make_setup_link",
    "make_token",
    "open_product",
    "publish_notice",
    "reactivate_person",
    "reveal_contact",
    "revoke_token",
    "save_merchant",
    "save_organisation",
    "save_team",
    "setup_link",
    "sign_up",
]
