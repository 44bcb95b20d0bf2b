"""Turns rows of a dataset into questions, each with the answer that is expected."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import orjson

from apps.core.storable import storable
from apps.datasets.models import Version
from apps.datasets.rows.reading import Row, read_some

MOST_CASES = 1_000
ASKING_KEYS = ("role", "content", "name", "tool_calls", "tool_call_id", "function_call")

Message = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Question:
    """The messages before the answer, and the answer; "" where none is known."""

    messages: list[Message]
    expected: str
    row: int | None = None
    grader: Mapping[str, Any] | None = None  # its own
    slices: Mapping[str, str] = field(default_factory=dict)  # known beforehand, such as a topic
    metadata: Mapping[str, Any] = field(default_factory=dict)  # what the row says about itself


def sampled(version: Version, *, count: int, seed: int) -> list[int]:
    """Return the numbers of the rows that are asked, in their order: the same for the same seed."""
    rows = range(1, (version.row_count or 0) + 1)
    if count >= len(rows):
        return list(rows)
    return sorted(random.Random(seed).sample(rows, count))  # noqa: S311 - not for secrets


def questions(version: Version, numbers: list[int], *, expected_in: str = "") -> list[Question]:
    """Read these rows; those that ask nothing are left out.

    `expected_in` names the field of a row with the expected answer, where no message is that.
    """
    read = partial(question_with, field=expected_in) if expected_in else question_of
    found = (read(row) for row in read_some(version, numbers))
    return [question for question in found if question]


def question_with(row: Row, *, field: str) -> Question | None:
    """Take a row apart whose expected answer stands in a field: what is no text, as JSON."""
    told = (row.data or {}).get(field)
    plain = told if isinstance(told, str) else None if told is None else orjson.dumps(told).decode()
    last = row.messages[-1].get("role") if row.messages else None
    asked = row.messages[:-1] if last == "assistant" else row.messages
    return _question(row, [_as_asked(message) for message in asked], plain or "")


def question_of(row: Row) -> Question | None:
    """Take a row apart: what is asked, and the last answer. None where nothing is asked."""
    data = row.data or {}
    if "prompt" in data:
        return _question(row, [{"role": "user", "content": data["prompt"]}], data.get("completion"))
    if "preferred_output" in data:
        return _preferred(row, data)
    return _last_answer(row)


def _last_answer(row: Row) -> Question | None:
    """Take the last answer for the expected one; rows of reinforcement end before it."""
    last = row.messages[-1].get("role") if row.messages else None
    if last == "user":
        return _question(row, [_as_asked(message) for message in row.messages], "")
    for place in range(len(row.messages) - 1, 0, -1):
        if row.messages[place].get("role") == "assistant":
            before = [_as_asked(message) for message in row.messages[:place]]
            return _question(row, before, row.messages[place].get("content"))
    return None


def _preferred(row: Row, data: Mapping[str, Any]) -> Question | None:
    asked = data.get("input")
    messages = asked.get("messages") if isinstance(asked, dict) else None
    answers = data.get("preferred_output")
    if not isinstance(messages, list) or not isinstance(answers, list) or not answers:
        return None
    last = answers[-1]
    return _question(row, messages, last.get("content") if isinstance(last, dict) else None)


def _question(row: Row, messages: list[Any], expected: Any) -> Question | None:
    asks = any(isinstance(each, dict) and each.get("role") == "user" for each in messages)
    if not asks or not isinstance(expected, str):
        return None
    told = (row.data or {}).get("metadata")
    metadata = told if isinstance(told, dict) else {}
    return Question(
        storable(messages),
        storable(expected).strip(),
        row=row.number,
        metadata=storable(metadata),
    )


def _as_asked(message: Message) -> Message:
    """Leave out what only training knows, such as weights."""
    return {key: message[key] for key in ASKING_KEYS if message.get(key) is not None}
