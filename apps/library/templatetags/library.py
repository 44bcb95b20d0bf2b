"""How the end of a model looks: days left, and how urgent they are. Formatting only."""

from datetime import date

from django import template

from apps.library.models import TunedModel

register = template.Library()

SOON_DAYS = 30
MONTHS_DAYS = 90


@register.filter
def days_left(model: TunedModel, today: date) -> int | None:
    """Return how many days the model still answers; None when nobody knows."""
    return model.days_left(today)


@register.filter
def urgency(days: int | None) -> str:
    """Return the badge's colour for that many days left."""
    if days is None or days > MONTHS_DAYS:
        return "badge-neutral"
    return "badge-warning" if days > SOON_DAYS else "badge-error"
