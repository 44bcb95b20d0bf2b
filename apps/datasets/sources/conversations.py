"""Conversations inside one cell, in the shapes that people keep them in (pure)."""

from typing import Any

import orjson

# ShareGPT's words and their like, for what OpenAI calls role and content.
ROLES = {"human": "user", "gpt": "assistant", "chatgpt": "assistant", "bot": "assistant"}
ROLES |= {"model": "assistant", "ai": "assistant", "observation": "tool"}


def parsed(cell: Any) -> Any:
    """Read a cell that holds JSON; other cells stay as they are."""
    if isinstance(cell, str) and cell.lstrip()[:1] in ("[", "{"):
        try:
            return orjson.loads(cell)
        except orjson.JSONDecodeError:
            return cell
    return cell


def messages_in(cell: Any) -> list[dict[str, Any]]:
    """Return the messages that a cell holds; empty when it holds none."""
    value = parsed(cell)
    if isinstance(value, dict):
        value = value.get("messages", value.get("conversations"))
    if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
        return []
    return [_message(entry) for entry in value] if all(map(_is_message, value)) else []


def _is_message(entry: dict[str, Any]) -> bool:
    return "role" in entry or {"from", "value"} <= entry.keys()


def _message(entry: dict[str, Any]) -> dict[str, Any]:
    if "role" in entry:
        return entry
    speaker = entry["from"]
    role = ROLES.get(speaker, speaker) if isinstance(speaker, str) else speaker
    rest = {key: value for key, value in entry.items() if key not in ("from", "value")}
    return {"role": role, "content": entry["value"], **rest}


def text_of(cell: Any) -> str:
    """Write a cell as the text of a message."""
    if isinstance(cell, str):
        return cell
    return orjson.dumps(cell, default=str).decode()
