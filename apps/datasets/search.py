"""Finds words in the rows of a file without an index, a bounded time at a time (pure).

Blocks of a megabyte are folded to small letters and searched at about the speed of memory; only a
row in which every word occurs is parsed, to see whether they occur in what it says and not in the
names of its keys. A file that writes letters as \\uXXXX is first written in the usual way.
"""

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt
import orjson

BLOCK_BYTES = 1024 * 1024
BATCH_ROWS = 20_000
LOWER = bytes(byte + 32 if 65 <= byte <= 90 else byte for byte in range(256))
TERM = re.compile(r'"([^"]*)(?:"|\Z)|(\S+)')
NOT_SAID = ("role", "type")  # keys whose values nobody wrote

Rows = npt.NDArray[np.int64]
# Given a row number and how many are wanted, the numbers of the next rows that may match.
Candidates = Callable[[int, int], Rows]


def terms_of(text: str) -> tuple[str, ...]:
    """Split what a person typed into words and "quoted phrases", in small letters."""
    pairs = (match.groups() for match in TERM.finditer(text))
    terms = ((phrase if word is None else word).strip() for phrase, word in pairs)
    return tuple(dict.fromkeys(term.lower() for term in terms if term))


@dataclass(slots=True)
class Found:
    """Rows that match, in order, and how far the file has been searched."""

    rows: list[int] = field(default_factory=list)
    searched_to: int = 0  # every row up to this one was looked at
    is_over: bool = False  # there is nothing more to look at


def search(
    path: Path,
    starts: npt.NDArray[np.uint64],
    terms: tuple[str, ...],
    *,
    candidates: Candidates,
    after: int,
    most: int,
    seconds: float,
) -> Found:
    """Look at rows after one until enough match or the time is over; at least at one block."""
    found, until = Found(searched_to=after), time.monotonic() + seconds
    matcher = Matcher(terms)
    with path.open("rb") as file:
        while len(batch := candidates(found.searched_to, BATCH_ROWS)):
            for first, last in _runs(batch, starts):
                matching = matcher.rows(file, starts, first, last)
                room = most - len(found.rows)
                found.rows += matching[:room]
                found.searched_to = found.rows[-1] if len(matching) > room else last
                if len(found.rows) == most or time.monotonic() > until:
                    return found
    found.is_over = True
    return found


def _runs(rows: Rows, starts: npt.NDArray[np.uint64]) -> Iterator[tuple[int, int]]:
    """Yield the first and last of rows that lie side by side, about a megabyte of them."""
    blocks = starts[rows - 1] // np.uint64(BLOCK_BYTES)
    ends = np.flatnonzero((np.diff(rows) != 1) | (np.diff(blocks) != 0))
    firsts, lasts = rows[np.append(0, ends + 1)], rows[np.append(ends, len(rows) - 1)]
    yield from zip(firsts.tolist(), lasts.tolist(), strict=True)


class Matcher:
    """Tells which rows hold every term."""

    def __init__(self, terms: tuple[str, ...]) -> None:
        self._terms = [term.casefold() for term in terms]
        # Only letters with capitals beyond A to Z need the slow way of folding.
        self._is_slow = any(_has_other_capitals(term) for term in terms)
        self._has_slash = any("/" in term for term in terms)
        written = [orjson.dumps(term)[1:-1].translate(LOWER) for term in terms]
        self._bytes = sorted(written, key=len, reverse=True)
        self._words = [text.decode().casefold() for text in self._bytes]

    def rows(
        self, file: BinaryIO, starts: npt.NDArray[np.uint64], first: int, last: int
    ) -> list[int]:
        """Return the numbers of the matching rows between two, both included."""
        begin, end = int(starts[first - 1]), int(starts[last])
        file.seek(begin)
        block = file.read(end - begin)
        near = self._near(block)
        if not near:
            return []
        lines = block.split(b"\n")
        return [first + index for index in near if self._says(lines[index])]

    def _near(self, block: bytes) -> list[int]:
        """Return which lines have every term somewhere; some of them only in their keys."""
        if self._is_escaped(block):
            block = b"\n".join(map(_plain, block.split(b"\n")))
        if self._is_slow:
            text = block.decode("utf-8", "replace").casefold()
            return _lines_with(text.split("\n"), self._words) if _all(self._words, text) else []
        lowered = block.translate(LOWER)
        return _lines_with(lowered.split(b"\n"), self._bytes) if _all(self._bytes, lowered) else []

    def _is_escaped(self, block: bytes) -> bool:
        return b"\\u" in block or (self._has_slash and b"\\/" in block)

    def _says(self, line: bytes) -> bool:
        text = said_in(line).casefold()
        return all(term in text for term in self._terms)


def _all(needles: list[Any], text: Any) -> bool:
    return all(needle in text for needle in needles)


def _lines_with(lines: list[Any], needles: list[Any]) -> list[int]:
    return [index for index, line in enumerate(lines) if _all(needles, line)]


def _has_other_capitals(term: str) -> bool:
    return any(not char.isascii() and char.upper() != char for char in term)


def _plain(line: bytes) -> bytes:
    """Write a line without needless escapes; one that cannot be read stays as it is."""
    try:
        return orjson.dumps(orjson.loads(line))
    except (orjson.JSONDecodeError, orjson.JSONEncodeError):
        return line


def said_in(line: bytes) -> str:
    """Return all that a row says; the row itself when it cannot be read."""
    try:
        return "\n".join(_said(orjson.loads(line)))
    except (orjson.JSONDecodeError, RecursionError):
        return line.decode("utf-8", "replace")


def _said(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        if not value.startswith("data:"):  # any short word is somewhere in an image
            yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            if key not in NOT_SAID:
                yield from _said(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _said(inner)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield str(value)
