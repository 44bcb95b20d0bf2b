"""What is looked at to prepare prompts and completions, gathered while rows stream by (pure).

Of each row two hashes are kept; texts are only looked at, many at a time.
"""

import time
from array import array
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson

from apps.datasets.recipes.affixes import Common, Unused, unused_ending, unused_separator
from apps.datasets.recipes.rows import Row, read_rows

LONG_CHARACTERS = 10_000
COLUMNS = ("prompt", "completion")
BATCH_CHARACTERS = 500_000
BETWEEN = "\0"  # no candidate contains it, so none is found across two texts
MOST_NUMBERS = 20
MOST_KEYS = 1_000
MOST_CLASSES = 2

Counts = npt.NDArray[np.int64]


class Column:
    """All that is gathered of the texts of one column."""

    def __init__(self, unused: Unused) -> None:
        self.common, self.unused = Common(), unused
        self.characters = 0
        self.hashes = array("q")
        self._batch: list[str] = []
        self._waiting = 0
        self._letters: Counts = np.zeros(256, np.int64)

    def add(self, text: str) -> None:
        self.common.add(text)
        self.hashes.append(hash(text))
        self._batch.append(text)
        self._waiting += len(text)
        if self._waiting > BATCH_CHARACTERS:
            self.settle()

    def settle(self) -> None:
        """Look at the texts that wait, all at once."""
        joined = BETWEEN.join(self._batch)
        self.characters += self._waiting
        self._batch, self._waiting = [], 0
        self.unused.add(joined)
        self._count(joined)

    def _count(self, text: str) -> None:
        if text.isascii():
            counts = np.bincount(np.frombuffer(text.encode(), np.uint8))
        else:
            wide = np.frombuffer(text.encode("utf-32-le", "replace"), np.uint32)
            counts = np.bincount(wide.astype(np.int64))
        if len(counts) > len(self._letters):
            self._letters = np.pad(self._letters, (0, len(counts) - len(self._letters)))
        self._letters[: len(counts)] += counts

    @property
    def is_mostly_capitals(self) -> bool:
        """More than a third of the letters that have a case."""
        upper = lower = 0
        for code in np.flatnonzero(self._letters).tolist():
            count, char = int(self._letters[code]), chr(code)
            upper += count * (char.isalpha() and char.isupper())
            lower += count * (char.isalpha() and char.islower())
        return upper * 2 > lower

    @property
    def distinct(self) -> int:
        return len(np.unique(np.frombuffer(self.hashes, np.int64)))


@dataclass(slots=True)
class Facts:
    """What a file of prompts and completions holds. Row numbers are of the first few."""

    rows: int = 0  # with a prompt and a completion that is not empty
    unreadable: int = 0
    keys: Counter[str] = field(default_factory=Counter)
    not_texts: int = 0
    empty: int = 0
    empty_rows: list[int] = field(default_factory=list)
    long: int = 0
    long_rows: list[int] = field(default_factory=list)
    duplicates: int = 0
    without_space: int = 0
    labels: Counter[str] = field(default_factory=Counter)  # while there are few
    has_many_labels: bool = False
    prompts: Column = field(default_factory=lambda: Column(unused_separator()))
    completions: Column = field(default_factory=lambda: Column(unused_ending()))
    separator_is_inside: bool = False
    ending_is_inside: bool = False
    is_complete: bool = True

    @property
    def task(self) -> str:
        """Name the kind of task as the old tool did."""
        if not self.prompts.characters:
            return "open_ended"
        return "classification" if self.completions.distinct < self.rows / 3 else "conditional"


def gather(path: Path, *, seconds: float | None = None) -> Facts:
    """Look at all rows, or at as many as there is time for."""
    facts, pairs = Facts(), array("q")
    end = None if seconds is None else time.monotonic() + seconds
    for row in read_rows(path):
        _add(facts, pairs, row)
        if end is not None and time.monotonic() > end:
            facts.is_complete = False
            break
    for column in (facts.prompts, facts.completions):
        column.settle()
    facts.duplicates = len(pairs) - len(np.unique(np.frombuffer(pairs, np.int64)))
    _look_inside(facts, path)
    return facts


def _add(facts: Facts, pairs: "array[int]", row: Row) -> None:
    if row.data is None:
        facts.unreadable += not row.is_blank
        return
    if len(facts.keys) < MOST_KEYS:
        facts.keys.update(row.data.keys())
    data = _named(row.data)
    facts.not_texts += any(not isinstance(data.get(name, ""), str) for name in COLUMNS)
    prompt, completion = (text_of(data.get(name)) for name in COLUMNS)
    if not completion:
        facts.empty += 1
        _note(facts.empty_rows, row.number)
        return
    facts.rows += 1
    pairs.append(hash((prompt, completion)))
    facts.prompts.add(prompt)
    facts.completions.add(completion)
    facts.without_space += completion[0] != " "
    if len(prompt) + len(completion) > LONG_CHARACTERS:
        facts.long += 1
        _note(facts.long_rows, row.number)
    _label(facts, completion)


def _named(data: dict[str, Any]) -> dict[str, Any]:
    if all(name in data for name in COLUMNS):
        return data
    small = {key.strip().lower(): value for key, value in data.items()}
    return small | {name: data[name] for name in COLUMNS if name in data}


def text_of(value: Any) -> str:
    """Read a value as text, as tables do: nothing is an empty text."""
    if value is None:
        return ""
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def _note(numbers: list[int], number: int) -> None:
    if len(numbers) < MOST_NUMBERS:
        numbers.append(number)


def _label(facts: Facts, completion: str) -> None:
    if facts.has_many_labels:
        return
    facts.labels[completion] += 1
    if len(facts.labels) > MOST_CLASSES:
        facts.has_many_labels = True
        facts.labels.clear()


def _look_inside(facts: Facts, path: Path) -> None:
    """See whether what all texts end with also stands in the middle of one."""
    ends = [facts.prompts.common.suffix, facts.completions.common.suffix]
    if not any(ends) or not facts.is_complete:
        return
    inside = [False, False]
    for row in read_rows(path):
        if all(was or not end for was, end in zip(inside, ends, strict=True)):
            break
        data = _named(row.data or {})
        if text_of(data.get("completion")):
            texts = (text_of(data.get(name)) for name in COLUMNS)
            found = (bool(e) and e in t[: -len(e)] for t, e in zip(texts, ends, strict=True))
            inside = [was or now for was, now in zip(inside, found, strict=True)]
    facts.separator_is_inside, facts.ending_is_inside = inside
