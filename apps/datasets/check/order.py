"""The rules for the order of a conversation: who speaks after whom (pure).

They look at the roles alone, so a file of a million chats asks about a few hundred orders only.
"""

from collections.abc import Iterator
from functools import lru_cache

from apps.datasets.check.findings import Finding, found
from apps.datasets.check.kinds import CHAT, PREFERENCE, REINFORCEMENT

Roles = tuple[str, ...]
CALL = "call"  # an answer that calls a tool, so another one may follow
ANSWERS = ("assistant", CALL)
INSTRUCTIONS = ("system", "developer")
KNOWN = frozenset((*ANSWERS, *INSTRUCTIONS, "user", "tool", "function"))
LONGEST_REMEMBERED = 64


def order_findings(roles: Roles, kind: str = CHAT, path: str = "messages") -> tuple[Finding, ...]:
    """Say what is odd about the order of these roles (`call`: an answer that calls tools)."""
    known = _remembered if len(roles) <= LONGEST_REMEMBERED else _findings
    return known(roles, kind, path)


def _findings(roles: Roles, kind: str, path: str) -> tuple[Finding, ...]:
    return tuple(_of_the_whole(roles, kind, path)) + tuple(_of_neighbours(roles, path))


_remembered = lru_cache(maxsize=4096)(_findings)


def _of_the_whole(roles: Roles, kind: str, path: str) -> Iterator[Finding]:
    last = "assistant" if roles[-1] == CALL else roles[-1]
    if kind == CHAT:
        if not set(ANSWERS) & set(roles) and not set(roles) - KNOWN:
            yield found("missing_assistant", path)
        elif last != "assistant" and last in KNOWN:
            yield found("last_not_assistant", path, role=last)
    elif kind == PREFERENCE and last == "assistant":
        yield found("input_ends_with_answer", path)
    elif kind == REINFORCEMENT and last != "user" and last in KNOWN:
        yield found("last_not_user", path, role=last)
    if "user" not in roles and not set(roles) - KNOWN:  # the unknown one may be meant
        yield found("missing_user", path)


def _of_neighbours(roles: Roles, path: str) -> Iterator[Finding]:
    """Each of these once per row, where it comes first."""
    spoken = [index for index, role in enumerate(roles) if role not in INSTRUCTIONS]
    if spoken and "user" in roles and roles[spoken[0]] in ANSWERS:
        yield found("first_not_user", f"{path}[{spoken[0]}]")
    instructions = (index for index, role in enumerate(roles) if role in INSTRUCTIONS)
    if spoken and (late := next((i for i in instructions if i > spoken[0]), None)) is not None:
        yield found("late_system", f"{path}[{late}]")
    for index in range(1, len(roles)):
        if roles[index] == roles[index - 1] and roles[index] in ("user", "assistant"):
            yield found("same_role_twice", f"{path}[{index}]", role=roles[index])
            return
