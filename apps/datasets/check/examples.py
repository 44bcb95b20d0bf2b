"""One line of a file → an example, with everything that is wrong with it (pure)."""

from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from apps.datasets.check import chat
from apps.datasets.check.findings import (
    Finding,
    Findings,
    extra_keys,
    found,
    kind_of,
    near_miss,
    require,
)
from apps.datasets.check.lines import parse

MAX_FINDINGS_PER_ROW = 50
PREFERENCE_KEYS = ("preferred_output", "non_preferred_output", "preferred_completion")
COMPLETION_KEYS = ("prompt", "completion")


@dataclass(slots=True)
class Example:
    """One row: what it holds, of which format, and what is wrong with it."""

    findings: list[Finding] = field(default_factory=list)
    format: str = ""  # "chat", "prompt_completion", "preference", or "" when it is none of them
    data: dict[str, Any] = field(default_factory=dict)
    canonical: bytes = b""


def read_example(line: bytes, *, expected: str = "") -> Example:
    """Read one line and check it by every rule; never raises, whatever the bytes are."""
    parsed = parse(line)
    if isinstance(parsed, Finding):
        return Example([parsed])
    if not isinstance(parsed.value, dict):
        return Example([found("not_an_object", found=kind_of(parsed.value))])
    form = format_of(parsed.value)
    findings = list(islice(_row_findings(parsed.value, form, expected), MAX_FINDINGS_PER_ROW + 1))
    if len(findings) > MAX_FINDINGS_PER_ROW:
        findings[-1] = found("more_in_row")
    return Example(findings, form, parsed.value, parsed.canonical)


def format_of(row: dict[str, Any]) -> str:
    """Recognise the format by the keys."""
    if "messages" in row:
        return "chat"
    if any(key in row for key in PREFERENCE_KEYS):
        return "preference"
    return "prompt_completion" if any(key in row for key in COMPLETION_KEYS) else ""


def _row_findings(row: dict[str, Any], form: str, expected: str) -> Findings:
    if expected and form and form != expected:
        yield found("other_format", found=form, expected=expected)
    elif form == "chat":
        yield from chat.row_findings(row)
    elif form == "prompt_completion":
        yield from _completion_findings(row)
    elif form == "preference":
        yield found("preference_row")
    else:
        meant = next(
            (near_miss(key, ("messages",)) for key in row if near_miss(key, ("messages",))), {}
        )
        yield found("missing_key", key="messages", **meant)


def _completion_findings(row: dict[str, Any]) -> Findings:
    yield from extra_keys(row, COMPLETION_KEYS, "")
    for key in COMPLETION_KEYS:
        if key not in row:
            yield found("missing_key", key=key)
        else:
            yield from require(row[key], str, key)
            if isinstance(row[key], str) and "\0" in row[key]:
                yield found("nul_character", key)
    if row.get("completion") == "":
        yield found("empty_content", "completion")
