"""How the playground's facts look. Formatting only."""

import json
from collections.abc import Mapping
from itertools import groupby
from typing import Any
from uuid import UUID, uuid4

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy

from apps.playground import blind, parameters
from apps.playground.choices import Picker
from apps.playground.forms.settings import SettingsForm
from apps.playground.models import ChatSettings, Reply, Turn
from apps.providers.profiles import Profile, chat_parameters, profile_for

register = template.Library()

TOLD_ELSEWHERE = {"system_prompt", "schema", "schema_name", "is_strict"}
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


@register.filter
def stacks(turn: Turn) -> list[list[Reply]]:
    """Return the replies by column, from left to right; of each column its samples."""
    columns = groupby(blind.sides(turn), lambda reply: reply.column_id)
    return [sorted(each, key=lambda reply: reply.sample) for _column, each in columns]


@register.filter
def parameter_facts(settings: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Name the parameters that are set; the system prompt is shown by itself."""
    fields = SettingsForm.base_fields
    return [
        (str(fields[name].label), _parameter_words(name, value))
        for name, value in settings.items()
        if name in fields and name not in TOLD_ELSEWHERE and value not in (None, "", [])
    ]


def _parameter_words(name: str, value: Any) -> str:
    if name == "stop":
        return ", ".join(map(parameters.escaped, value))
    if name == "tools":
        return ", ".join(each["function"]["name"] for each in value)
    if name == "response_format":
        return str(ChatSettings.ResponseFormat(value).label)
    return str(value)


@register.simple_tag
def model_facts(picker: Picker) -> SafeString:
    """Tell the page's script which parameters models refuse, and which only complete prompts."""
    if picker.connection is None:
        return SafeString("")
    profile = profile_for(picker.connection.profile)
    models = [picker.selected, *(picker.choices.ids if picker.choices else [])]
    refused = {each: _refused(profile, each) for each in models}
    legacy = [each for each in models if chat_parameters.is_legacy(profile, each)]
    told = (json.dumps({name: each for name, each in refused.items() if each}), json.dumps(legacy))
    return format_html(' data-refuses="{}" data-legacy="{}"', *told)


def _refused(profile: Profile, model: str) -> list[str]:
    return sorted(chat_parameters.PARAMETERS - chat_parameters.taken(profile, model))


@register.filter
def escaped(text: str) -> str:
    """Write out line breaks and tabs."""
    return parameters.escaped(text)


@register.simple_tag
def fresh_token() -> UUID:
    """Return what makes a double click one wish."""
    return uuid4()
