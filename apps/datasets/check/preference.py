"""The rules for one preference (DPO) row: a question and two answers to compare (pure)."""

from typing import Any

from apps.datasets.check.chat import conversation_findings
from apps.datasets.check.dialects import COMPARED, meant_role
from apps.datasets.check.everyday import is_everyday
from apps.datasets.check.findings import Findings, extra_keys, found, require
from apps.datasets.check.kinds import (
    FOREIGN_SPELLINGS,
    OTHER_SPELLINGS,
    PREFERENCE,
    PREFERENCE_KEYS,
    in_the_guides_words,
)
from apps.datasets.check.messages import message_findings

OUTPUTS = PREFERENCE_KEYS[1:]
INPUT_KEYS = ("messages", "tools", "parallel_tool_calls")


def row_findings(row: dict[str, Any]) -> Findings:
    """Say everything that is wrong with one comparison."""
    if not row.keys().isdisjoint(FOREIGN_SPELLINGS):
        yield from _foreign(row)
        return
    yield from extra_keys(row, (*PREFERENCE_KEYS, *OTHER_SPELLINGS), "")
    yield from _input_findings(row)
    places = {key: place_of(row, key) for key in OUTPUTS}
    for key, place in places.items():
        if place not in row:
            yield found("missing_key", key=key)
            continue
        if place != key:
            yield found("other_spelling", place, key=place, guide=key)
        yield from _output_findings(row[place], place)
    preferred, other = (row.get(place) for place in places.values())
    if preferred is not None and _said(preferred) == _said(other):
        yield found("equal_outputs")


def place_of(row: dict[str, Any], key: str) -> str:
    """Return the key under which an output really is: the guide's, or the other spelling."""
    spelled = (other for other, guide in OTHER_SPELLINGS.items() if guide == key and other in row)
    return key if key in row else next(spelled, key)


def compared(row: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the answers of a row that has no errors."""
    row = in_the_guides_words(row)
    return [message for key in OUTPUTS for message in row[key]]


def _foreign(row: dict[str, Any]) -> Findings:
    for key, meant in FOREIGN_SPELLINGS.items():
        if key in row:
            yield found("foreign_spelling", key, key=key, guide=meant)


def _input_findings(row: dict[str, Any]) -> Findings:
    asked = row.get("input")
    if "input" not in row:
        yield found("missing_key", key="input")
    elif not isinstance(asked, dict):
        yield from require(asked, dict, "input")
    else:
        yield from extra_keys(asked, INPUT_KEYS, "input")
        if "messages" not in asked:
            yield found("missing_key", "input", key="messages")
        else:
            yield from conversation_findings(asked, PREFERENCE, COMPARED, "input.")


def _output_findings(output: Any, path: str) -> Findings:
    if not isinstance(output, list):
        yield from require(output, list, path)
        return
    if len(output) != 1:
        yield found("not_one_answer", path, count=len(output))
    for index, message in enumerate(output):
        if is_everyday(message) and message["role"] == "assistant":
            continue
        place = f"{path}[{index}]"
        yield from message_findings(message, place, COMPARED)
        if not isinstance(message, dict):
            continue
        if "role" in message and meant_role(message["role"]) != "assistant":
            yield found("output_not_answer", f"{place}.role", role=str(message["role"]))
        if message.get("tool_calls") or message.get("function_call"):
            yield found("calls_compared", place)


def _said(output: Any) -> Any:
    """What an output says; names aside, two that say the same teach nothing."""
    if not isinstance(output, list):
        return output
    wanted = ("content", "tool_calls", "function_call", "refusal")
    return [{k: m.get(k) for k in wanted} if isinstance(m, dict) else m for m in output]
