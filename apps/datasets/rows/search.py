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
Starts = npt.NDArray[np.uint64]  # where each row begins, and where the last one ends
# Given a row number, the rows after it that may match, and up to where there are no others.
Candidates = Callable[[int], tuple[Rows, int]]


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


def all_rows(count: int) -> Candidates:
    """Every row of a file may match."""

    def after(row: int) -> tuple[Rows, int]:
        last = min(row + BATCH_ROWS, count)
        return np.arange(row + 1, last + 1), last

    return after


def some_rows(rows: Rows, count: int) -> Candidates:
    """Only these rows may match, of so many in the file."""

    def after(row: int) -> tuple[Rows, int]:
        first = int(np.searchsorted(rows, row, "right"))
        batch = rows[first : first + BATCH_ROWS]
        return batch, int(batch[-1]) if first + BATCH_ROWS < len(rows) else count

    return after


def search(
    path: Path,
    starts: Starts,
    terms: tuple[str, ...],
    *,
    candidates: Candidates,
    after: int,
    most: int,
    seconds: float,
) -> Found:
    """Look at rows after one until enough match or the time is over; at least at one block."""
    found, until, total = Found(searched_to=after), time.monotonic() + seconds, len(starts) - 1
    with path.open("rb") as file:
        matcher = Matcher(file, starts, terms)
        while found.searched_to < total:
            batch, last = candidates(found.searched_to)
            for rows, searched_to in matcher.matching(batch):
                _take(found, rows, searched_to, most)
                if len(found.rows) == most or time.monotonic() > until:
                    return found
            found.searched_to = last
            if time.monotonic() > until:
                return found
    found.is_over = True
    return found


def _take(found: Found, rows: list[int], searched_to: int, most: int) -> None:
    room = most - len(found.rows)
    found.rows += rows[:room]
    found.searched_to = found.rows[-1] if len(rows) >= room else searched_to


def _runs(rows: Rows, starts: Starts) -> Iterator[tuple[int, int]]:
    """Yield the first and last of rows that lie side by side, about a megabyte of them."""
    if not len(rows):
        return
    blocks = starts[rows - 1] // np.uint64(BLOCK_BYTES)
    ends = np.flatnonzero((np.diff(rows) != 1) | (np.diff(blocks) != 0))
    firsts, lasts = rows[np.append(0, ends + 1)], rows[np.append(ends, len(rows) - 1)]
    yield from zip(firsts.tolist(), lasts.tolist(), strict=True)


class Matcher:
    """Tells which rows of a file hold every term."""

    def __init__(self, file: BinaryIO, starts: Starts, terms: tuple[str, ...]) -> None:
        self._file, self._starts = file, starts
        self._terms = [term.casefold() for term in terms]
        # Only letters with capitals beyond A to Z need the slow way of folding.
        self._is_slow = any(_has_other_capitals(term) for term in terms)
        self._has_slash = any("/" in term for term in terms)
        written = [orjson.dumps(term)[1:-1].translate(LOWER) for term in terms]
        self._bytes = sorted(written, key=len, reverse=True)
        self._words = [text.decode().casefold() for text in self._bytes]

    def matching(self, rows: Rows) -> Iterator[tuple[list[int], int]]:
        """Yield matching rows, and up to which of the given rows they were looked for."""
        if not self._terms and len(rows):
            yield rows.tolist(), int(rows[-1])
            return
        for first, last in _runs(rows, self._starts):
            yield self._between(first, last), last

    def _between(self, first: int, last: int) -> list[int]:
        begin, end = int(self._starts[first - 1]), int(self._starts[last])
        self._file.seek(begin)
        block = self._file.read(end - begin)
        near = self._near(block)
        lines = block.split(b"\n") if near else []
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
