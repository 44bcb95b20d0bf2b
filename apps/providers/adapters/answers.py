"""Reads JSON that a stranger wrote, and makes it fit for our columns (pure)."""

import json
from typing import Any

import httpx2
import orjson

from apps.core.storable import storable

NUL = b"\\u0000"


class BrokenOff(httpx2.ReadError):
    """The line was closed before the answer was whole."""


class NotJson(Exception):
    """The bytes cannot be read as JSON, not even leniently."""


def read(content: bytes) -> Any:
    """Parse a whole answer into what can be stored."""
    try:
        value = orjson.loads(content)
    except orjson.JSONDecodeError:
        value = None
    else:
        if NUL not in content:  # of what cannot be stored, strict JSON can only hold this
            return value
    try:
        return storable(_parse_leniently(content) if value is None else value)
    except RecursionError:
        raise NotJson from None


def read_or_text(content: bytes) -> Any:
    """Return what stands in a refusal: JSON, or the words of a page."""
    try:
        return read(content)
    except NotJson:
        return storable(content.decode("utf-8", "replace"))


def parse(content: bytes) -> Any:
    """Parse strictly and fast; what that refuses (NaN, half a character) is parsed leniently."""
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError:
        return _parse_leniently(content)


def _parse_leniently(content: bytes) -> Any:
    try:
        return json.loads(content.decode("utf-8", "replace"))
    except (ValueError, RecursionError):  # ValueError also says that a number has too many digits
        raise NotJson from None
