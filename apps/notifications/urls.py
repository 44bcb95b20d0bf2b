"""Addresses of notifications."""

from django.urls import path

from apps.notifications.views import inbox, webhooks

app_name = "notifications"
urlpatterns = [
    path("", inbox.notification_list, name="list"),
    path("unread/", inbox.unread, name="unread"),
    path("seen/", inbox.mark_seen, name="mark_seen"),
    path("emails/", inbox.emails, name="emails"),
    path("webhooks/", webhooks.webhook_list, name="webhooks"),
    path("webhooks/<uuid:webhook_id>/", webhooks.webhook_detail, name="webhook"),
    path("webhooks/<uuid:webhook_id>/trial/", webhooks.webhook_trial, name="trial"),
    path("webhooks/<uuid:webhook_id>/delete/", webhooks.webhook_delete, name="delete"),
    path("webhooks/<uuid:webhook_id>/<uuid:delivery_id>/again/", webhooks.send_again, name="again"),
]
