"""The rules for tools in a conversation: calls, their answers and their declarations (pure)."""

from collections.abc import Iterator
from typing import Any

from apps.datasets.check.findings import Findings, found, near_miss
from apps.datasets.check.tools import MAX_TOOLS, arguments_of, name_of

Declared = dict[str, dict[str, Any]]  # name → its schema of parameters


def findings(row: dict[str, Any], messages: list[Any], path: str) -> Findings:
    """Check that declarations, calls and answers belong together. `path` is that of `messages`."""
    objects = [(i, message) for i, message in enumerate(messages) if isinstance(message, dict)]
    is_used = any(m.get("role") == "tool" or "tool_calls" in m for _, m in objects)
    if is_used:
        yield from _pairing(objects, path)
        yield from _parallel(row, objects, path)
    if is_used or any(message.get("function_call") for _, message in objects):
        yield from _declarations(row, objects, path)


def _pairing(messages: list[tuple[int, dict[str, Any]]], base: str) -> Findings:
    called: dict[str, str] = {}  # id → where, not answered yet
    known: set[str] = set()
    for index, message in messages:
        path = f"{base}[{index}]"
        if message.get("role") == "tool":
            answered = message.get("tool_call_id")
            if not isinstance(answered, str):
                continue
            if answered not in known:
                yield found("unknown_tool_call", f"{path}.tool_call_id", value=answered)
            elif called.pop(answered, None) is None:
                yield found("answered_twice", f"{path}.tool_call_id", value=answered)
            continue
        yield from _unanswered(called)
        called = {}
        for place, call_id in _called_ids(message, path):
            if call_id in known:
                yield found("call_id_twice", place, value=call_id)
            called[call_id] = place
            known.add(call_id)


def _unanswered(called: dict[str, str]) -> Findings:
    for call_id, path in called.items():
        yield found("unanswered_tool_call", path, value=call_id)


def _calls(message: dict[str, Any]) -> list[tuple[int, dict[str, Any]]]:
    calls = message.get("tool_calls")
    found_calls = calls if isinstance(calls, list) else []
    return [(index, call) for index, call in enumerate(found_calls) if isinstance(call, dict)]


def _called_ids(message: dict[str, Any], path: str) -> Iterator[tuple[str, str]]:
    for index, call in _calls(message):
        if isinstance(call.get("id"), str):
            yield f"{path}.tool_calls[{index}]", call["id"]


def _parallel(
    row: dict[str, Any], messages: list[tuple[int, dict[str, Any]]], base: str
) -> Findings:
    if row.get("parallel_tool_calls") is not False:
        return
    for index, message in messages:
        if len(calls := _calls(message)) > 1:
            yield found("parallel_calls", f"{base}[{index}].tool_calls", count=len(calls))


def _declarations(
    row: dict[str, Any], messages: list[tuple[int, dict[str, Any]]], base: str
) -> Findings:
    called = list(_functions(messages, base))
    declared = _declared(row)
    if called and not declared and not row.get("tools") and not row.get("functions"):
        yield found("calls_without_tools", called[0][0])
        return
    for path, function in called:
        name = function.get("name")
        if not isinstance(name, str):
            continue
        if name not in declared:
            meant = near_miss(name, tuple(declared))
            yield found("undeclared_tool", f"{path}.name", value=name, **meant)
        else:
            yield from _against_the_schema(function, declared[name], f"{path}.arguments")


def _functions(
    messages: list[tuple[int, dict[str, Any]]], base: str
) -> Iterator[tuple[str, dict[str, Any]]]:
    for index, message in messages:
        if isinstance(called := message.get("function_call"), dict):
            yield f"{base}[{index}].function_call", called
        for number, call in _calls(message):
            if isinstance(function := call.get("function"), dict):
                yield f"{base}[{index}].tool_calls[{number}].function", function


def _declared(row: dict[str, Any]) -> Declared:
    declared: Declared = {}
    for key in ("tools", "functions"):
        items = row.get(key)
        for item in items[:MAX_TOOLS] if isinstance(items, list) else ():
            if isinstance(item, dict) and (name := name_of(item)):
                function = item.get("function", item)
                schema = function.get("parameters") if isinstance(function, dict) else None
                declared[name] = schema if isinstance(schema, dict) else {}
    return declared


def _against_the_schema(function: dict[str, Any], schema: dict[str, Any], path: str) -> Findings:
    """Compare the names of arguments only: what their values may be is the schema's business."""
    arguments = arguments_of(function)
    properties, required = schema.get("properties"), schema.get("required")
    if arguments is None:
        return
    if isinstance(properties, dict) and not schema.get("additionalProperties"):
        for name in sorted(arguments.keys() - properties.keys()):
            meant = near_miss(name, tuple(properties))
            yield found("unknown_argument", path, value=name, **meant)
    for name in required if isinstance(required, list) else ():
        if isinstance(name, str) and name not in arguments:
            yield found("missing_argument", path, value=name)
