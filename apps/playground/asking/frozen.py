"""What a reply is asked with, kept as it was when its prompt was sent (pure)."""

from typing import Any

from apps.playground.models import ChatSettings, Column
from apps.playground.schemas import PLAIN_NAME


def settings_of(column: Column, sample: int) -> dict[str, Any]:
    """Return the settings of one answer, in the words and shapes of a ChatRequest.

    And the separator, for models that only complete prompts.

    Only what is set, and always the system prompt: a row without it is older than this. With a
    seed every sample gets its own, so that they differ and can be repeated.
    """
    chosen = column.settings
    told = {
        "temperature": chosen.temperature,
        "top_p": chosen.top_p,
        "max_tokens": chosen.max_tokens,
        "seed": None if chosen.seed is None else chosen.seed + sample,
        "stop": chosen.stop,
        "response_format": response_format(chosen),
        "tools": chosen.tools,
        "top_logprobs": chosen.top_logprobs,
        "separator": chosen.separator,
    }
    is_set = {name: value for name, value in told.items() if value not in (None, [], "")}
    return {"system_prompt": chosen.system_prompt, **is_set}


def response_format(chosen: ChatSettings) -> dict[str, Any] | None:
    """Return in which form the answer is asked for, in OpenAI's shape; None for plain text."""
    if not chosen.response_format:
        return None
    if chosen.response_format != ChatSettings.ResponseFormat.SCHEMA:
        return {"type": chosen.response_format}
    name = chosen.schema_name or PLAIN_NAME
    asked = {"name": name, "schema": chosen.schema, "strict": chosen.is_strict}
    return {"type": "json_schema", "json_schema": asked}


def for_sample(settings: dict[str, Any], before: int, sample: int) -> dict[str, Any]:
    """Return the settings of answer number `before`, as they are for another one."""
    if "seed" not in settings:
        return dict(settings)
    return {**settings, "seed": settings["seed"] - before + sample}
