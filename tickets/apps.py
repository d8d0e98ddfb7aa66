from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TicketsConfig(AppConfig):
    name = "tickets"
    verbose_name = _("Cases")

    def ready(self) -> None:
        # Each registers itself: who may know of a customer, the navigation, what stands in every staff header.
        from tickets import navigation, panels, sight  # noqa: F401
