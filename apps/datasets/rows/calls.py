"""Calls of tools as one text: the same call is the same text, whoever wrote it (pure).

A list of `{"arguments": …, "name": …}` as JSON, keys in order, without spaces. Arguments that are
no JSON stay the text that they are. What is said beside a call is no part of it.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import orjson

Call = tuple[str, str]  # name, and arguments as they were written


def calls_of(message: Mapping[str, Any]) -> list[Call]:
    """Return the calls of a message, also of the older kind."""
    told = message.get("tool_calls")
    listed = [each.get("function") for each in _dicts(told if isinstance(told, list) else ())]
    functions = _dicts([*listed, message.get("function_call")])
    return [
        (str(each["name"]), _written(each.get("arguments")))
        for each in functions
        if each.get("name")
    ]


def as_text(calls: Iterable[Call]) -> str:
    """Return calls as the text that is compared."""
    return _dumped((name, _read(arguments)) for name, arguments in calls)


def in_text(text: str) -> list[Call]:
    """Return the calls that a text is, to be shown; none where it is any other text."""
    if not text.startswith("[{"):
        return []
    found = _read(text)
    if not isinstance(found, list) or not all(map(_is_call, found)):
        return []
    return [(call["name"], _written(call["arguments"])) for call in found]


def _is_call(value: Any) -> bool:
    is_one = isinstance(value, dict) and value.keys() == {"name", "arguments"}
    return is_one and isinstance(value["name"], str)


def _dumped(calls: Iterable[tuple[str, Any]]) -> str:
    told = [{"name": name, "arguments": arguments} for name, arguments in calls]
    return orjson.dumps(told, option=orjson.OPT_SORT_KEYS).decode()


def _read(text: str) -> Any:
    """Read JSON; what is none, or is nested too deep to be written again, stays text."""
    try:
        read = orjson.loads(text)
        _dumped([("", read)])
    except (orjson.JSONDecodeError, orjson.JSONEncodeError):
        return text
    return read


def _written(arguments: Any) -> str:
    if isinstance(arguments, str):
        return arguments
    try:
        return "" if arguments is None else orjson.dumps(arguments).decode()
    except orjson.JSONEncodeError:  # a row so deep is wrong, and says so elsewhere
        return ""


def _dicts(values: Iterable[Any]) -> list[dict[str, Any]]:
    return [each for each in values if isinstance(each, dict)]
