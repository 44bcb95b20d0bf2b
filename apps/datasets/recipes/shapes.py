"""Where the texts and messages of a row are, whatever its format; all changes are copies (pure)."""

from collections.abc import Callable
from typing import Any

from apps.datasets.check.kinds import OTHER_SPELLINGS, PREFERENCE_KEYS

Data = dict[str, Any]
OUTPUT_KEYS = (*PREFERENCE_KEYS[1:], *OTHER_SPELLINGS)
TEXT_KEYS = ("prompt", "completion")


def each_text(data: Data, change: Callable[[str], str]) -> Data:
    """Change every text that a model reads or writes; the same object when none changes."""
    data = each_message(data, lambda message: in_content(message, change))
    for key in TEXT_KEYS:
        data = at_key(data, key, lambda value: change(value) if isinstance(value, str) else value)
    return data


def each_message(data: Data, change: Callable[[Data], Data]) -> Data:
    """Change every message of a row."""
    return each_list(
        data,
        lambda messages: mapped(messages, lambda m: change(m) if isinstance(m, dict) else m),
    )


def each_list(data: Data, change: Callable[[list[Any]], list[Any]]) -> Data:
    """Change every list of messages: the conversation, and both answers of a preference row."""

    def lists(value: Any) -> Any:
        return change(value) if isinstance(value, list) else value

    data = at_key(data, "messages", lists)
    if "input" in data:
        data = at_key(
            data, "input", lambda v: at_key(v, "messages", lists) if isinstance(v, dict) else v
        )
    for key in OUTPUT_KEYS:
        data = at_key(data, key, lists)
    return data


def in_content(message: Data, change: Callable[[str], str]) -> Data:
    """Change the text of one message, also where it consists of parts."""

    def content(value: Any) -> Any:
        if isinstance(value, str):
            return change(value)
        return mapped(value, part) if isinstance(value, list) else value

    def part(value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        return at_key(value, "text", lambda t: change(t) if isinstance(t, str) else t)

    return at_key(message, "content", content)


def at_key(data: Data, key: str, change: Callable[[Any], Any]) -> Data:
    """Change the value of a key, when it is there and becomes another."""
    if key not in data:
        return data
    value = data[key]
    new = change(value)
    return data if _is_same(value, new) else {**data, key: new}


def mapped(items: list[Any], change: Callable[[Any], Any]) -> list[Any]:
    """Change the items of a list; the same list when none changes."""
    new = [change(item) for item in items]
    return items if all(map(_is_same, items, new)) else new


def _is_same(old: Any, new: Any) -> bool:
    return old is new or (isinstance(old, str) and isinstance(new, str) and old == new)
