"""Gathers what is kept of each row of a piece, as columns of numbers (pure)."""

from array import array
from typing import Any

import numpy as np
import numpy.typing as npt

from apps.datasets.check import digests
from apps.datasets.check.digests import LONGEST_LABEL, Parts, raw
from apps.datasets.check.examples import Example

Column = npt.NDArray[Any]


class RowColumns:
    """Grows by the rows that can be read; every other row is all zeros."""

    def __init__(self) -> None:
        self._rows = array("q")
        self._exact: list[bytes] = []
        self._asked: list[bytes] = []
        self._answered: list[bytes] = []
        self._sizes = array("q")  # of the answers
        self._messages = array("q")

    def add(self, row: int, example: Example) -> bool:
        """Take in a row that could be read, also with errors; True when its answer is a label."""
        messages = example.data.get("messages")
        count = len(messages) if isinstance(messages, list) else 0
        return self._add(row, count, example.canonical, digests.parts_of(example.data))

    def add_texts(self, row: int, canonical: bytes, texts: list[str], *, is_answered: bool) -> bool:
        """Take in an everyday row."""
        parts = digests.parts_of_texts(texts, is_answered=is_answered)
        return self._add(row, len(texts), canonical, parts)

    def _add(self, row: int, messages: int, canonical: bytes, parts: Parts) -> bool:
        asked, answered = parts
        self._rows.append(row)
        self._exact.append(raw(canonical))
        self._asked.append(raw(asked))
        self._answered.append(raw(answered))
        self._sizes.append(len(answered))
        self._messages.append(messages)
        return 0 < len(answered) <= LONGEST_LABEL

    def columns(self, count: int) -> dict[str, Column]:
        """Return the columns of so many rows that come from what they hold."""
        asked, answered = _digests(self._asked), _digests(self._answered)
        is_short = np.array(self._sizes, np.int64) <= LONGEST_LABEL
        return {
            "digest": self._spread(_digests(self._exact), count),
            "loose": self._spread(digests.combined(asked, answered), count),
            "question": self._spread(asked, count),
            "label": self._spread(np.where(is_short, answered, np.uint64(0)), count),
            "messages": self._spread(np.array(self._messages, np.int64), count),
        }

    def _spread(self, values: Column, count: int) -> Column:
        """Put the values of the rows that could be read between zeros for the others."""
        column = np.zeros(count, values.dtype)
        column[np.array(self._rows, np.int64)] = values
        return column


def _digests(raw: list[bytes]) -> Column:
    return np.frombuffer(b"".join(raw), "<u8").astype(np.uint64)
