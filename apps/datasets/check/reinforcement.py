"""The rules for one reinforcement row: a task, and what a grader compares answers with (pure)."""

from typing import Any

from apps.datasets.check.chat import conversation_findings
from apps.datasets.check.dialects import TASK
from apps.datasets.check.findings import Findings, found, near_miss
from apps.datasets.check.kinds import CHAT_KEYS, REINFORCEMENT

TASK_KEYS = ("messages", "tools", "parallel_tool_calls")


def row_findings(row: dict[str, Any]) -> Findings:
    """Say everything that is wrong with one task. Any further key belongs to the grader."""
    beside = grader_keys(row)
    for key in beside:
        if meant := near_miss(key, tuple(known for known in TASK_KEYS if known not in row)):
            yield found("grader_key_slip", key, key=key, **meant)
    if not beside:
        yield found("no_grader_key")
    yield from conversation_findings(row, REINFORCEMENT, TASK)


def grader_keys(row: dict[str, Any]) -> tuple[str, ...]:
    """Return what a grader can read beside the messages, as `item.…`."""
    return tuple(key for key in row if key not in CHAT_KEYS)
