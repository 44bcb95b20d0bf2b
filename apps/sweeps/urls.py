"""Addresses of sweeps."""

from django.urls import path

from apps.sweeps.views import creating, watching

app_name = "sweeps"
urlpatterns = [
    path("", watching.sweep_list, name="list"),
    path("new/", creating.sweep_create, name="create"),
    path("fields/", creating.sweep_fields, name="fields"),
    path("estimate/", creating.sweep_estimate, name="estimate"),
    path("<uuid:sweep_id>/", watching.sweep_detail, name="detail"),
    path("<uuid:sweep_id>/stop/", watching.sweep_stop, name="stop"),
]
