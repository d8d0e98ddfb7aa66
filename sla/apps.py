from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SlaConfig(AppConfig):
    name = "sla"
    verbose_name = _("Promises")

    def ready(self) -> None:
        from common import health
        from sla import navigation, panels, receivers, timeline, told, waiting  # noqa: F401 - each fills its registry

        health.watch("sweep", waiting.oldest_unrecorded)
        health.watch("workflow", waiting.oldest_step)
