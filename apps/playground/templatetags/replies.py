"""How an answer's facts look: JSON, calls, prices, probabilities. Formatting only."""

import json
from collections.abc import Mapping
from decimal import Decimal

from django import template
from django.utils.translation import gettext as _

from apps.core.templatetags.ui import MISSING
from apps.evals.graders.types import Grade
from apps.playground.models import Reply
from apps.playground.showing import json_view
from apps.playground.showing.following import follows
from apps.playground.showing.json_view import JsonView
from apps.playground.showing.sameness import Same
from apps.playground.showing.snippets import LANGUAGES
from apps.providers.calls import MOST_CALLS

register = template.Library()

NEVER_SENT = {"response_format", "json_schema"}
A_CENT = Decimal("0.01")


@register.simple_tag
def code_languages() -> list[tuple[str, str]]:
    """Return the languages that a request is written in, by address and by name."""
    return [(name, label) for name, (label, _write) in LANGUAGES.items()]


@register.filter
def as_json(text: str) -> JsonView:
    """Read a text as JSON, to show whether it is valid."""
    return json_view.read(text)


@register.filter
def asked_for_json(reply: Reply) -> bool:
    """Whether the model was told to answer in JSON, and has said something."""
    form = reply.settings.get("response_format") or {}
    is_text = form.get("type", "text") == "text"
    is_sent = NEVER_SENT.isdisjoint(reply.left_out)
    return bool(reply.text) and not is_text and is_sent


@register.filter
def schema_grade(reply: Reply) -> Grade | None:
    """Say whether an answer follows the schema that was asked for; None where there was none."""
    form = reply.settings.get("response_format") or {}
    schema = form.get("json_schema", {}).get("schema")
    return follows(json.dumps(schema), reply.text) if schema else None


@register.filter
def calls_not_kept(reply: Reply) -> bool:
    """Whether the model called more than is kept."""
    return len(reply.tool_calls) >= MOST_CALLS


@register.filter
def price(amount: Decimal | None) -> str:
    """Show the price of one answer, which is mostly far less than a cent."""
    if amount is None:
        return MISSING
    if amount == 0:
        return _("Free")
    if amount >= A_CENT:
        return f"${amount:,.3f}"
    return f"${amount:.8f}".rstrip("0") if amount >= Decimal("0.000001") else "< $0.000001"


@register.filter
def per_second(speed: float | None) -> str:
    """Say how fast an answer was written."""
    return MISSING if speed is None else _("%(count).0f tokens/s") % {"count": speed}


@register.filter
def same_in(same: Mapping[int, list[Same]] | None, turn_id: int) -> list[Same]:
    """Return which models answered this prompt with the same text."""
    return (same or {}).get(turn_id, [])
