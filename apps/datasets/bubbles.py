"""A row as things to show: one bubble per message, whatever strange shape it has (pure)."""

from dataclasses import dataclass
from typing import Any

import orjson

from apps.datasets.rows import Row

FOLD_CHARACTERS = 1_500
LONGEST_SHOWN = 20_000


@dataclass(frozen=True, slots=True)
class Bubble:
    """What one message says. Everything in it was written by somebody else."""

    role: str
    text: str
    side: str = "start"
    name: str = ""
    details: str = ""  # tool calls and the like, as JSON
    is_untrained: bool = False

    @property
    def is_long(self) -> bool:
        return len(self.text) > FOLD_CHARACTERS

    @property
    def beginning(self) -> str:
        return self.text[:200]


def bubbles_of(row: Row) -> list[Bubble]:
    """Turn a row into bubbles; empty when it can only be shown as it is in the file."""
    if row.data is None:
        return []
    if row.messages:
        return [_bubble(message) for message in row.messages]
    if "prompt" in row.data or "completion" in row.data:
        answer = Bubble("completion", _text(row.data.get("completion")), "end")
        return [Bubble("prompt", _text(row.data.get("prompt"))), answer]
    return []


def _bubble(message: dict[str, Any]) -> Bubble:
    role = _text(message.get("role"))[:40]
    rest = {
        key: value
        for key, value in message.items()
        if key not in ("role", "content", "name", "weight")
    }
    return Bubble(
        role=role,
        text=_text(message.get("content")),
        side="end" if role == "assistant" else "start",
        name=_text(message.get("name"))[:80],
        details=_json(rest) if rest else "",
        is_untrained=role == "assistant" and message.get("weight") == 0,
    )


def _text(content: Any) -> str:
    if content is None:
        return ""
    if isinstance(content, list):
        return "\n".join(_part(part) for part in content)
    return content[:LONGEST_SHOWN] if isinstance(content, str) else _json(content)


def _part(part: Any) -> str:
    if isinstance(part, dict) and isinstance(part.get("text"), str):
        return str(part["text"][:LONGEST_SHOWN])
    return _json(part)


def _json(value: Any) -> str:
    return orjson.dumps(value, option=orjson.OPT_INDENT_2).decode()[:LONGEST_SHOWN]
