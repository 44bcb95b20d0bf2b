"""Turns rows of a dataset into questions, each with the answer that is expected."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import orjson

from apps.core.storable import storable
from apps.datasets.models import Version
from apps.datasets.rows import questions as rows
from apps.datasets.rows.reading import Row, read_some

MOST_CASES = 1_000

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
    tools: Sequence[Any] = ()  # that the model may call, in OpenAI's shape


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


def distinct(questions: Sequence[Question]) -> list[Question]:
    """Leave out what repeats a question and its answer: the same row twice is no second row.

    Every test of a verdict takes rows to be independent, and a known answer is even taken over.
    """
    found: dict[bytes, Question] = {}
    for each in questions:
        key = orjson.dumps([each.messages, each.tools, each.expected], option=orjson.OPT_SORT_KEYS)
        found.setdefault(key, each)
    return list(found.values())


def question_with(row: Row, *, field: str) -> Question | None:
    """Take a row apart whose expected answer stands in a field: what is no text, as JSON."""
    told = (row.data or {}).get(field)
    plain = told if isinstance(told, str) else None if told is None else orjson.dumps(told).decode()
    last = row.messages[-1].get("role") if row.messages else None
    asked = row.messages[:-1] if last == "assistant" else row.messages
    tools = (row.data or {}).get("tools")
    messages = [rows.as_sent(message) for message in asked]
    if not any(message.get("role") == "user" for message in messages):
        return None
    return _question(row, messages, plain or "", tools if isinstance(tools, list) else ())


def question_of(row: Row) -> Question | None:
    """Take a row apart: what is asked, and the answer. None where nothing is asked."""
    asked = rows.question_of(row)
    return _question(row, asked.messages, asked.answer, asked.tools) if asked else None


def _question(
    row: Row, messages: Sequence[Message], expected: str, tools: Sequence[Any]
) -> Question:
    told = (row.data or {}).get("metadata")
    metadata = told if isinstance(told, dict) else {}
    return Question(
        storable(list(messages)),
        storable(expected).strip(),
        row=row.number,
        metadata=storable(metadata),
        tools=storable(list(tools)),
    )
