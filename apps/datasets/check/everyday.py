"""The everyday row: messages of a role and a text each, and nothing else (pure).

Nearly every row of nearly every file is one. It is taken apart once; its texts are checked, counted
and compared as they come out. Every other row walks the long road.
"""

from functools import lru_cache
from typing import Any, NamedTuple

from apps.datasets.check.findings import Finding, found
from apps.datasets.check.order import Roles, order_findings

ROLES = frozenset(("system", "user", "assistant"))


class Everyday(NamedTuple):
    """Who speaks, and what is said."""

    roles: Roles
    texts: list[str]


def everyday(row: Any) -> Everyday | None:
    """Take an everyday row apart; None when it is not one."""
    if type(row) is not dict or len(row) != 1 or type(messages := row.get("messages")) is not list:
        return None
    roles, texts = [], []
    try:
        for message in messages:
            text = message["content"]
            roles.append(message["role"])
            texts.append(text)
            if len(message) != 2 or type(text) is not str or not text:
                return None
            if text.isspace() or "\0" in text:
                return None
        is_plain = ROLES.issuperset(roles)
    except (KeyError, TypeError):  # something is no message, or its role no text
        return None
    return Everyday(tuple(roles), texts) if roles and is_plain else None


def findings_of(row: Everyday) -> list[Finding]:
    """Say what can still be wrong: the order, and white space around an answer."""
    untrimmed = untrimmed_answer(row.texts, answers_among(row.roles))
    return [*order_findings(row.roles), *([untrimmed] if untrimmed else [])]


def untrimmed_answer(texts: list[str], answers: tuple[int, ...]) -> Finding | None:
    """Say where the first answer is that begins or ends with white space."""
    for index in answers:
        if texts[index].strip() is not texts[index]:
            return found("untrimmed_answer", f"messages[{index}].content")
    return None


@lru_cache(maxsize=4096)  # a file of a million chats has a few hundred orders of speakers
def answers_among(roles: Roles) -> tuple[int, ...]:
    """Return the places of the answers."""
    return tuple(index for index, role in enumerate(roles) if role == "assistant")


def is_everyday(message: Any) -> bool:
    """Say at once of most messages of other rows that nothing is wrong with them."""
    if type(message) is not dict or len(message) != 2:
        return False
    role, text = message.get("role"), message.get("content")
    if type(role) is not str or type(text) is not str or role not in ROLES:
        return False
    return bool(text) and not text.isspace() and "\0" not in text
