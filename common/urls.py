from django.urls import path

from common import preferences, styleguide

app_name = "common"

urlpatterns = [
    path("preferences/", preferences.choose, name="preferences"),
    path("styleguide/", styleguide.sheet, name="styleguide"),
]
