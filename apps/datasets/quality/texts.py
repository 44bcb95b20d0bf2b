"""Every text of a row, found and rewritten by the same walk, so that both always agree (pure).

Arguments of tool calls are JSON inside a string: the walk goes into them, also to their numbers.
"""

import json
from collections.abc import Callable
from typing import Any

DATA_URL = "data:"  # an image; nobody's words
Change = Callable[[str, str, str], str]  # (path, role, text) → text


def rewritten(row: dict[str, Any], change: Change) -> dict[str, Any]:
    """Return the row with every text changed. RecursionError when it is nested too deep."""
    return {key: _value(value, key, "", change) for key, value in row.items()}


def _value(value: Any, path: str, role: str, change: Change) -> Any:
    if isinstance(value, str):
        return value if value.startswith(DATA_URL) else change(path, role, value)
    if isinstance(value, list):
        return [_value(item, f"{path}[{n}]", role, change) for n, item in enumerate(value)]
    if isinstance(value, dict):
        return _object(value, path, role, change)
    return value


def _object(value: dict[str, Any], path: str, role: str, change: Change) -> dict[str, Any]:
    said_by = value.get("role", role)
    role = said_by if isinstance(said_by, str) else role
    result = {}
    for key, item in value.items():
        if key == "role":
            result[key] = item
        elif key == "arguments" and isinstance(item, str):
            result[key] = _arguments(item, f"{path}.{key}", change)
        else:
            result[key] = _value(item, f"{path}.{key}", role, change)
    return result


def _arguments(text: str, path: str, change: Change) -> str:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return change(path, "arguments", text)
    after = _with_numbers(value, path, change)
    if after == value:
        return text
    return json.dumps(after, ensure_ascii="\\u" in text)


def _with_numbers(value: Any, path: str, change: Change) -> Any:
    if isinstance(value, list):
        return [_with_numbers(item, path, change) for item in value]
    if isinstance(value, dict):
        return {key: _with_numbers(item, path, change) for key, item in value.items()}
    if isinstance(value, str):
        return change(path, "arguments", value)
    if isinstance(value, int) and not isinstance(value, bool):
        return _number(value, path, change)
    return value


def _number(value: int, path: str, change: Change) -> Any:
    """A number with something private in it becomes a string, or JSON would break."""
    try:
        text = str(value)
    except ValueError:  # thousands of digits
        return value
    after = change(path, "arguments", text)
    return value if after == text else after


def texts_of(row: dict[str, Any]) -> list[tuple[str, str, str]]:
    """List (path, role, text) of every text in a row."""
    found: list[tuple[str, str, str]] = []

    def note(path: str, role: str, text: str) -> str:
        found.append((path, role, text))
        return text

    rewritten(row, note)
    return found
