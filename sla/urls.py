from django.urls import path

from sla import views

app_name = "sla"

urlpatterns = [
    path("sla/", views.dashboard, name="dashboard"),
    path("sla/figures.csv", views.dashboard_csv, name="dashboard_csv"),
    path("sla/missed/", views.missed, name="missed"),
    path("breaches/", views.breaches, name="breaches"),
    path("breaches/<int:pk>/acknowledge/", views.acknowledge, name="acknowledge"),
    path("breaches/<int:pk>/set-promise/", views.set_promise, name="set_promise"),
    path("promise/", views.promise, name="promise"),
    path("promise/<int:number>/", views.promise, name="promise_version"),
]
