"""Steps for values of the wrong kind, where what was meant is plain (pure)."""

from typing import Any

import orjson
from django.utils.translation import gettext_lazy as _

from apps.datasets.recipes.roles import without
from apps.datasets.recipes.shapes import Data, at_key, each_message, mapped
from apps.datasets.recipes.steps import DataStep, register


@register
class FixTypes(DataStep):
    code = "fix_types"
    title = _("Write values the way they must be written")
    help = _(
        "Numbers become texts where a text belongs, lists of texts become one text, and the "
        "arguments of tool calls become strings of JSON."
    )

    def change(self, data: Data) -> Data:
        for key in ("prompt", "completion"):
            data = at_key(data, key, _text)
        return each_message(data, _message)


def _text(value: Any) -> Any:
    """Numbers as they would be typed; null as nothing; lists of texts line by line."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return orjson.dumps(value).decode()
    if value is None:
        return ""
    is_lines = isinstance(value, list) and all(isinstance(line, str) for line in value)
    return "\n".join(value) if is_lines and value else value


def _message(message: Data) -> Data:
    if message.get("content") is not None:
        message = at_key(message, "content", _content)
    for key in ("tool_calls", "function_call"):
        if key in message and not message[key]:
            message = without(message, key)
    message = at_key(message, "tool_calls", _calls)
    return at_key(message, "function_call", _function)


def _content(value: Any) -> Any:
    if isinstance(value, dict):
        said = value.get("text", value.get("value"))
        return said if isinstance(said, str) and len(value) <= 2 else value
    return _text(value)


def _calls(calls: Any) -> Any:
    return mapped(calls, _call) if isinstance(calls, list) else calls


def _call(call: Any) -> Any:
    if not isinstance(call, dict):
        return call
    if "function" in call and "type" not in call:
        call = {**call, "type": "function"}
    return at_key(call, "function", _function)


def _function(function: Any) -> Any:
    return at_key(function, "arguments", _arguments) if isinstance(function, dict) else function


def _arguments(arguments: Any) -> Any:
    if isinstance(arguments, dict):
        return orjson.dumps(arguments).decode()
    return "{}" if arguments in (None, "") else arguments
