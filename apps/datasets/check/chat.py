"""The rules for one row of chat format (pure). Sources of each: docs/datasets.md."""

from typing import Any

from apps.datasets.check import tools
from apps.datasets.check.content_parts import parts_findings
from apps.datasets.check.findings import Findings, extra_keys, found, kind_of, near_miss, require

ROW_KEYS = ("messages", "tools", "parallel_tool_calls", "functions")
ROLES = ("system", "user", "assistant", "tool", "function")
MESSAGE_KEYS = {
    "system": ("role", "content", "name"),
    "user": ("role", "content", "name"),
    "assistant": (
        "role", "content", "name", "weight", "tool_calls", "function_call", "refusal", "audio",
    ),
    "tool": ("role", "content", "tool_call_id"),
    "function": ("role", "content", "name"),
}  # fmt: skip
ALL_KEYS = tuple(dict.fromkeys(key for keys in MESSAGE_KEYS.values() for key in keys))
ROLE_ALIASES = {"developer": "system", "human": "user", "gpt": "assistant", "bot": "assistant"}
ROLE_ALIASES |= {"model": "assistant", "ai": "assistant"}
NEEDED = {"tool": "tool_call_id", "function": "name"}


def row_findings(row: dict[str, Any]) -> Findings:
    """Say everything that is wrong with one chat row."""
    yield from extra_keys(row, ROW_KEYS, "")
    yield from tools.declaration_findings(row)
    messages = row["messages"]
    if not isinstance(messages, list):
        yield from require(messages, list, "messages")
    elif not messages:
        yield found("empty_list", "messages")
    else:
        for index, message in enumerate(messages):
            if not _is_plain(message):
                yield from _message_findings(message, f"messages[{index}]")
        yield from _conversation_findings([m for m in messages if isinstance(m, dict)])


def _is_plain(message: Any) -> bool:
    """True for the everyday message, so that the long road is walked only by the others."""
    return (
        isinstance(message, dict)
        and len(message) == 2
        and message.get("role") in ("user", "assistant", "system")
        and isinstance(content := message.get("content"), str)
        and content != ""
        and "\0" not in content
    )


def _message_findings(message: Any, path: str) -> Findings:
    if not isinstance(message, dict):
        yield from require(message, dict, path)
        return
    role = message.get("role")
    if isinstance(role, str) and role in MESSAGE_KEYS:
        yield from extra_keys(message, MESSAGE_KEYS[role] + _weight_apart(message), path)
        yield from _needed_key(message, role, path)
    else:
        yield from _role_finding(message, path)
        yield from extra_keys(message, ALL_KEYS, path)
    yield from _content_findings(message, path)
    yield from _name_findings(message, path)
    yield from _weight_findings(message, path)
    yield from tools.call_findings(message, path)


def _weight_apart(message: dict[str, Any]) -> tuple[str, ...]:
    """A weight on another role has words of its own."""
    return ("weight",) if "weight" in message else ()


def _role_finding(message: dict[str, Any], path: str) -> Findings:
    role = message.get("role")
    if "role" not in message:
        yield found("missing_key", path, key="role")
    elif not isinstance(role, str):
        yield from require(role, str, f"{path}.role")
    else:
        yield found("unknown_role", f"{path}.role", value=role, **_role_meant(role))


def _role_meant(role: str) -> dict[str, str]:
    alias = ROLE_ALIASES.get(role.strip().lower())
    return {"suggestion": alias} if alias else near_miss(role, ROLES)


def _needed_key(message: dict[str, Any], role: str, path: str) -> Findings:
    key = NEEDED.get(role)
    if key and key not in message:
        yield found("missing_key", path, key=key)
    elif key:
        yield from require(message[key], str, f"{path}.{key}")


def _content_findings(message: dict[str, Any], path: str) -> Findings:
    content = message.get("content")
    if content is None:
        yield from _no_content(message, path)
    elif isinstance(content, str):
        yield from _text_findings(content, message, f"{path}.content")
    elif isinstance(content, list):
        yield from parts_findings(content, message.get("role"), f"{path}.content")
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
    if "\0" in content:
        yield found("nul_character", path)
    if not content and not _may_lack_content(message) and message.get("role") != "tool":
        yield found("empty_content", path)


def _name_findings(message: dict[str, Any], path: str) -> Findings:
    if "name" in message and message.get("role") != "function":
        yield from require(message["name"], str, f"{path}.name")


def _weight_findings(message: dict[str, Any], path: str) -> Findings:
    weight = message.get("weight")
    if "weight" not in message:
        return
    if message.get("role") != "assistant":
        yield found("weight_not_assistant", f"{path}.weight")
    elif isinstance(weight, bool) or weight not in (0, 1):
        yield found("bad_weight", f"{path}.weight", value=repr(weight))


def _conversation_findings(messages: list[dict[str, Any]]) -> Findings:
    roles = [message.get("role") for message in messages]
    if "assistant" not in roles:
        yield found("missing_assistant", "messages")
    elif roles[-1] != "assistant":
        yield found("last_not_assistant", "messages", role=str(roles[-1]))
    elif all(m.get("weight", 1) == 0 for m in messages if m.get("role") == "assistant"):
        yield found("nothing_trained", "messages")
    if "user" not in roles:
        yield found("missing_user", "messages")
    if "tool" in roles or any("tool_calls" in message for message in messages):
        yield from tools.pairing_findings(messages)
