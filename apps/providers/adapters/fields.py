"""Reads single fields of JSON that a stranger wrote: what is missing or strange is none (pure)."""

import hashlib
import json
import math
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from apps.core.storable import storable

LARGEST = 10**300

Object = Mapping[str, Any]


def is_number(value: Any) -> bool:
    """Say whether this is a finite number; JSON may hold whole ones that no float can."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return abs(value) <= LARGEST if isinstance(value, int) else math.isfinite(value)


def number(value: Any) -> float | None:
    return float(value) if is_number(value) else None


def numbers(value: Any) -> dict[str, float]:
    """Return the numbers of an object by their names; what is none is left out."""
    return {name: float(each) for name, each in object_in(value).items() if is_number(each)}


def whole(value: Any) -> int | None:
    return int(value) if is_number(value) and abs(value) < 2**63 else None


def count(value: Any) -> int | None:
    """Return a whole number that is not negative."""
    found = whole(value)
    return found if found is not None and found >= 0 else None


def string(value: Any) -> str:
    return storable(value) if isinstance(value, str) else ""


def text(value: Any, longest: int) -> str:
    """Return what fits into a column of this size."""
    return str(value)[:longest] if isinstance(value, str | int) else ""


def object_in(value: Any) -> Object:
    return value if isinstance(value, dict) else {}


def items(value: Any) -> Iterable[Any]:
    return value if isinstance(value, list) else ()


def objects(value: Any) -> list[Object]:
    """Return the objects of a list; anything else in it is left out."""
    return [item for item in items(value) if isinstance(item, dict)]


def seconds_moment(value: Any) -> datetime | None:
    """Return Unix seconds as a moment; 0 and nonsense are none."""
    if not is_number(value) or value <= 0:
        return None
    try:
        return datetime.fromtimestamp(value, UTC)
    except (OverflowError, ValueError, OSError):
        return None


def iso_moment(value: Any) -> datetime | None:
    """Return an ISO 8601 text as a moment; without a zone it is taken as UTC."""
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
        aware = moment.replace(tzinfo=moment.tzinfo or UTC) if moment else None
        return aware.astimezone(UTC) if aware else None
    except (ValueError, OverflowError):
        return None


def content_id(item: Any) -> str:
    """Return an id made of the content, for what has none of its own."""
    canonical = json.dumps(item, sort_keys=True, default=str)
    return "content-" + hashlib.sha256(canonical.encode()).hexdigest()[:40]
