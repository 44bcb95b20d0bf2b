"""A stretch of text that holds something private, and how sure that is (pure)."""

from collections.abc import Iterable
from dataclasses import dataclass

CERTAIN, LIKELY, GUESS = "certain", "likely", "guess"
SHOWN_BYTES = 4  # of a secret no more than this is ever stored or shown


@dataclass(frozen=True, slots=True)
class Hit:
    """Bytes `start` to `end` of a text are of this kind."""

    start: int
    end: int
    kind: str  # a key of rulebook.private.KINDS
    sure: str


def without_overlaps(hits: Iterable[Hit]) -> list[Hit]:
    """Keep the first of overlapping hits in the order given; return them by place."""
    kept: list[Hit] = []
    taken = bytearray()
    for hit in hits:
        if hit.end > len(taken):
            taken.extend(bytes(hit.end - len(taken)))
        if not any(taken[hit.start : hit.end]):
            taken[hit.start : hit.end] = b"\1" * (hit.end - hit.start)
            kept.append(hit)
    return sorted(kept, key=lambda hit: hit.start)
