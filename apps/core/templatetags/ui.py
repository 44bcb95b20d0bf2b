"""How things look in a template: numbers, moments, statuses, icons. Formatting only."""

from datetime import datetime
from typing import Any, Literal

from django import template
from django.forms import BoundField, CheckboxInput, CheckboxSelectMultiple
from django.template import Context
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from apps.core.icons import ICONS

register = template.Library()

MISSING = "–"  # for None, and for "", which is what a template makes of a name it cannot find
STATUS_CLASSES = {
    "pending": "badge-neutral",
    "validating_files": "badge-info is-live",
    "queued": "badge-info is-live",
    "running": "badge-info is-live",
    "checking": "badge-info is-live",
    "streaming": "badge-info is-live",
    "starting": "badge-info is-live",
    "stopping": "badge-info is-live",
    "active": "badge-success",
    "succeeded": "badge-success",
    "ready": "badge-success",
    "complete": "badge-success",
    "cancelled": "badge-neutral",
    "stopped": "badge-neutral",
    "paused": "badge-warning",
    "invalid": "badge-warning",
    "mapping": "badge-warning",
    "failed": "badge-error",
}


@register.filter
def or_dash(value: object) -> object:
    """Show what is missing as a dash, never as 0."""
    return MISSING if value is None or value == "" else value


@register.filter
def duration(seconds: float | Literal[""] | None) -> str:
    """Say a length of time in its two largest units: 72 becomes "1 min 12 s"."""
    if seconds is None or seconds == "":
        return MISSING
    minutes, rest = divmod(max(0, round(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    if days:
        return _("%(days)d d %(hours)d h") % {"days": days, "hours": hours}
    if hours:
        return _("%(hours)d h %(minutes)d min") % {"hours": hours, "minutes": minutes}
    if minutes:
        return _("%(minutes)d min %(seconds)d s") % {"minutes": minutes, "seconds": rest}
    return _("%(seconds)d s") % {"seconds": rest}


@register.filter
def latency(milliseconds: float | Literal[""] | None) -> str:
    """Say a short time: 640 ms, 1.3 s; a dash when it was not measured."""
    if milliseconds is None or milliseconds == "":
        return MISSING
    if milliseconds < 1000:
        return _("%d ms") % milliseconds
    return _("%.1f s") % (milliseconds / 1000)


@register.filter
def age(moment: datetime | Literal[""] | None) -> str:
    """Say how long ago a moment was, in its largest unit."""
    if moment is None or moment == "":
        return MISSING
    seconds = max(0, round((timezone.now() - moment).total_seconds()))
    for size, words in (
        (86_400, _("%(count)d d ago")),
        (3_600, _("%(count)d h ago")),
        (60, _("%(count)d min ago")),
        (1, _("%(count)d s ago")),
    ):
        if seconds >= size:
            return words % {"count": seconds // size}
    return _("just now")


@register.filter
def usd(amount: float | Literal[""] | None) -> str:
    """Show US dollars; less than a cent says so, nothing known is a dash."""
    if amount is None or amount == "":
        return MISSING
    if 0 < amount < 0.01:
        return "< $0.01"
    return f"${amount:,.2f}"


@register.filter
def compact(number: float | Literal[""] | None) -> str:
    """Shorten a count: 12 345 becomes 12.3k."""
    if number is None or number == "":
        return MISSING
    for size, unit in ((1_000_000_000, "B"), (1_000_000, "M"), (1_000, "k")):
        if abs(number) >= size:
            return f"{number / size:.1f}".removesuffix(".0") + unit
    return f"{number:g}"


@register.filter
def status_class(status: str) -> str:
    """Return the badge's colour. A status nobody has heard of is neutral."""
    return STATUS_CLASSES.get(status, "badge-neutral")


@register.simple_tag
def icon(name: str) -> SafeString:
    """Draw one of our icons. It is decoration: the words beside it say what it means."""
    return format_html(
        '<svg class="icon" viewBox="0 0 24 24" fill="none" stroke="currentColor" '
        'stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">'
        '<path d="{}"/></svg>',
        ICONS[name],
    )


@register.simple_tag(takes_context=True)
def current_page(context: Context, url: str) -> str | SafeString:
    """Mark the navigation link whose section is open."""
    path = context["request"].path
    is_current = path == url if url in {"", "/"} else path.startswith(url)
    return SafeString(' aria-current="page"') if is_current else ""


@register.filter
def is_checkbox(field: BoundField) -> bool:
    """True when the label belongs behind the control."""
    return isinstance(field.field.widget, CheckboxInput)


@register.filter
def control(field: BoundField) -> SafeString:
    """Render the field's control with our classes, tied to its help and its errors."""
    widget = field.field.widget
    kind = CONTROL_CLASSES.get(getattr(widget, "input_type", type(widget).__name__), "input")
    if isinstance(widget, CheckboxSelectMultiple):
        kind = ""  # as with radio buttons, drawn by the style sheet
    classes = [kind, f"{kind}-error" if field.errors else "", widget.attrs.get("class", "")]
    attrs: dict[str, Any] = {"class": " ".join(filter(None, classes))} if kind else {}
    described = [f"{field.auto_id}_helptext"] if field.help_text else []
    described += [f"{field.auto_id}_error"] if field.errors else []
    if described:
        attrs["aria-describedby"] = " ".join(described)
    return field.as_widget(attrs=attrs)


CONTROL_CLASSES = {
    "checkbox": "checkbox",
    "file": "file-input",
    "range": "range",
    "select": "select",
    "radio": "",  # drawn by the style sheet: a group is more than its buttons
    "Textarea": "textarea",
}
