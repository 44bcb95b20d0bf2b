"""The rules for one row of prompt and completion (pure)."""

from typing import Any

from apps.datasets.check.findings import Findings, extra_keys, found, require
from apps.datasets.check.kinds import PAIR_KEYS


def row_findings(row: dict[str, Any]) -> Findings:
    """Say everything that is wrong with one prompt and its completion."""
    yield from extra_keys(row, PAIR_KEYS, "")
    for key in PAIR_KEYS:
        if key not in row:
            yield found("missing_key", key=key)
        else:
            yield from require(row[key], str, key)
            if isinstance(row[key], str) and "\0" in row[key]:
                yield found("nul_character", key)
    completion = row.get("completion")
    if completion == "":
        yield found("empty_answer", "completion")
    elif isinstance(completion, str) and completion.isspace():
        yield found("blank_content", "completion")
