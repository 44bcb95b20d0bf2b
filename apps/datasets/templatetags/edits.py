"""How unsaved changes look in a list of rows. Formatting only."""

from django import template

from apps.datasets.editing.changes import Pending

register = template.Library()


@register.filter
def mark_of(pending: Pending | None, number: int) -> str:
    """Return what somebody did to this row: "edited", "left_out" or nothing."""
    return pending.marks.get(number, "") if pending else ""
