"""Strings too long for a text area: they stay on the server, a mark stands for each (pure).

The mark names the string by its hash, so it can be moved to another message, or twice into one,
and is put back from the row that the person opened, whatever happened to the form in between.
"""

import re
from collections.abc import Callable, Iterable
from hashlib import blake2b
from typing import Any

LONGEST_TEXT = 250_000
LONGEST_DATA_URL = 2_000
SHOWN_CHARACTERS = 40
MARK = re.compile(r"\[kept [0-9a-f]{16}: [^\]]*\]")


class NotKept(Exception):
    """A mark for which there is no string."""


def fold(value: Any) -> Any:
    """Put a mark in the place of every string that is too long."""
    return _mapped(value, lambda text: _mark(text) if is_long(text) else text)


def fold_known(value: Any, source: Any) -> Any:
    """Put a mark in the place of every long string that the source has too."""
    known = {text for text in _strings(source) if is_long(text)}
    return _mapped(value, lambda text: _mark(text) if text in known else text)


def unfold(value: Any, sources: Iterable[Any]) -> Any:
    """Put the strings back; NotKept when a mark belongs to none of the sources."""
    if not has_marks(value):
        return value
    kept: dict[str, str] = {}
    for text in _strings(list(sources)):
        if is_long(text):
            kept[_mark(text)] = text
        else:
            kept.update((mark, mark) for mark in MARK.findall(text))  # a row that really says so
    return _mapped(value, lambda text: MARK.sub(lambda mark: _back(mark[0], kept), text))


def has_marks(value: Any) -> bool:
    """True when there is something to put back."""
    return any(MARK.search(text) for text in _strings(value))


def is_long(text: str) -> bool:
    """True for a string that no text area should hold."""
    return len(text) > (LONGEST_DATA_URL if text.startswith("data:") else LONGEST_TEXT)


def _back(mark: str, kept: dict[str, str]) -> str:
    if mark not in kept:
        raise NotKept(mark)
    return kept[mark]


def _mark(text: str) -> str:
    digest = blake2b(text.encode(), digest_size=8).hexdigest()
    beginning = re.sub(r"[\]\s]", " ", text[:SHOWN_CHARACTERS]).strip()
    beginning = "".join(sign for sign in beginning if sign.isprintable())
    return f"[kept {digest}: {len(text):,} characters, {beginning}…]"


def _mapped(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, list):
        return [_mapped(item, change) for item in value]
    if isinstance(value, dict):
        return {key: _mapped(item, change) for key, item in value.items()}
    return value


def _strings(value: Any) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | dict):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _strings(item)
