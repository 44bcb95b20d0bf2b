"""The number beside the bell, and what a notification says."""

from django import template
from django.http import HttpRequest

from apps.notifications import services, words
from apps.notifications.models import Notification

register = template.Library()


@register.simple_tag
def unread_count(request: HttpRequest) -> int:
    """Count what the member who looks has not seen yet."""
    membership = getattr(request, "membership", None)
    return services.unread_count(membership) if membership else 0


@register.filter
def words_of(notification: Notification) -> str:
    """Say what happened, in one line."""
    return words.title(notification)
