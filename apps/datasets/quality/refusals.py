"""Answers that refuse to answer, in seventeen languages (pure)."""

import tomllib
from bisect import bisect_right
from collections.abc import Sequence
from functools import lru_cache
from itertools import accumulate
from pathlib import Path

from apps.datasets.quality.literals import Literals

BEGINNING = 200  # characters of an answer in which a refusal shows


@lru_cache
def _phrases() -> Literals:
    text = Path(__file__).with_name("refusals.toml").read_text(encoding="utf-8")
    groups = tomllib.loads(text).values()
    return Literals(phrase.encode() for group in groups for phrase in group)


def refusals(answers: Sequence[str]) -> list[int]:
    """Return the places of the answers that seem to begin by refusing: phrases are no proof."""
    beginnings = [_beginning(answer) for answer in answers]
    text = b"\0".join(beginnings)
    ends = list(accumulate(len(beginning) + 1 for beginning in beginnings))
    found: set[int] = set()
    for phrase in _phrases().inside(text):
        at = text.find(phrase)
        while at >= 0:
            place = bisect_right(ends, at)
            found.add(place)
            at = text.find(phrase, ends[place])
    return sorted(found)


def _beginning(answer: str) -> bytes:
    return answer[:BEGINNING].replace("’", "'").lower().encode("utf-8", "surrogatepass")
