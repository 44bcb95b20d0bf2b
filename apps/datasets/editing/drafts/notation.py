"""JSON as people read and type it (pure)."""

import json
from typing import Any

from apps.datasets.check.findings import Finding, found
from apps.datasets.check.lines import parse
from apps.datasets.rulebook import words


class NotJson(Exception):
    """A text that is no JSON, and where it stops being some (both counted from 1)."""

    def __init__(self, finding: Finding, text: str) -> None:
        super().__init__(finding.code)
        place = max(int(finding.params.get("column", 1)) - 1, 0)
        self.finding = finding
        self.line = text.count("\n", 0, place) + 1
        self.column = place - (text.rfind("\n", 0, place) + 1) + 1
        self.has_place = "column" in finding.params

    @property
    def words(self) -> str:
        """What is wrong, in the reader's language."""
        params = {**self.finding.params, "column": self.column}
        return words.message(self.finding.code, params)


def read(text: str) -> Any:
    """Read JSON as strictly as the check does, with whole numbers of any length; or NotJson."""
    parsed = parse(text.encode("utf-8", "surrogatepass"))
    if isinstance(parsed, Finding):
        raise NotJson(parsed, text)
    try:
        return json.loads(text)  # the check's own parser makes floats of very long numbers
    except (RecursionError, ValueError) as exc:
        raise NotJson(found("nested_too_deep", limit=200), text) from exc


def pretty(value: Any) -> str:
    """Write JSON for people."""
    return json.dumps(value, ensure_ascii=False, indent=2)


def compact(value: Any) -> str:
    """Write JSON as a line of a file."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def compacted(line: bytes) -> str:
    """Write a line of a file as `compact` does; empty when it is no JSON."""
    try:
        return compact(read(line.decode()))
    except (NotJson, UnicodeDecodeError):
        return ""
