"""How settings and measures are named in the table of a sweep."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django import template
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.core.templatetags.ui import MISSING
from apps.providers.profiles.hyperparameter_words import WORDS
from apps.sweeps.models import Trial

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

register = template.Library()
MOST_COMPARED = 8
MEASURES: dict[str, "StrPromise"] = {
    "full_valid_loss": gettext_lazy("Loss, whole validation file"),
    "valid_loss": gettext_lazy("Loss, validation batch"),
    "train_loss": gettext_lazy("Loss, training"),
    "full_valid_mean_reward": gettext_lazy("Reward, whole validation file"),
    "valid_reward_mean": gettext_lazy("Reward, validation"),
    "train_mean_reward": gettext_lazy("Reward, training"),
}


@register.filter
def setting_name(name: str) -> str:
    """Return what people call a setting."""
    words = WORDS.get(name)
    return str(words[0]) if words else name


@register.filter
def setting_value(value: object) -> str:
    """Show a tried value."""
    if value is None:
        return MISSING
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if value == "auto":
        return _("automatic")
    return f"{value:g}" if isinstance(value, float) else str(value)


@register.filter
def measure_name(name: str) -> str:
    """Return what people call a measure."""
    return str(MEASURES.get(name, name))


@register.simple_tag
def compare_address(trials: Sequence[Trial]) -> str:
    """Return the page that lays the curves of these trials over each other."""
    ids = [str(trial.job.public_id) for trial in trials if trial.job][:MOST_COMPARED]
    return f"{reverse('jobs:compare')}?jobs={','.join(ids)}"
