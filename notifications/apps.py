from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NotificationsConfig(AppConfig):
    name = "notifications"
    verbose_name = _("Notifications")

    def ready(self) -> None:
        # Each registers itself: who listens, the bell and the failed deliveries of a case, what is overdue.
        from notifications import health, navigation, panels, receivers, timeline  # noqa: F401
