"""The rules for one message (pure)."""

import json
import re
from typing import Any

from apps.datasets.check import tools
from apps.datasets.check.content_parts import parts_findings
from apps.datasets.check.dialects import (
    ALL_KEYS,
    MESSAGE_KEYS,
    NEEDED,
    ROLE_ALIASES,
    Dialect,
    meant_role,
)
from apps.datasets.check.findings import Findings, extra_keys, found, kind_of, near_miss, require

SPEAKER = re.compile(r"[^\s<|\\/>]{1,64}")


def message_findings(message: Any, path: str, dialect: Dialect) -> Findings:
    """Say everything that is wrong with one message."""
    if not isinstance(message, dict):
        yield from require(message, dict, path)
        return
    role = message.get("role")
    if isinstance(role, str) and role in dialect.roles:
        yield from extra_keys(message, dialect.keys(role) + _weight_apart(message, dialect), path)
        yield from _needed_key(message, role, path)
    else:
        yield from _role_finding(message, path, dialect)
        yield from extra_keys(message, ALL_KEYS, path)
    yield from _content_findings(message, path, dialect)
    yield from _name_findings(message, path)
    yield from _weight_findings(message, path, dialect)
    yield from tools.call_findings(message, path)


def _weight_apart(message: dict[str, Any], dialect: Dialect) -> tuple[str, ...]:
    """A weight on another role has words of its own."""
    return ("weight",) if dialect.weight and "weight" in message else ()


def _role_finding(message: dict[str, Any], path: str, dialect: Dialect) -> Findings:
    role = message.get("role")
    if "role" not in message:
        yield found("missing_key", path, key="role")
    elif not isinstance(role, str):
        yield from require(role, str, f"{path}.role")
    elif role == "developer":
        yield found("developer_role", f"{path}.role")
    else:
        meant = _role_meant(role, dialect.roles)
        yield found("unknown_role", f"{path}.role", value=role, **meant)


def _role_meant(role: str, known: tuple[str, ...]) -> dict[str, str]:
    alias = ROLE_ALIASES.get(role.strip().lower())
    return {"suggestion": alias} if alias else near_miss(role, known)


def _needed_key(message: dict[str, Any], role: str, path: str) -> Findings:
    key = NEEDED.get(role)
    if key and key not in message:
        yield found("missing_key", path, key=key)
    elif key:
        yield from require(message[key], str, f"{path}.{key}")


def _content_findings(message: dict[str, Any], path: str, dialect: Dialect) -> Findings:
    content = message.get("content")
    if content is None:
        yield from _no_content(message, path)
    elif isinstance(content, str):
        yield from _text_findings(content, message, f"{path}.content")
    elif isinstance(content, list):
        role = message.get("role")
        yield from parts_findings(content, role, f"{path}.content", images=dialect.images)
    else:
        kind = kind_of(content)
        yield found("wrong_type", f"{path}.content", expected="string or parts", found=kind)


def _no_content(message: dict[str, Any], path: str) -> Findings:
    if _may_lack_content(message):
        return
    if "content" in message:
        place = f"{path}.content"
        yield found("wrong_type", place, expected="string or parts", found="null")
    else:
        yield found("missing_key", path, key="content")


def _may_lack_content(message: dict[str, Any]) -> bool:
    """An answer may consist of calls, or of a refusal, alone."""
    calls = message.get("tool_calls") or message.get("function_call") or message.get("refusal")
    return message.get("role") == "assistant" and bool(calls)


def _text_findings(content: str, message: dict[str, Any], path: str) -> Findings:
    role = message.get("role")
    if "\0" in content:
        yield found("nul_character", path)
    if role in ("tool", "function") or _may_lack_content(message):
        return
    if not content:
        yield found("empty_answer" if role == "assistant" else "empty_content", path)
    elif content.isspace():
        yield found("blank_content", path)


def _name_findings(message: dict[str, Any], path: str) -> Findings:
    if "name" not in message or message.get("role") == "tool":
        return
    name = message["name"]
    if message.get("role") == "function":
        if isinstance(name, str) and not tools.NAME.fullmatch(name):
            yield found("bad_name", f"{path}.name", value=name)
    elif not isinstance(name, str):
        yield from require(name, str, f"{path}.name")
    elif not SPEAKER.fullmatch(name):
        yield found("bad_speaker", f"{path}.name", value=name)


def _weight_findings(message: dict[str, Any], path: str, dialect: Dialect) -> Findings:
    weight = message.get("weight")
    if "weight" not in message or not dialect.weight:
        return
    role = meant_role(message.get("role"))
    if role in MESSAGE_KEYS and role != "assistant":
        yield found("weight_not_assistant", f"{path}.weight")
    elif isinstance(weight, bool) or weight not in (0, 1):
        yield found("bad_weight", f"{path}.weight", value=json.dumps(weight))
