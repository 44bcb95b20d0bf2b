"""Which kind of example a row is: by its keys, and for a file by most of its first rows (pure)."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

CHAT, PAIR, PREFERENCE, REINFORCEMENT = "chat", "prompt_completion", "preference", "reinforcement"
KINDS = (CHAT, PAIR, PREFERENCE, REINFORCEMENT)

CHAT_KEYS = ("messages", "tools", "parallel_tool_calls", "functions")
PAIR_KEYS = ("prompt", "completion")
PREFERENCE_KEYS = ("input", "preferred_output", "non_preferred_output")
# OpenAI's schema says "completion" where its guide and its servers say "output"; TRL has its own.
OTHER_SPELLINGS = {
    "preferred_completion": "preferred_output",
    "non_preferred_completion": "non_preferred_output",
}
FOREIGN_SPELLINGS = {"chosen": "preferred_output", "rejected": "non_preferred_output"}
SIGNS_OF_PREFERENCE = (*PREFERENCE_KEYS[1:], *OTHER_SPELLINGS, *FOREIGN_SPELLINGS)


def format_of(row: dict[str, Any]) -> str:
    """Recognise the kind by the keys; empty when it is none of them."""
    if "messages" in row:
        return REINFORCEMENT if _is_task(row) else CHAT
    if not row.keys().isdisjoint(SIGNS_OF_PREFERENCE) or isinstance(row.get("input"), dict):
        return PREFERENCE
    return PAIR if any(key in row for key in PAIR_KEYS) else ""


def _is_task(row: dict[str, Any]) -> bool:
    """A question without its answer, and beside it something for a grader."""
    if len(row) == 1 or all(key in CHAT_KEYS for key in row):
        return False
    messages = row["messages"]
    last = messages[-1] if isinstance(messages, list) and messages else None
    return isinstance(last, dict) and last.get("role") == "user"


def format_of_rows(rows: Iterable[dict[str, Any]]) -> str:
    """Recognise the kind of a file: that of most rows, of two the one that came first."""
    kinds = Counter(filter(None, map(format_of, rows)))
    return kinds.most_common(1)[0][0] if kinds else ""


def in_the_guides_words(row: dict[str, Any]) -> dict[str, Any]:
    """Return a preference row with the keys of OpenAI's guide; every other row as it is."""
    if row.keys().isdisjoint(OTHER_SPELLINGS):
        return row
    free = {key: guide for key, guide in OTHER_SPELLINGS.items() if guide not in row}
    return {free.get(key, key): value for key, value in row.items()}


def read_as(kind: str, expected: str) -> str:
    """Return the kind to judge a row by: it takes more than a missing answer to be another."""
    is_conversation = kind in (CHAT, REINFORCEMENT) and expected in (CHAT, REINFORCEMENT)
    return expected if is_conversation else kind
