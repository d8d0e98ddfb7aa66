"""Every address of the product. Each app's urls.py spells its whole paths, so that searching for one finds it."""

from importlib.util import find_spec

from django.contrib import admin
from django.urls import include, path

from common.health import healthz, metrics, readyz

APPS = ["common", "calendars", "accounts", "orders", "tickets", "sla", "notifications"]

handler403 = "common.middleware.permission_denied"

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("metrics", metrics, name="metrics"),
    path("admin/", admin.site.urls),
    path("i18n/", include("django.conf.urls.i18n")),
    path("accounts/", include("allauth.urls")),
    path("api/v1/", include("config.api")),
    *(path("", include(f"{app}.urls")) for app in APPS if find_spec(f"{app}.urls")),
]
