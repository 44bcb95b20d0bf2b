"""The rules for tools and functions as they are declared and called, one by one (pure)."""

import re
from typing import Any

import orjson

from apps.datasets.check.findings import Findings, extra_keys, found, near_miss, require

NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
MAX_TOOLS = 128
FUNCTION_KEYS = ("name", "description", "parameters", "strict")
CALL_KEYS = ("id", "type", "function", "index")


def declaration_findings(row: dict[str, Any], prefix: str = "") -> Findings:
    """Check the keys that declare tools, beside the messages."""
    if "parallel_tool_calls" in row:
        yield from require(row["parallel_tool_calls"], bool, f"{prefix}parallel_tool_calls")
        if not row.get("tools"):
            yield found("parallel_without_tools", f"{prefix}parallel_tool_calls")
    for key in ("tools", "functions"):
        if key in row:
            yield from _list_findings(row[key], key, prefix)
    if "functions" in row:
        yield found("old_functions", f"{prefix}functions")


def _list_findings(declared: Any, key: str, prefix: str) -> Findings:
    place = f"{prefix}{key}"
    if not isinstance(declared, list):
        yield from require(declared, list, place)
        return
    if len(declared) > MAX_TOOLS:
        yield found("too_many_tools", place, count=len(declared), limit=MAX_TOOLS)
    seen: set[str] = set()
    for index, item in enumerate(declared[:MAX_TOOLS]):
        path = f"{place}[{index}]"
        if not isinstance(item, dict):
            yield from require(item, dict, path)
            continue
        yield from _tool_findings(item, path) if key == "tools" else _function(item, path)
        name = name_of(item)
        if name and name in seen:
            yield found("tool_twice", path, value=name)
        seen.add(name)


def name_of(declared: dict[str, Any]) -> str:
    """Return the name that a tool or function is called by; empty when it has none."""
    function = declared.get("function", declared)
    name = function.get("name") if isinstance(function, dict) else None
    return name if isinstance(name, str) else ""


def _tool_findings(tool: dict[str, Any], path: str) -> Findings:
    yield from extra_keys(tool, ("type", "function"), path)
    yield from _type_is_function(tool, path)
    if "function" not in tool:
        yield found("missing_key", path, key="function")
    elif not isinstance(tool["function"], dict):
        yield from require(tool["function"], dict, f"{path}.function")
    else:
        yield from _function(tool["function"], f"{path}.function")


def _function(function: dict[str, Any], path: str) -> Findings:
    yield from extra_keys(function, FUNCTION_KEYS, path)
    yield from _name_findings(function, path)
    if "description" in function:
        yield from require(function["description"], str, f"{path}.description")
    if function.get("strict") is not None:
        yield from require(function["strict"], bool, f"{path}.strict")
    if "parameters" in function:
        yield from _parameters(function["parameters"], f"{path}.parameters")


def _parameters(parameters: Any, path: str) -> Findings:
    if not isinstance(parameters, dict):
        yield from require(parameters, dict, path)
    elif parameters.get("type", "object") != "object":
        yield found("parameters_not_object", path, value=str(parameters["type"]))


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
    elif arguments_of(function) is None:
        yield found("arguments_not_json", f"{path}.arguments")


def arguments_of(function: dict[str, Any]) -> dict[str, Any] | None:
    """Read the arguments of a call; None when they are not a string that holds an object."""
    arguments = function.get("arguments")
    try:
        held = orjson.loads(arguments) if isinstance(arguments, str) else None
    except orjson.JSONDecodeError:
        return None
    return held if isinstance(held, dict) else None


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
