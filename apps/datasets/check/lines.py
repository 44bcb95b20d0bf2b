"""One line of bytes → a JSON value, or what keeps it from being one (pure).

orjson reads every line. Only a line that it refuses, or that names a key twice, is read again with
the slow parser of the standard library, which can tell why.
"""

import json
import re
from dataclasses import dataclass
from typing import Any

import orjson

from apps.datasets.check.findings import Finding, found

MAX_ROW_BYTES = 32 * 1024 * 1024
MAX_DEPTH = 200
CONTROL_CHARACTERS = "Invalid control character at"
ESCAPED_COLON = re.compile(rb"\\u003a", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Parsed:
    """A JSON value with its canonical bytes (sorted keys, no spaces)."""

    value: Any
    canonical: bytes


def parse(line: bytes) -> Parsed | Finding:
    """Read one line strictly; the finding says why it cannot be read."""
    try:
        value = orjson.loads(line)
        canonical = orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    except (orjson.JSONDecodeError, orjson.JSONEncodeError):
        return _diagnosed(line)
    if _may_repeat_a_key(line, canonical) and (finding := _slowly(line)):
        return finding
    return Parsed(value, canonical)


def _may_repeat_a_key(line: bytes, canonical: bytes) -> bool:
    """A dropped key takes its colon with it; an escaped colon only costs a second look."""
    return line.count(b":") != canonical.count(b":") or (
        b"\\u003" in line and ESCAPED_COLON.search(line) is not None
    )


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
        return _syntax(exc)
    except RecursionError:
        return None
    except ValueError as exc:  # an integer of thousands of digits
        return found("invalid_json", reason=str(exc), column=1)
    return _surrogate(text)


def _syntax(exc: json.JSONDecodeError) -> Finding:
    column = exc.pos + 1
    if exc.msg.startswith(CONTROL_CHARACTERS):
        return found("control_character", column=column)
    return found("invalid_json", reason=exc.msg, column=column)


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
