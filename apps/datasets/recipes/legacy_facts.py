"""What is looked at to prepare prompts and completions, gathered while rows stream by (pure).

Of each row two hashes are kept; texts are only looked at, many at a time.
"""

import time
from array import array
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from operator import add, methodcaller
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from apps.datasets.check.lines import MAX_ROW_BYTES
from apps.datasets.recipes.affixes import BETWEEN, Common, Unused, unused_ending, unused_separator
from apps.datasets.recipes.parts import Part, cut, read_rows
from apps.datasets.recipes.rows import values_of

LONG_CHARACTERS = 10_000
COLUMNS = ("prompt", "completion")
MOST_NUMBERS = 20
MOST_KEYS = 1_000
MOST_CLASSES = 2
LETTERS = np.uint8(26)
Texts = list[str]
FIRST_BEYOND_ASCII = 0x80


class Column:
    """All that is gathered of the texts of one column."""

    def __init__(self, unused: Unused) -> None:
        self.common, self.unused = Common(), unused
        self.characters = 0
        self.hashes = array("q")
        self._upper = self._lower = 0
        self._others: Counter[str] = Counter()

    def add_all(self, texts: list[str]) -> None:
        """Look at several texts at once."""
        self.common.add_all(texts)
        self.hashes.extend(map(hash, texts))
        joined = BETWEEN.join(texts)
        self.characters += len(joined) - len(texts) + 1
        self.unused.add(joined)
        self._count_cases(joined)

    def _count_cases(self, text: str) -> None:
        """Count capitals and small letters; of ASCII all at once, of other scripts one by one."""
        utf8 = np.frombuffer(text.encode("utf-8", "replace"), np.uint8)
        # What is less than A becomes a large number.
        self._upper += int(np.count_nonzero(utf8 - np.uint8(ord("A")) < LETTERS))
        self._lower += int(np.count_nonzero(utf8 - np.uint8(ord("a")) < LETTERS))
        if not text.isascii():
            self._others.update(utf8[utf8 >= FIRST_BEYOND_ASCII].tobytes().decode())

    @property
    def is_mostly_capitals(self) -> bool:
        """More than a third of the letters that have a case."""
        letters = [(char, count) for char, count in self._others.items() if char.isalpha()]
        upper = self._upper + sum(count for char, count in letters if char.isupper())
        lower = self._lower + sum(count for char, count in letters if char.islower())
        return upper * 2 > lower

    @cached_property
    def distinct(self) -> int:
        """How many different texts there are; ask when all are in."""
        return different(self.hashes)


@dataclass(slots=True)
class Facts:
    """What a file of prompts and completions holds. Row numbers are of the first few."""

    rows: int = 0  # with a prompt and a completion that is not empty
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
    gathered = _Gathered()
    end = None if seconds is None else time.monotonic() + seconds
    for part in cut(path):
        if end is not None and gathered.facts.rows and time.monotonic() > end:
            gathered.facts.is_complete = False
            break
        gathered.add(part)
    facts = gathered.finished()
    _look_inside(facts, path)
    return facts


class _Gathered:
    """Puts together what parts of a file hold."""

    def __init__(self) -> None:
        self.facts = Facts()
        self._pairs = array("q")
        self._keys: Counter[tuple[str, ...]] = Counter()

    def add(self, part: Part) -> None:
        """Look at the rows of a part, less strictly than the check: they are only looked at."""
        lines = [row.line for row in part.rows()] if part.size > MAX_ROW_BYTES else part.lines()
        values = values_of(lines)
        if texts := _texts_of_pairs(values):
            self._keys[COLUMNS] += len(values)
            self._add_texts(range(part.first, part.first + len(values)), *texts)
            return
        self._add_one_by_one(part.first, values)

    def _add_one_by_one(self, first: int, values: list[Any]) -> None:
        numbers, prompts, completions = [], [], []
        for number, value in enumerate(values, first):
            if not isinstance(value, dict):
                continue
            if len(self._keys) < MOST_KEYS:
                self._keys[tuple(value)] += 1
            data = _named(value)
            is_text = all(isinstance(data.get(name, ""), str) for name in COLUMNS)
            self.facts.not_texts += not is_text
            if completion := text_of(data.get("completion")):
                numbers.append(number)
                prompts.append(text_of(data.get("prompt")))
                completions.append(completion)
            else:
                self.facts.empty += 1
                _note(self.facts.empty_rows, number)
        if numbers:
            self._add_texts(numbers, prompts, completions)

    def _add_texts(self, numbers: Sequence[int], prompts: Texts, completions: Texts) -> None:
        facts = self.facts
        facts.rows += len(prompts)
        self._pairs.extend(map(hash, zip(prompts, completions, strict=True)))
        facts.prompts.add_all(prompts)
        facts.completions.add_all(completions)
        with_space = sum(map(methodcaller("startswith", " "), completions))
        facts.without_space += len(completions) - with_space
        self._find_long(numbers, prompts, completions)
        if not facts.has_many_labels:
            _label(facts, completions)

    def _find_long(self, numbers: Sequence[int], prompts: Texts, completions: Texts) -> None:
        sizes = list(map(add, map(len, prompts), map(len, completions)))
        if max(sizes) <= LONG_CHARACTERS:
            return
        for number, size in zip(numbers, sizes, strict=True):
            if size > LONG_CHARACTERS:
                self.facts.long += 1
                _note(self.facts.long_rows, number)

    def finished(self) -> Facts:
        facts = self.facts
        facts.duplicates = len(self._pairs) - different(self._pairs)
        for keys, count in self._keys.items():
            facts.keys.update(dict.fromkeys(keys, count))
        return facts


def _texts_of_pairs(values: list[Any]) -> tuple[Texts, Texts] | None:
    """Return both columns where all rows have a text in each and no other; else None."""
    try:
        prompts = [value["prompt"] for value in values]
        completions = [value["completion"] for value in values]
    except (KeyError, TypeError):
        return None
    are_texts = {*map(type, prompts), *map(type, completions)} == {str}
    has_others = sum(map(len, values)) != len(COLUMNS) * len(values)
    return (prompts, completions) if are_texts and all(completions) and not has_others else None


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


def different(hashes: "array[int]") -> int:
    """Count the different ones of many hashes."""
    ordered = np.sort(np.frombuffer(hashes, np.int64))
    return min(1, len(ordered)) + int(np.count_nonzero(np.diff(ordered)))


def _label(facts: Facts, completions: list[str]) -> None:
    """Count the labels while there are few; the old tool asked for the commoner of two."""
    facts.labels.update(completions)
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
