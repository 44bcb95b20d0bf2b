"""Rows that both models have: everything here is compared in pairs."""

from collections.abc import Sequence
from typing import TypeVar

Value = TypeVar("Value")


def paired(
    a: Sequence[Value | None], b: Sequence[Value | None]
) -> tuple[list[tuple[Value, Value]], int]:
    """Return the pairs in which neither is None, and how many were left out."""
    pairs = [
        (one, other)
        for one, other in zip(a, b, strict=True)
        if one is not None and other is not None
    ]
    return pairs, len(a) - len(pairs)
