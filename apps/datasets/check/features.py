"""What a row makes use of, as bits: one number per row, and counts per file (pure).

Not every provider can train on everything; what is counted here is compared with what each of them
says it takes (apps/datasets/trainability/). Bits are kept on disk: never give one a new meaning.
"""

from collections.abc import Iterable, Mapping
from functools import lru_cache, reduce
from operator import or_
from typing import Any

from apps.datasets.check.images import MANY
from apps.datasets.check.order import Roles
from apps.datasets.check.preference import compared

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
MANY_IMAGES = 1 << 12  # more than OpenAI takes in one row
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
    "many_images": MANY_IMAGES,
    "user": USER,
    "assistant": ASSISTANT,
    "tool": TOOL,
}


def features_of(row: dict[str, Any]) -> int:
    """Return the bits of a row that has no errors, whatever its kind."""
    asked = row.get("input")
    if isinstance(asked, dict):  # a preference row
        bits = _declared(asked) | _of_messages(asked["messages"])
        return bits | _of_messages(compared(row))
    if "messages" not in row:
        return 0
    messages = row["messages"]
    bits = _declared(row) if len(row) > 1 else 0
    return bits | _of_messages(messages) | _of_the_order([m["role"] for m in messages])


@lru_cache(maxsize=4096)
def features_of_roles(roles: Roles) -> int:
    """Return the bits of an everyday row: its roles say it all."""
    return reduce(or_, (BITS_OF_ROLES[role] for role in roles)) | _of_the_order(list(roles))


def count(rows_by_bits: Mapping[int, int]) -> dict[str, int]:
    """Count the rows that have each feature, from how many rows have the same bits."""
    return {
        name: sum(rows for bits, rows in rows_by_bits.items() if bits & bit)
        for name, bit in NAMES.items()
    }


def _declared(row: dict[str, Any]) -> int:
    return (TOOLS if row.get("tools") else 0) | (FUNCTIONS if row.get("functions") else 0)


def _of_messages(messages: Iterable[dict[str, Any]]) -> int:
    bits = images = 0
    for message in messages:
        bits |= BITS_OF_ROLES[message["role"]]
        if len(message) > 2 or type(message.get("content")) is not str:
            bits |= _of_a_rare_message(message)
            images += _image_count(message.get("content"))
    bits |= MANY_IMAGES if images > MANY else 0
    return bits | (IMAGES if images else 0)


def _of_a_rare_message(message: dict[str, Any]) -> int:
    bits = NAME if "name" in message and message["role"] != "function" else 0
    bits |= TOOLS if message.get("tool_calls") else 0
    bits |= FUNCTIONS if message.get("function_call") else 0
    if "weight" in message:
        bits |= WEIGHT | (UNTRAINED if message["weight"] == 0 else 0)
    return bits


def _image_count(content: Any) -> int:
    if not isinstance(content, list):
        return 0
    return sum(1 for part in content if part["type"] == "image_url")


def _of_the_order(roles: list[str]) -> int:
    several = SEVERAL_TURNS if roles.count("assistant") > 1 else 0
    return several | (0 if roles[-1] == "assistant" else UNANSWERED)
