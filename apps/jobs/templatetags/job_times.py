"""How long a training should take, where earlier jobs of the workspace can tell."""

from django import template
from django.utils.translation import gettext as _

from apps.core.templatetags.ui import duration
from apps.jobs.money import paces

register = template.Library()


@register.simple_tag
def earlier_paces(workspace_id: int) -> dict[str, paces.Pace]:
    """Return how fast each base model was trained here; for `training_time`."""
    return paces.of_workspace(workspace_id)


@register.simple_tag
def training_time(known: dict[str, paces.Pace], model: str, tokens: int | None) -> str:
    """Show the shortest and longest time to expect; – where no earlier job tells."""
    pace = known.get(model)
    return time_range(pace.seconds(tokens)) if pace and tokens else "–"


@register.filter
def time_range(seconds: tuple[float, float]) -> str:
    """Show `≈ 40 s`, or `≈ 40 s to 2 min` where earlier jobs differ."""
    shortest, longest = map(duration, seconds)
    if shortest == longest:
        return f"≈ {longest}"
    words = _("≈ %(shortest)s to %(longest)s")
    return words % {"shortest": shortest, "longest": longest}
