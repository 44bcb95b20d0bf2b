"""Connections."""

from django.urls import path

from apps.providers import override_views, views, webhook_views

app_name = "providers"
urlpatterns = [
    path("", views.connection_list, name="list"),
    path("new/", views.connection_create, name="create"),
    path("kind/", views.connection_kind, name="kind"),
    path("facts/<slug:profile>/", override_views.provider_facts, name="facts"),
    path("<uuid:connection_id>/", views.connection_detail, name="detail"),
    path("<uuid:connection_id>/test/", views.connection_test, name="test"),
    path("<uuid:connection_id>/forget-refusal/", views.forget_refusal, name="forget_refusal"),
    path("<uuid:connection_id>/delete/", views.connection_delete, name="delete"),
    path("<uuid:connection_id>/webhook/", webhook_views.connection_webhook, name="webhook"),
    path("<uuid:connection_id>/models/", views.connection_models, name="models"),
]
