"""Vectors of texts: OpenAI's JSON in, numbers out. Nothing is believed (pure)."""

import math
from array import array
from collections.abc import Iterator, Sequence
from typing import Any

from apps.providers.adapters.fields import Object, count, items, object_in

MOST_NUMBERS = 65_536
MOST_BYTES = 200_000  # of texts in one request: OpenAI takes 300,000 tokens

Vector = Sequence[float]


def parts(texts: Sequence[str], most: int) -> Iterator[Sequence[str]]:
    """Yield the texts in the parts in which they are asked for; a long one goes alone."""
    part: list[str] = []
    size = 0
    for text in texts:
        length = len(text.encode("utf-8", "replace"))
        if part and (len(part) == most or size + length > MOST_BYTES):
            yield part
            part, size = [], 0
        part.append(text)
        size += length
    if part:
        yield part


def vectors(answer: Object, texts: int) -> list[Vector] | None:
    """Return one vector for each text, in their order; None when the answer has others."""
    told = [object_in(item) for item in items(answer.get("data"))]
    if len(told) != texts:
        return None
    ordered = _in_order(told)
    found = [_vector(item.get("embedding")) for item in ordered]
    sound = [each for each in found if each]
    is_even = len({len(each) for each in sound}) <= 1
    return sound if len(sound) == texts and is_even else None


def prompt_tokens(answer: Object) -> int | None:
    return count(object_in(answer.get("usage")).get("prompt_tokens"))


def _in_order(told: list[Object]) -> list[Object]:
    """Sort by index; where nobody told one, the order is that of the answer."""
    by_index = {item.get("index"): item for item in told if count(item.get("index")) is not None}
    if not by_index and not any("index" in item for item in told):
        return told
    return [by_index.get(place, {}) for place in range(len(told))]


def _vector(told: Any) -> Vector | None:
    if not isinstance(told, list) or not 0 < len(told) <= MOST_NUMBERS:
        return None
    try:
        numbers = array("d", told)
    except (TypeError, OverflowError):
        return None
    return numbers.tolist() if all(map(math.isfinite, numbers)) else None
