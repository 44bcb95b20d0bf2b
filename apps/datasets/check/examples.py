"""One line of a file → an example, with everything that is wrong with it (pure)."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from apps.datasets.check import chat, pairs, preference, reinforcement
from apps.datasets.check.everyday import Everyday, everyday, findings_of
from apps.datasets.check.findings import Finding, Findings, found, kind_of, near_miss
from apps.datasets.check.kinds import (
    CHAT,
    PAIR,
    PREFERENCE,
    PREFERENCE_KEYS,
    REINFORCEMENT,
    format_of,
    read_as,
)
from apps.datasets.check.lines import Parsed, parse

MAX_FINDINGS_PER_ROW = 50
RULES_OF: dict[str, Callable[[dict[str, Any]], Iterable[Finding]]] = {
    CHAT: chat.row_findings,
    PAIR: pairs.row_findings,
    PREFERENCE: preference.row_findings,
    REINFORCEMENT: reinforcement.row_findings,
}
FIRST_KEYS = ("messages", "prompt", *PREFERENCE_KEYS)
# What the rows of other tools are called by, and the key that gives them away.
FOREIGN_FORMATS = {
    "conversations": "ShareGPT",
    "conversation": "ShareGPT",
    "instruction": "Alpaca",
    "contents": "Gemini",
}


@dataclass(slots=True)
class Example:
    """One row: what it holds, of which kind, and what is wrong with it."""

    findings: list[Finding] = field(default_factory=list)
    format: str = ""  # one of kinds.KINDS, or "" when it is none of them
    data: dict[str, Any] = field(default_factory=dict)
    canonical: bytes = b""
    plain: Everyday | None = None  # the same taken apart, where there is nothing more to it


def read_example(line: bytes, *, expected: str = "") -> Example:
    """Read one line and check it by every rule; never raises, whatever the bytes are."""
    parsed = parse(line)
    if isinstance(parsed, Parsed) and expected in ("", CHAT) and (plain := everyday(parsed.value)):
        return Example(findings_of(plain), CHAT, parsed.value, parsed.canonical, plain)
    return example_of(parsed, expected)


def findings_in(data: dict[str, Any], expected: str) -> list[Finding]:
    """Check a row that is read already; the findings are those that `read_example` has."""
    if expected in ("", CHAT) and (plain := everyday(data)):
        return findings_of(plain)
    return example_of(Parsed(data, b""), expected).findings


def example_of(parsed: Parsed | Finding, expected: str) -> Example:
    """Check what was read of a line by every rule; an everyday row, too, walks the long road."""
    if isinstance(parsed, Finding):
        return Example([parsed])
    if not isinstance(parsed.value, dict):
        return Example([found("not_an_object", found=kind_of(parsed.value))])
    form = read_as(format_of(parsed.value), expected)
    findings = list(islice(_row_findings(parsed.value, form, expected), MAX_FINDINGS_PER_ROW + 1))
    if len(findings) > MAX_FINDINGS_PER_ROW:
        findings[-1] = found("more_in_row")
    return Example(findings, form, parsed.value, parsed.canonical)


def _row_findings(row: dict[str, Any], form: str, expected: str) -> Iterable[Finding]:
    if not form:
        return _of_no_kind(row)
    if expected and form != expected:
        return (found("other_format", found=form, expected=expected),)
    return RULES_OF[form](row)


def _of_no_kind(row: dict[str, Any]) -> Findings:
    foreign = next((name for key, name in FOREIGN_FORMATS.items() if key in row), "")
    if foreign:
        yield found("foreign_format", value=foreign)
        return
    slips = ((key, near_miss(key, FIRST_KEYS)) for key in row)
    key, meant = next(((key, meant) for key, meant in slips if meant), ("", {}))
    if meant:
        yield found("extra_key", key, key=key, **meant)
    else:
        yield found("missing_key", key="messages")
