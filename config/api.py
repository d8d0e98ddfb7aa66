"""The addresses under /api/v1/. Each app's api.py offers `urlpatterns` (paths or router.urls) without that prefix."""

from importlib.util import find_spec

from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

APPS = ["calendars", "accounts", "orders", "tickets", "sla", "notifications"]

urlpatterns = [
    path("schema/", SpectacularAPIView.as_view(), name="api-schema"),
    path("docs/", SpectacularSwaggerSplitView.as_view(url_name="api-schema"), name="api-docs"),
    *(path("", include(f"{app}.api")) for app in APPS if find_spec(f"{app}.api")),
]
