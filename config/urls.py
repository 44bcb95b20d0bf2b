"""Mounts each app under its prefix."""

from django.urls import include, path

urlpatterns = [
    path("", include("apps.home.urls")),
    path("", include("apps.accounts.urls")),
    path("connections/", include("apps.providers.urls")),
    path("datasets/", include("apps.datasets.urls")),
    path("hooks/", include("apps.jobs.hook_urls")),
    path("jobs/sweeps/", include("apps.sweeps.urls")),
    path("jobs/", include("apps.jobs.urls")),
    path("notifications/", include("apps.notifications.urls")),
    path("models/", include("apps.library.urls")),
    path("evals/", include("apps.evals.urls")),
    path("playground/", include("apps.playground.urls")),
]
