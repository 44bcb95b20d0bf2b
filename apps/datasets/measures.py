"""What is counted of an example: its texts, and what the format itself costs (pure).

Tokens per chat row follow OpenAI's cookbook: 3 per message, the tokens of every text including the
role, 1 more for a name, and 3 per row. The engine's byte vocabulary costs 2 marks per message.
"""

from collections.abc import Iterator
from enum import IntEnum
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson

from apps.datasets.examples import Example
from apps.datasets.tokens import BYTES, Counter

PER_MESSAGE = 3 + 1  # and the role: each role is one token in every encoding
PER_NAME = 1
PER_ROW = 3
BYTE_MARKS_PER_MESSAGE = 2

Numbers = npt.NDArray[np.int64]


class Kind(IntEnum):
    OTHER = 0  # names, tools, arguments
    CONTENT = 1
    ANSWER = 2


class Texts:
    """The texts of many examples, side by side, so that they are counted in one call."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.owners: list[int] = []  # which example each text belongs to
        self.kinds: list[int] = []
        self.messages: list[int] = []  # per example
        self.names: list[int] = []  # per example
        self.is_chat: list[bool] = []
        self.images = 0

    def add(self, example: Example) -> None:
        """Take in one example that has no errors."""
        owner = len(self.messages)
        pairs = _chat_texts(example.data) if example.format == "chat" else _pair(example.data)
        for text, kind in pairs:
            self.texts.append(text)
            self.kinds.append(kind)
            self.owners.append(owner)
        messages = example.data.get("messages", ())
        self.messages.append(len(messages))
        self.names.append(sum(1 for message in messages if "name" in message))
        self.is_chat.append(example.format == "chat")
        self.images += _images(messages) if b'"image_url"' in example.canonical else 0

    def tokens(self, encoding: str, count: Counter) -> tuple[Numbers, int]:
        """Return the tokens of each example, and of all answers together."""
        counts = count(self.texts)
        kinds, owners = np.array(self.kinds, np.int64), np.array(self.owners, np.int64)
        messages, names = np.array(self.messages, np.int64), np.array(self.names, np.int64)
        answers = int(counts[kinds == Kind.ANSWER].sum())
        if encoding == BYTES:
            counts = np.where(kinds == Kind.OTHER, 0, counts)
            overhead = BYTE_MARKS_PER_MESSAGE * messages
        else:
            per_row = np.where(np.array(self.is_chat, bool), PER_ROW, 0)
            overhead = PER_MESSAGE * messages + PER_NAME * names + per_row
        sums = np.bincount(owners, weights=counts, minlength=len(messages))
        return sums.astype(np.int64) + overhead, answers


def _pair(row: dict[str, Any]) -> Iterator[tuple[str, Kind]]:
    yield row["prompt"], Kind.CONTENT
    yield row["completion"], Kind.ANSWER


def _chat_texts(row: dict[str, Any]) -> Iterator[tuple[str, Kind]]:
    for message in row["messages"]:
        kind = Kind.ANSWER if message["role"] == "assistant" else Kind.CONTENT
        content = message.get("content")
        if isinstance(content, str):
            yield content, kind
        elif content:
            yield from (
                (part[part["type"]], kind) for part in content if part["type"] != "image_url"
            )
        if len(message) > 2:
            yield from _side_texts(message)
    for key in ("tools", "functions"):
        if key in row:
            yield orjson.dumps(row[key]).decode(), Kind.OTHER  # an estimate of their cost


def _side_texts(message: dict[str, Any]) -> Iterator[tuple[str, Kind]]:
    calls = [call["function"] for call in message.get("tool_calls") or ()]
    for called in (*calls, message.get("function_call")):
        if called:
            yield called["name"], Kind.OTHER
            yield called["arguments"], Kind.OTHER
    for key in ("name", "tool_call_id", "refusal"):
        if isinstance(value := message.get(key), str):
            yield value, Kind.OTHER


def _images(messages: list[dict[str, Any]]) -> int:
    contents = (message.get("content") for message in messages)
    parts = (part for content in contents if isinstance(content, list) for part in content)
    return sum(1 for part in parts if part.get("type") == "image_url")
