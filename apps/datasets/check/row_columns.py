"""Gathers what is kept of each row of a piece, as columns of numbers (pure)."""

from array import array
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from apps.datasets.check import digests
from apps.datasets.check.digests import LONGEST_LABEL, Parts, digests_of, parts_of_texts
from apps.datasets.check.examples import Example
from apps.datasets.check.speakers import Plain

Column = npt.NDArray[Any]


class RowColumns:
    """Grows by the rows that can be read; every other row is all zeros."""

    def __init__(self) -> None:
        self._rows = array("q")
        self._exact = array("Q")
        self._asked = array("Q")
        self._answered = array("Q")
        self._sizes = array("q")  # of the answers
        self._messages = array("q")

    def add(self, row: int, example: Example) -> bool:
        """Take in a row that could be read, also with errors; True when its answer is a label."""
        messages = example.data.get("messages")
        count = len(messages) if isinstance(messages, list) else 0
        parts = digests.parts_of(example.data)
        return self._add([row], [count], [example.canonical], [parts])[0]

    def add_plain(self, plain: Sequence[Plain]) -> list[bool]:
        """Take in everyday rows; say of each whether its answer is a label."""
        texts = [row.texts for row in plain]
        parts = [parts_of_texts(row.texts, is_answered=row.known.is_answered) for row in plain]
        rows, canonicals = [row.number for row in plain], [row.canonical for row in plain]
        return self._add(rows, list(map(len, texts)), canonicals, parts)

    def _add(
        self, rows: list[int], messages: list[int], canonicals: list[bytes], parts: list[Parts]
    ) -> list[bool]:
        answered = [answered for _asked, answered in parts]
        sizes = list(map(len, answered))
        self._rows.extend(rows)
        self._exact.extend(digests_of(canonicals))
        self._asked.extend(digests_of(asked for asked, _answered in parts))
        self._answered.extend(digests_of(answered))
        self._sizes.extend(sizes)
        self._messages.extend(messages)
        return [0 < size <= LONGEST_LABEL for size in sizes]

    def columns(self, count: int) -> dict[str, Column]:
        """Return the columns of so many rows that come from what they hold."""
        asked, answered = np.array(self._asked), np.array(self._answered)
        is_short = np.array(self._sizes, np.int64) <= LONGEST_LABEL
        return {
            "digest": self._spread(np.array(self._exact), count),
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
