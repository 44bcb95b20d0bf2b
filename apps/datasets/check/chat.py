"""The rules for one row of chat format, and for a conversation in any row (pure)."""

from typing import Any

from apps.datasets.check import tool_use, tools
from apps.datasets.check.content_parts import image_findings
from apps.datasets.check.dialects import CHAT, Dialect, meant_role
from apps.datasets.check.everyday import is_everyday
from apps.datasets.check.findings import Findings, extra_keys, found, require
from apps.datasets.check.kinds import CHAT as CHAT_KIND
from apps.datasets.check.kinds import CHAT_KEYS
from apps.datasets.check.messages import message_findings
from apps.datasets.check.order import CALL, order_findings


def row_findings(row: dict[str, Any]) -> Findings:
    """Say everything that is wrong with one chat row."""
    yield from extra_keys(row, CHAT_KEYS, "")
    yield from conversation_findings(row, CHAT_KIND, CHAT)


def _path(index: int) -> str:
    return f"messages[{index}].content"


def _untrimmed(messages: list[dict[str, Any]]) -> int:
    """Return the place of the first answer with white space around it; -1 when there is none."""
    for index, message in enumerate(messages):
        if message.get("role") == "assistant":
            content = message.get("content")
            if isinstance(content, str) and content.strip() is not content and content.strip():
                return index
    return -1


def conversation_findings(
    row: dict[str, Any], kind: str, dialect: Dialect, prefix: str = ""
) -> Findings:
    """Check `messages` of an object and the tools that it declares."""
    yield from tools.declaration_findings(row, prefix)
    messages, path = row["messages"], f"{prefix}messages"
    if not isinstance(messages, list):
        yield from require(messages, list, path)
        return
    if not messages:
        yield found("empty_list", path)
        return
    for index, message in enumerate(messages):
        if not is_everyday(message):
            yield from message_findings(message, f"{path}[{index}]", dialect)
    objects = [message for message in messages if isinstance(message, dict)]
    if len(objects) == len(messages):
        yield from order_findings(tuple(map(_role, objects)), kind, path)
    if kind == CHAT_KIND:
        yield from _learning_findings(objects, path)
        if (place := _untrimmed(objects)) >= 0:
            yield found("untrimmed_answer", _path(messages.index(objects[place])))
    yield from image_findings(objects, path)
    yield from tool_use.findings(row, messages, path)


def _role(message: dict[str, Any]) -> str:
    role = meant_role(message.get("role"))  # empty when it is missing or no text
    return CALL if role == "assistant" and message.get("tool_calls") else role


def _learning_findings(messages: list[dict[str, Any]], path: str) -> Findings:
    answers = [message for message in messages if message.get("role") == "assistant"]
    if answers and all(answer.get("weight", 1) == 0 for answer in answers):
        yield found("nothing_trained", path)
