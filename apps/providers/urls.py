"""Connections."""

from django.urls import path

from apps.providers.views import connections, overrides, webhooks

app_name = "providers"
urlpatterns = [
    path("", connections.connection_list, name="list"),
    path("new/", connections.connection_create, name="create"),
    path("kind/", connections.connection_kind, name="kind"),
    path("facts/<slug:profile>/", overrides.provider_facts, name="facts"),
    path("<uuid:connection_id>/", connections.connection_detail, name="detail"),
    path("<uuid:connection_id>/test/", connections.connection_test, name="test"),
    path("<uuid:connection_id>/forget-refusal/", connections.forget_refusal, name="forget_refusal"),
    path("<uuid:connection_id>/delete/", connections.connection_delete, name="delete"),
    path("<uuid:connection_id>/webhook/", webhooks.connection_webhook, name="webhook"),
    path("<uuid:connection_id>/models/", connections.connection_models, name="models"),
]
