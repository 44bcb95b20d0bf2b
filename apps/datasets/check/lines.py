"""One line of bytes → a JSON value, or what keeps it from being one (pure).

orjson reads every line. Only a line that it refuses, or that names a key twice, is read again with
the slow parser of the standard library, which can tell why.
"""

import json
import re
import sys
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import orjson

from apps.datasets.check.findings import Finding, found
from apps.datasets.check.json_faults import reason_of

MAX_ROW_BYTES = 32 * 1024 * 1024
MAX_DEPTH = 200
BOM = b"\xef\xbb\xbf"
CONTROL_CHARACTERS = "Invalid control character at"
COLON = ord(":")
MANY_BYTES = 8 * 1024  # numpy counts faster beyond this
NEARLY_A_COLON = b"u003"
NEARLY_A_COLON_AT_ONCE = int.from_bytes(NEARLY_A_COLON, sys.byteorder)
ESCAPED_COLON = re.compile(rb"\\u003a", re.IGNORECASE)


class Parsed(NamedTuple):
    """A JSON value with its canonical bytes (sorted keys, no spaces)."""

    value: Any
    canonical: bytes


def parse(line: bytes) -> Parsed | Finding:
    """Read one line strictly; the finding says why it cannot be read."""
    return _without_repeated_keys(line, _read(line))


def parse_all(lines: Sequence[bytes], block: bytes) -> list[Parsed | Finding]:
    """Read the lines of a block; the same as `parse` of each of them, in less time."""
    read = [_read(line) for line in lines]
    if _have_all_keys(lines, block, read):
        return read
    return [_without_repeated_keys(line, parsed) for line, parsed in zip(lines, read, strict=True)]


def _read(line: bytes) -> Parsed | Finding:
    """Read a line; of a key that is there twice the last one counts."""
    try:
        value = orjson.loads(line)
        return Parsed(value, orjson.dumps(value, option=orjson.OPT_SORT_KEYS))
    except (orjson.JSONDecodeError, orjson.JSONEncodeError):
        return _diagnosed(line)


def _without_repeated_keys(line: bytes, parsed: Parsed | Finding) -> Parsed | Finding:
    if isinstance(parsed, Finding) or not _may_repeat_a_key(line, parsed.canonical):
        return parsed
    return _slowly(line) or parsed


def _have_all_keys(lines: Sequence[bytes], block: bytes, read: Sequence[Parsed | Finding]) -> bool:
    """Say at once of many lines that none repeats a key. A line alone never gains a colon."""
    canonical = [parsed.canonical for parsed in read if type(parsed) is Parsed]
    broken = [line for line, parsed in zip(lines, read, strict=True) if type(parsed) is Finding]
    return not _may_repeat_a_key(block, b"".join(canonical), b"".join(broken))


def _may_repeat_a_key(line: bytes, canonical: bytes, broken: bytes = b"") -> bool:
    """A dropped key takes its colon with it; an escaped colon only costs a second look."""
    return _colons(line) - _colons(broken) != _colons(canonical) or (
        _may_escape_a_colon(line) and ESCAPED_COLON.search(line) is not None
    )


def _colons(text: bytes) -> int:
    if len(text) < MANY_BYTES:
        return text.count(b":")
    return int(np.count_nonzero(np.frombuffer(text, np.uint8) == COLON))


def _may_escape_a_colon(text: bytes) -> bool:
    """Look for four bytes at once, wherever they begin; most texts have none."""
    if len(text) < MANY_BYTES:
        return NEARLY_A_COLON in text
    fours = (
        np.frombuffer(text, np.uint32, count=(len(text) - begin) // 4, offset=begin)
        for begin in range(4)
    )
    return any((four == NEARLY_A_COLON_AT_ONCE).any() for four in fours)


def _diagnosed(line: bytes) -> Finding:
    return _slowly(line) or found("nested_too_deep", limit=MAX_DEPTH)


def _slowly(line: bytes) -> Finding | None:
    """Find out what is wrong with a line; None when it is only nested too deep."""
    try:
        text = line.decode()
    except UnicodeDecodeError as exc:
        return found("not_utf8", byte=f"0x{line[exc.start]:02X}", offset=exc.start + 1)
    try:
        json.loads(text, object_pairs_hook=_unique, parse_constant=_refuse_constant)
    except _Refused as exc:
        return exc.finding
    except json.JSONDecodeError as exc:
        return _syntax(text, exc)
    except RecursionError:
        return None
    except ValueError as exc:  # an integer of thousands of digits
        return found("invalid_json", reason=str(exc), column=1)
    return _surrogate(text)


def _syntax(text: str, exc: json.JSONDecodeError) -> Finding:
    column = exc.pos + 1
    if exc.msg.startswith(CONTROL_CHARACTERS):
        return found("control_character", column=column)
    return found("invalid_json", reason=reason_of(text, exc), column=column)


def _surrogate(text: str) -> Finding | None:
    """orjson refuses half a pair, the standard library lets it through."""
    try:
        json.dumps(json.loads(text), ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return found("lone_surrogate")
    except RecursionError:
        return None
    return None


class _Refused(Exception):
    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.code)
        self.finding = finding


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    seen: dict[str, Any] = {}
    for key, value in pairs:
        if key in seen:
            raise _Refused(found("duplicate_key", key, key=key))
        seen[key] = value
    return seen


def _refuse_constant(name: str) -> None:
    raise _Refused(found("not_finite", value=name))
