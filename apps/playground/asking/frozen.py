"""What a reply is asked with, kept as it was when its prompt was sent (pure)."""

from typing import Any

from apps.playground.models import Column


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
        "response_format": {"type": chosen.response_format} if chosen.response_format else None,
        "tools": chosen.tools,
        "top_logprobs": chosen.top_logprobs,
        "separator": chosen.separator,
    }
    is_set = {name: value for name, value in told.items() if value not in (None, [], "")}
    return {"system_prompt": chosen.system_prompt, **is_set}


def for_sample(settings: dict[str, Any], before: int, sample: int) -> dict[str, Any]:
    """Return the settings of answer number `before`, as they are for another one."""
    if "seed" not in settings:
        return dict(settings)
    return {**settings, "seed": settings["seed"] - before + sample}
