"""How the playground's facts look. Formatting only."""

from django import template
from django.utils.translation import gettext_lazy

register = template.Library()

FINISH_WORDS = {
    "stop": gettext_lazy("by itself"),
    "length": gettext_lazy("cut off at the longest length"),
    "content_filter": gettext_lazy("by the provider's filter"),
    "tool_calls": gettext_lazy("to call a tool"),
    "function_call": gettext_lazy("to call a tool"),
}


@register.filter
def finish_words(reason: str) -> str:
    """Say why the model ended; a reason nobody has heard of is shown as it is."""
    return str(FINISH_WORDS.get(reason, reason))
