"""Where providers call."""

from django.urls import path

from apps.jobs.views import hooks

app_name = "hooks"
urlpatterns = [path("<uuid:connection_id>/", hooks.receive, name="receive")]
