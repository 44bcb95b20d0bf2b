"""What a row makes use of, as bits: one number per row, and counts per file (pure).

Not every provider can train on everything; what is counted here is compared with what each of them
says it takes (apps/datasets/trainability.py). Bits are kept on disk: never give one a new meaning.
"""

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt

from apps.datasets.check.kinds import PREFERENCE_KEYS

ERRORS = 1 << 0  # at least one problem that must be fixed; the bits below are then not set
BLANK = 1 << 1  # an empty line
SYSTEM = 1 << 2
TOOLS = 1 << 3  # declared or called
IMAGES = 1 << 4
WEIGHT = 1 << 5  # any weight, also 1
NAME = 1 << 6
UNTRAINED = 1 << 7  # an answer of weight 0
UNANSWERED = 1 << 8  # a conversation that does not end with an answer
FUNCTIONS = 1 << 9  # the deprecated form of tools
DEVELOPER = 1 << 10
SEVERAL_TURNS = 1 << 11
EMBEDDED_IMAGES = 1 << 12  # whose bytes are in the row
USER = 1 << 13
ASSISTANT = 1 << 14
TOOL = 1 << 15  # a message with what a tool, or a function, gave back

BITS_OF_ROLES = {
    "system": SYSTEM,
    "developer": DEVELOPER,
    "user": USER,
    "assistant": ASSISTANT,
    "tool": TOOL | TOOLS,
    "function": TOOL | FUNCTIONS,
}

NAMES = {
    "errors": ERRORS,
    "blank": BLANK,
    "system": SYSTEM,
    "tools": TOOLS,
    "images": IMAGES,
    "weight": WEIGHT,
    "name": NAME,
    "untrained": UNTRAINED,
    "unanswered": UNANSWERED,
    "functions": FUNCTIONS,
    "developer": DEVELOPER,
    "several_turns": SEVERAL_TURNS,
    "embedded_images": EMBEDDED_IMAGES,
    "user": USER,
    "assistant": ASSISTANT,
    "tool": TOOL,
}

Flags = npt.NDArray[np.uint16]


def features_of(row: dict[str, Any]) -> int:
    """Return the bits of a row that has no errors, whatever its kind."""
    asked = row.get("input")
    if isinstance(asked, dict):  # a preference row
        bits = _declared(asked) | _of_messages(asked["messages"])
        outputs = (row[key] for key in PREFERENCE_KEYS[1:] if key in row)
        return bits | _of_messages(message for output in outputs for message in output)
    if "messages" not in row:
        return 0
    messages = row["messages"]
    bits = _declared(row) if len(row) > 1 else 0
    return bits | _of_messages(messages) | _of_the_order([m["role"] for m in messages])


def count(flags: Flags) -> dict[str, int]:
    """Count the rows that have each feature."""
    return {name: int(np.count_nonzero(flags & bit)) for name, bit in NAMES.items()}


def _declared(row: dict[str, Any]) -> int:
    return (TOOLS if row.get("tools") else 0) | (FUNCTIONS if row.get("functions") else 0)


def _of_messages(messages: Iterable[dict[str, Any]]) -> int:
    bits = 0
    for message in messages:
        bits |= BITS_OF_ROLES[message["role"]]
        if len(message) > 2 or type(message.get("content")) is not str:
            bits |= _of_a_rare_message(message)
    return bits


def _of_a_rare_message(message: dict[str, Any]) -> int:
    bits = NAME if "name" in message and message["role"] != "function" else 0
    bits |= TOOLS if message.get("tool_calls") else 0
    bits |= FUNCTIONS if message.get("function_call") else 0
    if "weight" in message:
        bits |= WEIGHT | (UNTRAINED if message["weight"] == 0 else 0)
    content = message.get("content")
    return bits | _of_parts(content) if isinstance(content, list) else bits


def _of_parts(parts: list[dict[str, Any]]) -> int:
    urls = [part["image_url"]["url"] for part in parts if part["type"] == "image_url"]
    if not urls:
        return 0
    return IMAGES | (EMBEDDED_IMAGES if any(url.startswith("data:") for url in urls) else 0)


def _of_the_order(roles: list[str]) -> int:
    several = SEVERAL_TURNS if roles.count("assistant") > 1 else 0
    return several | (0 if roles[-1] == "assistant" else UNANSWERED)
