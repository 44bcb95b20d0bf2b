"""JSON that is not one object per line: a list, an object that holds one, or objects in a row.

The examples are cut out, not parsed: each keeps its very bytes (numbers, keys that stand twice), so
that the check names what is wrong with one of them and the others still count. Memory holds one.
"""

import io
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, BinaryIO

import orjson

from apps.datasets.check.findings import shown
from apps.datasets.check.lines import MAX_ROW_BYTES
from apps.datasets.sources.unreadable import Unreadable

BLOCK_BYTES = 256 * 1024
STRING = rb'"(?:[^"\\]++|\\.)*+"'
TOKEN = re.compile(STRING + rb'|[\[\]{},"]', re.DOTALL)


def _nested(depth: int) -> bytes:
    """Return a pattern for brackets in brackets, so deep; strings hide what is in them."""
    inner = b"|" + _nested(depth - 1) if depth else b""
    return rb"[\[{](?:[^\"\[\]{}]++|" + STRING + inner + rb")*+[\]}]"


EVERYDAY = re.compile(rb"\s*+(" + _nested(5) + rb")\s*+([,\]])", re.DOTALL)
FIRST_KEY = re.compile(rb'\s*\{\s*"([^"\\]*+)"')
LINE_BREAKS = re.compile(rb"[\r\n]\s*+")
QUOTE, COMMA = b'",'
PARTNERS = {ord("]"): ord("["), ord("}"): ord("{")}
LIST, ROWS = "list", "rows"  # other shapes are the name of the key that holds the list


@dataclass(slots=True)
class Cutter:
    """Follows brackets and strings through the bytes, and gives out what lies at one depth."""

    shape: str
    count: int = 0
    keys: list[str] = field(default_factory=list)  # of lists of objects, in an object
    is_partial: bool = False  # of a head: that it ends early is no fault
    _open: bytearray = field(default_factory=bytearray)
    _buffer: bytes = b""
    _start: int = 0  # of the example at hand, in the buffer
    _at: int = 0  # what lies before was looked at
    _dropped: int = 0  # bytes that have left the buffer
    _key: bytes = b""

    def cut(self, stream: BinaryIO) -> Iterator[bytes]:
        """Yield the bytes of each example on one line."""
        while block := stream.read(max(BLOCK_BYTES, len(self._buffer))):
            self._take(block)
            yield from self._examples()
        if self._open and not self.is_partial:
            raise self._fault("json_ends_early", "json_ends_at_once")
        if not self._open and self._depth < 2:
            yield from self._one(self._buffer[self._start :])

    def _fault(self, later: str, at_once: str, **params: Any) -> Unreadable:
        """Say after which example it is; nobody counts from an example 0."""
        if not self.count:
            return Unreadable(at_once, **params)
        return Unreadable(later, count=self.count, **params)

    def _take(self, block: bytes) -> None:
        kept = min(self._start if self._is_inside else self._at, self._at)
        self._buffer = self._buffer[kept:] + block
        self._start, self._at = max(0, self._start - kept), self._at - kept
        self._dropped += kept
        if len(self._buffer) > 2 * (MAX_ROW_BYTES + BLOCK_BYTES):
            raise Unreadable("line_too_long", megabytes=MAX_ROW_BYTES // 1024**2)

    @property
    def _depth(self) -> int:
        return {ROWS: 0, LIST: 1}.get(self.shape, 2)

    @property
    def _is_inside(self) -> bool:
        """True where examples are, not in another part of the object around them."""
        if self._depth < 2:
            return len(self._open) >= self._depth
        return len(self._open) >= 2 and self._open[1] == ord("[") and self._key_name == self.shape

    @property
    def _key_name(self) -> str:
        return self._key[1:-1].decode(errors="replace")

    def _examples(self) -> Iterator[bytes]:
        while match := TOKEN.search(self._buffer, self._at):
            start, end = match.span()
            sign = self._buffer[start]
            if sign == QUOTE and end == start + 1:
                self._at = start
                return  # the string goes on in the next block
            self._at = end
            if sign == QUOTE:
                self._named(match[0])
            elif sign in PARTNERS:
                yield from self._closed(sign, start, end)
            elif sign != COMMA:
                self._opened(sign, end)
            if sign in b",[" and len(self._open) == self._depth > 0 and self._is_inside:
                yield from self._everyday(start if sign == COMMA else end, end)
        self._at = len(self._buffer)

    def _everyday(self, stop: int, begin: int) -> Iterator[bytes]:
        """Give out what ended at a comma, and in one go what follows and is not nested deep."""
        if stop < begin:
            yield from self._one(self._buffer[self._start : stop])
        while match := EVERYDAY.match(self._buffer, begin):
            yield from self._one(match[1])
            begin = match.end()
            if match[2] != b",":
                begin -= 1
                break
        self._start = self._at = begin

    def _named(self, string: bytes) -> None:
        if len(self._open) == 1 and self._depth == 2:
            self._key = string

    def _opened(self, sign: int, end: int) -> None:
        self._open.append(sign)
        if len(self._open) == self._depth:
            self._start = end
        elif self._depth == 2 and self._open == b"{[{" and self._key_name not in self.keys:
            self.keys.append(self._key_name)

    def _closed(self, sign: int, start: int, end: int) -> Iterator[bytes]:
        if not self._open or self._open[-1] != PARTNERS[sign]:
            offset = self._dropped + start
            raise self._fault("json_broken", "json_broken_at_once", offset=offset)
        if len(self._open) == self._depth and self._is_inside:
            yield from self._one(self._buffer[self._start : start])
            self._start = end
        self._open.pop()
        if not self._open and self._depth == 0:
            yield from self._one(self._buffer[self._start : end])
            self._start = end

    def _one(self, raw: bytes) -> Iterator[bytes]:
        if raw := raw.strip(b", \t\r\n" if self.shape == ROWS else None):
            self.count += 1
            yield LINE_BREAKS.sub(b" ", raw) if b"\n" in raw or b"\r" in raw else raw


def lines(stream: BinaryIO, shape: str) -> Iterator[bytes]:
    """Yield each example on a line of its own, without its end."""
    cutter = Cutter(shape)
    yield from cutter.cut(stream)
    others = [key for key in cutter.keys if key != shape]
    if others:
        raise Unreadable("several_lists", keys=shown(", ".join([shape, *others])))


def first_lines(head: bytes, shape: str, most: int) -> list[bytes]:
    """Return the examples that the head holds whole."""
    cutter = Cutter(shape, is_partial=True)
    found: list[bytes] = []
    with suppress(Unreadable):
        found.extend(islice(cutter.cut(io.BytesIO(head)), most))
    return found


def held_key(head: bytes) -> str:
    """Name the first key of an object whose value is a list of objects; empty when none is."""
    cutter = Cutter("\0", is_partial=True)
    with suppress(Unreadable):
        for _ in cutter.cut(io.BytesIO(head)):
            pass
    return next(iter(cutter.keys), "")


def first_key(head: bytes) -> str:
    """Return the first key of an object; empty where it has none."""
    found = FIRST_KEY.match(head)
    return found[1].decode(errors="replace") if found else ""


def value_of(line: bytes) -> Any:
    """Read one example; None when it cannot be read."""
    try:
        return orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
