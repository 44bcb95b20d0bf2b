"""Reads and judges training files, one line at a time; memory stays flat whatever their size."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson

from apps.engine.tiny import tokens
from apps.engine.tiny.model import ModelConfig

LEAST_EXAMPLES = 10
MOST_EXAMPLES = 50_000  # all of them are in memory while the model trains
LONGEST_NAME = 100  # characters of a caller's that are repeated in a message
LONGEST_LINE = 8 * 1024 * 1024  # bytes
CONTEXT = ModelConfig().context
BYTE_ORDER_MARK = b"\xef\xbb\xbf"

KEYS_OF_TOOLS = ("tools", "parallel_tool_calls", "functions")

Example = Mapping[str, Any]


class NotJsonLines(ValueError):
    """A file that is not one JSON object per line; says where it is not."""


class BadExample(ValueError):
    """An example that cannot be trained on; `code` is the job's error code."""

    def __init__(self, message: str, *, code: str = "") -> None:
        super().__init__(message)
        self.code = code


def read_examples(path: Path) -> Iterator[Example]:
    """Yield the object of each line; blank lines and a byte order mark are passed over."""
    with path.open("rb") as file:
        if file.read(len(BYTE_ORDER_MARK)) != BYTE_ORDER_MARK:
            file.seek(0)
        number = 0
        while line := file.readline(LONGEST_LINE + 1):
            number += 1
            if line.strip():
                yield _parse_line(line, number)


def read_conversations(path: Path) -> Iterator[list[tokens.Message]]:
    """Yield the messages of each example of a file that has been checked."""
    for example in read_examples(path):
        yield example["messages"]


def require_json_lines(path: Path) -> None:
    """Read a file to its end; NotJsonLines when it is not one JSON object per line."""
    if not sum(1 for _ in read_examples(path)):
        raise NotJsonLines("The file is empty.")


def check_examples(path: Path) -> int:
    """Count the examples of a file; BadExample for the first that cannot be trained on."""
    count = 0
    for count, example in enumerate(read_examples(path), 1):
        _check_example(example, count)
    return count


def _parse_line(line: bytes, number: int) -> Example:
    if len(line) > LONGEST_LINE:
        raise NotJsonLines(f"Line {number} is longer than {LONGEST_LINE // 1024**2} MB.")
    try:
        example = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise NotJsonLines(
            "Expected file to have JSONL format, where every line is a valid JSON dictionary."
            f" Line {number} is not valid JSON: {error.msg}."
        ) from None
    if not isinstance(example, dict):
        raise NotJsonLines(
            "Expected file to have JSONL format, where every line is a JSON dictionary."
            f" Line {number} is not a dictionary (HINT: each line must begin with '{{')."
        )
    return example


def _check_example(example: Example, number: int) -> None:
    """Refuse what OpenAI refuses, and what this model cannot learn."""
    start = f"Invalid file format. Example {number}"
    if "messages" not in example:
        raise BadExample(
            "Unexpected file format, expected chat messages."
            if {"prompt", "completion"} <= example.keys()
            else f'{start} is missing key "messages".'
        )
    for key in example:
        if key in KEYS_OF_TOOLS and example[key]:
            raise BadExample(f'{start} has "{key}", which this model cannot learn to use.')
        if key not in ("messages", *KEYS_OF_TOOLS):
            raise BadExample(
                f"{start} contains an extra {json.dumps(key[:LONGEST_NAME])}.",
                code="invalid_file_format",
            )
    _check_messages(example["messages"], start)


def _check_messages(messages: object, start: str) -> None:
    if not isinstance(messages, list) or not messages:
        raise BadExample(f'{start}: "messages" must be a list with at least one message.')
    for position, message in enumerate(messages):
        if not isinstance(message, dict):
            raise BadExample(f"{start}, message {position} is not a dictionary.")
        if "role" not in message:
            raise BadExample(
                f"{start}, message {position} Discriminator 'role' is missing in value."
            )
        _check_weight(message, f"{start}, message {position}")
    if not any(message["role"] == "assistant" for message in messages):
        raise BadExample(f"{start} has no message with the role assistant.")
    try:
        tokens.encode_conversation(messages, CONTEXT)
    except tokens.UnreadableConversation as unreadable:
        raise BadExample(f"{start}: {str(unreadable)[:300]}") from None


def _check_weight(message: Example, start: str) -> None:
    if "weight" not in message:
        return
    if message["role"] != "assistant":
        raise BadExample(f'{start}: only assistant messages may have a "weight".')
    if message["weight"] not in (0, 1):
        raise BadExample(f'{start}: "weight" must be 0 or 1.')
