"""The rows whose words are nearest to a question and to an answer, a bounded time at a time (pure).

TF-IDF: two texts are alike by the share of their words' weight that both have, where a word weighs
the more the fewer rows have it (the cosine of their vectors). Weights are taken from a sample of
rows, so that every step knows them. A word counts by how it begins, which forgives most endings;
in scripts without spaces, every two signs that stand side by side are one.

Only rows with one of the rarest words are read: what shares but common ones is not near.
"""

import heapq
import math
import re
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt
import orjson

from apps.datasets.rows.questions import words_in, words_of
from apps.datasets.rows.search import BLOCK_BYTES, LOWER

SAMPLE = 400  # rows whose words are counted
SHORTLIST = 30
RAREST = 10  # words of which a row has to have one
TELLING_BYTES = 4
FEWEST_TELLING = 3
COMMON = 0.05  # of the rows have a word: then it tells little
FEW_ROWS = 5  # however few there are in all
BEGINNING = 6  # letters of a word
LONGEST_TEXT = 20_000  # characters of one text that are compared
LEAST = 0.01  # less is no likeness
WORD = re.compile(r"[^\W_]+")
SPACELESS = re.compile(r"[\u0e00-\u0eff\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
ESCAPE = b"\\u"

Starts = npt.NDArray[np.uint64]  # where each row begins, and where the last one ends


@dataclass(frozen=True, slots=True)
class Near:
    """A row, and how near it is: 1 is the same words, 0 none in common."""

    row: int
    likeness: float


@dataclass(slots=True)
class Ranked:
    """The nearest rows so far, nearest first, and how far the file has been looked at."""

    to_question: list[Near] = field(default_factory=list)
    to_answer: list[Near] = field(default_factory=list)
    looked_at: int = 0
    total: int = 0

    @property
    def is_over(self) -> bool:
        return self.looked_at >= self.total


def look(
    path: Path, starts: Starts, question: str, answer: str, *, so_far: Ranked, seconds: float
) -> Ranked:
    """Look at the rows after those that were looked at; at least at one block of them."""
    total = len(starts) - 1
    found = Ranked(so_far.to_question, so_far.to_answer, so_far.looked_at, total)
    until = time.monotonic() + seconds
    with path.open("rb") as file:
        weights = Weights(_sample(file, starts))
        sides = [
            _Side(weights, question, found.to_question),
            _Side(weights, answer, found.to_answer),
        ]
        needles = tuple({needle for side in sides for needle in side.needles})
        while found.looked_at < total and needles:
            first, last = found.looked_at, _last(starts, found.looked_at)
            for row, line in _near(_read(file, starts, first, last), needles, first):
                for side, text in zip(sides, texts_of(line), strict=True):
                    side.add(row, text)
            found.looked_at = last
            if time.monotonic() > until:
                break
    found.looked_at = found.looked_at if needles else total
    found.to_question, found.to_answer = (side.nearest() for side in sides)
    return found


def texts_of(line: bytes) -> tuple[str, str]:
    """Return what a row asks and what it answers, in words; of all its turns."""
    try:
        row = orjson.loads(line)
    except orjson.JSONDecodeError:
        return "", ""
    if not isinstance(row, dict):
        return "", ""
    if "prompt" in row:
        return words_of(row["prompt"]), words_of(row.get("completion"))
    given = row.get("input")
    asked = row.get("messages") or (given.get("messages") if isinstance(given, dict) else None)
    return _said(asked, "user"), _said([*_list(asked), *_list(row.get("preferred_output"))])


def _said(messages: object, role: str = "assistant") -> str:
    found = (m for m in _list(messages) if isinstance(m, dict) and m.get("role") == role)
    return "\n".join(words_in(message) for message in found)


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def features(text: str) -> set[str]:
    """Return the words of a text by which it is compared."""
    words = WORD.findall(text[:LONGEST_TEXT].casefold())
    if text.isascii() or not SPACELESS.search(text):
        return {word[:BEGINNING] for word in words}
    return {part for word in words for part in _parts(word)}


def _parts(word: str) -> Iterator[str]:
    if not SPACELESS.search(word):
        yield word[:BEGINNING]
        return
    for place in range(max(len(word) - 1, 1)):
        yield word[place : place + 2]


class Weights:
    """How much each word weighs: the more, the fewer rows of the sample have it."""

    def __init__(self, sample: Iterable[bytes]) -> None:
        rows = [features("\n".join(texts_of(line))) for line in sample]
        self._rows = len(rows)
        self._counts = Counter(word for row in rows for word in row)
        self._squares = {word: self._square(count) for word, count in self._counts.items()}
        self._unseen = self._square(0)

    def count(self, word: str) -> int:
        """Return how many rows of the sample have a word."""
        return self._counts[word]

    def is_rare(self, word: str) -> bool:
        """Whether a word tells something: not many rows have it."""
        return self._counts[word] <= max(FEW_ROWS, COMMON * self._rows)

    def square(self, word: str) -> float:
        """Return the square of a word's weight: the cosine needs nothing else."""
        return self._squares.get(word, self._unseen)

    def _square(self, count: int) -> float:
        return (math.log((self._rows + 1) / (count + 1)) + 1) ** 2


class _Side:
    """The question, or the answer: what is near to it."""

    def __init__(self, weights: Weights, text: str, so_far: Sequence[Near]) -> None:
        self._weights, self._words = weights, features(text)
        self._length = math.sqrt(sum(map(weights.square, self._words)))
        self._heap = [(near.likeness, -near.row) for near in so_far]
        heapq.heapify(self._heap)

    @property
    def needles(self) -> Iterator[bytes]:
        """What of a near row has to stand in its line, as it is written there."""
        for word in self._telling():
            for written in {word, word.upper(), word.title()}:
                yield orjson.dumps(written)[1:-1].translate(LOWER)

    def _telling(self) -> list[str]:
        """Return the words that few rows have. A short one is a part of many others."""
        long = [word for word in self._words if len(word.encode()) >= TELLING_BYTES]
        words = long if len(long) >= FEWEST_TELLING else self._words
        by_count = sorted(words, key=lambda word: (self._weights.count(word), word))
        seen = [word for word in by_count if self._weights.count(word)]
        rare = [word for word in seen if self._weights.is_rare(word)][:RAREST]
        # Those that the sample has not may be nowhere at all: they take no place from the others.
        unseen = by_count[: len(by_count) - len(seen)][:RAREST]
        return [*unseen, *(rare if len(rare) >= FEWEST_TELLING else seen[:FEWEST_TELLING])]

    def add(self, row: int, text: str) -> None:
        """Compare a row; most are left as soon as they cannot be among the nearest."""
        words = features(text)
        shared = words & self._words
        common = sum(map(self._weights.square, shared))
        least = self._heap[0][0] if len(self._heap) == SHORTLIST else LEAST
        # A text is at least as long as what it shares.
        if not common or math.sqrt(common) / self._length < least:
            return
        length = math.sqrt(sum(map(self._weights.square, words)))
        likeness = min(common / (self._length * length), 1.0)
        if likeness < least:
            return
        if len(self._heap) < SHORTLIST:
            heapq.heappush(self._heap, (likeness, -row))
        else:
            heapq.heappushpop(self._heap, (likeness, -row))

    def nearest(self) -> list[Near]:
        return [Near(-row, likeness) for likeness, row in sorted(self._heap, reverse=True)]


def _sample(file: BinaryIO, starts: Starts) -> Iterator[bytes]:
    """Yield rows from all over the file, the same ones at every step."""
    total = len(starts) - 1
    for place in np.unique(np.linspace(0, total - 1, min(SAMPLE, total), dtype=np.int64)).tolist():
        begin = int(starts[place])
        file.seek(begin)
        yield file.read(min(int(starts[place + 1]) - begin, BLOCK_BYTES))


def _last(starts: Starts, first: int) -> int:
    """Return the end of a block of rows: about a megabyte, at least one row."""
    end = int(starts[first]) + BLOCK_BYTES
    return max(first + 1, int(np.searchsorted(starts, np.uint64(end), "right")) - 1)


def _read(file: BinaryIO, starts: Starts, first: int, last: int) -> bytes:
    begin = int(starts[first])
    file.seek(begin)
    return file.read(int(starts[last]) - begin)


def _near(block: bytes, needles: Sequence[bytes], before: int) -> Iterator[tuple[int, bytes]]:
    """Yield the rows of a block that have one of the needles, each with its number."""
    lines = block.split(b"\n")
    for index, lowered in enumerate(block.translate(LOWER).split(b"\n")):
        if ESCAPE in lowered or any(needle in lowered for needle in needles):
            yield before + index + 1, lines[index]
