"""How near two texts are in meaning, by the vectors that a model makes of them.

Somebody else asks the model. Nothing is asked where nothing is expected or nothing was answered:
most servers refuse an empty text.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from apps.evals.graders.reasons import because
from apps.evals.graders.types import Grade

MOST_CHARACTERS = 20_000  # of each text: models read about 8,000 tokens
Vector = Sequence[float]


def texts(*, expected: str, answer: str) -> list[str]:
    """Return the two texts to send; none where `read` knows the grade without them."""
    found = [expected[:MOST_CHARACTERS], answer[:MOST_CHARACTERS]]
    return found if all(text.strip() for text in found) else []


def unasked(*, expected: str) -> Grade:
    """Return the grade where there is nothing to send."""
    return Grade.wrong("nothing_answered") if expected.strip() else Grade.none("nothing_expected")


def read(grader: Mapping[str, Any], vectors: Sequence[Vector]) -> Grade:
    """Return the grade of the two vectors to `texts`; none where they cannot be compared."""
    cosine = _cosine(*vectors) if len(vectors) == 2 else None
    if cosine is None:
        return Grade.none("vectors_unreadable")
    threshold = grader.get("threshold", 0.8)
    passed = None if threshold is None else cosine >= threshold
    # Cut, not rounded: 0.7996 does not pass 0.8, and must not look as if it did.
    shown = math.floor(cosine * 1000) / 1000
    return Grade(min(1.0, max(0.0, cosine)), passed, because("near", cosine=shown))


def _cosine(one: Vector, other: Vector) -> float | None:
    """Return the cosine of two vectors; None of different lengths, of zeros and of no numbers."""
    if len(one) != len(other):
        return None
    length = math.hypot(*one) * math.hypot(*other)
    product = math.fsum(a * b for a, b in zip(one, other, strict=True))
    cosine = product / length if length else math.nan
    return cosine if math.isfinite(cosine) else None
