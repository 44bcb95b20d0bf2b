"""The rules for tools and functions: declared, called, answered (pure)."""

import re
from typing import Any

import orjson

from apps.datasets.check.findings import Findings, extra_keys, found, near_miss, require

NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
MAX_TOOLS = 128
FUNCTION_KEYS = ("name", "description", "parameters", "strict")
CALL_KEYS = ("id", "type", "function", "index")


def declaration_findings(row: dict[str, Any]) -> Findings:
    """Check the top-level keys that declare tools."""
    if "parallel_tool_calls" in row:
        yield from require(row["parallel_tool_calls"], bool, "parallel_tool_calls")
    for key in ("tools", "functions"):
        if key in row:
            yield from _list_findings(row[key], key)


def _list_findings(declared: Any, key: str) -> Findings:
    if not isinstance(declared, list):
        yield from require(declared, list, key)
        return
    if len(declared) > MAX_TOOLS:
        yield found("too_many", key, count=len(declared), limit=MAX_TOOLS)
    for index, item in enumerate(declared[:MAX_TOOLS]):
        path = f"{key}[{index}]"
        if not isinstance(item, dict):
            yield from require(item, dict, path)
        elif key == "tools":
            yield from _tool_findings(item, path)
        else:
            yield from _function_findings(item, path)


def _tool_findings(tool: dict[str, Any], path: str) -> Findings:
    yield from extra_keys(tool, ("type", "function"), path)
    yield from _type_is_function(tool, path)
    if "function" not in tool:
        yield found("missing_key", path, key="function")
    elif not isinstance(tool["function"], dict):
        yield from require(tool["function"], dict, f"{path}.function")
    else:
        yield from _function_findings(tool["function"], f"{path}.function")


def _function_findings(function: dict[str, Any], path: str) -> Findings:
    yield from extra_keys(function, FUNCTION_KEYS, path)
    yield from _name_findings(function, path)
    if "parameters" in function:
        yield from require(function["parameters"], dict, f"{path}.parameters")


def call_findings(message: dict[str, Any], path: str) -> Findings:
    """Check what one message calls."""
    if "function_call" in message and message["function_call"] is not None:
        yield from _called_function(message["function_call"], f"{path}.function_call")
    calls = message.get("tool_calls")
    if calls is None:
        return
    place = f"{path}.tool_calls"
    if not isinstance(calls, list):
        yield from require(calls, list, place)
    elif not calls:
        yield found("empty_list", place)
    else:
        for index, call in enumerate(calls):
            yield from _call_findings(call, f"{place}[{index}]")


def _call_findings(call: Any, path: str) -> Findings:
    if not isinstance(call, dict):
        yield from require(call, dict, path)
        return
    yield from extra_keys(call, CALL_KEYS, path)
    if "id" not in call:
        yield found("missing_key", path, key="id")
    else:
        yield from require(call["id"], str, f"{path}.id")
    yield from _type_is_function(call, path)
    if "function" not in call:
        yield found("missing_key", path, key="function")
    else:
        yield from _called_function(call["function"], f"{path}.function")


def _called_function(function: Any, path: str) -> Findings:
    if not isinstance(function, dict):
        yield from require(function, dict, path)
        return
    yield from extra_keys(function, ("name", "arguments"), path)
    yield from _name_findings(function, path)
    if "arguments" not in function:
        yield found("missing_key", path, key="arguments")
    elif not _holds_an_object(function["arguments"]):
        yield found("arguments_not_json", f"{path}.arguments")


def _holds_an_object(arguments: Any) -> bool:
    try:
        return isinstance(arguments, str) and isinstance(orjson.loads(arguments), dict)
    except orjson.JSONDecodeError:
        return False


def _type_is_function(obj: dict[str, Any], path: str) -> Findings:
    if "type" not in obj:
        yield found("missing_key", path, key="type")
    elif obj["type"] != "function":
        value = str(obj["type"])
        meant = near_miss(value, ("function",))
        yield found("bad_value", f"{path}.type", value=value, allowed="function", **meant)


def _name_findings(function: dict[str, Any], path: str) -> Findings:
    name = function.get("name")
    if "name" not in function:
        yield found("missing_key", path, key="name")
    elif not isinstance(name, str):
        yield from require(name, str, f"{path}.name")
    elif not NAME.fullmatch(name):
        yield found("bad_name", f"{path}.name", value=name)


def pairing_findings(messages: list[dict[str, Any]]) -> Findings:
    """Check that calls and answers belong together."""
    called: dict[str, str] = {}  # id → where, not answered yet
    known: set[str] = set()
    for index, message in enumerate(messages):
        role, path = message.get("role"), f"messages[{index}]"
        if role == "tool":
            answered = message.get("tool_call_id")
            if isinstance(answered, str) and answered not in known:
                yield found("unknown_tool_call", f"{path}.tool_call_id", value=answered)
            called.pop(str(answered), None)
            continue
        yield from _unanswered(called)
        called = _called_ids(message, path)
        known |= called.keys()


def _unanswered(called: dict[str, str]) -> Findings:
    for call_id, path in called.items():
        yield found("unanswered_tool_call", path, value=call_id)


def _called_ids(message: dict[str, Any], path: str) -> dict[str, str]:
    calls = message.get("tool_calls")
    if not isinstance(calls, list):
        return {}
    return {
        call["id"]: f"{path}.tool_calls[{index}]"
        for index, call in enumerate(calls)
        if isinstance(call, dict) and isinstance(call.get("id"), str)
    }
