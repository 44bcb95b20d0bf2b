"""Which column plays which part in an example, chosen by a person or guessed from names (pure)."""

import re
from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any

from apps.datasets.sources.conversations import messages_in
from apps.datasets.sources.layout import Table

ROLES: dict[str, tuple[str, ...]] = {
    "chat": ("system", "user", "context", "assistant", "conversation", "tools"),
    "prompt_completion": ("prompt", "completion"),
    "preference": ("preferred", "non_preferred"),
    "reinforcement": ("reference",),
}
REPEATABLE = ("reference",)
FORMATS = {
    "messages": "conversation",
    "tools": "tools",
    "prompt": "prompt",
    "completion": "completion",
}
NAMES: dict[str, tuple[str, ...]] = {
    "conversation": ("messages", "conversation", "conversations", "dialogue", "dialog", "chat"),
    "tools": ("tools",),
    "system": ("system", "systemprompt", "systemmessage"),
    "preferred": ("preferred", "preferredoutput", "chosen", "accepted", "better", "winner"),
    "non_preferred": ("nonpreferred", "nonpreferredoutput", "rejected", "worse", "loser"),
    "user": (
        "user", "usermessage", "question", "q", "instruction", "query", "human", "request",
        "prompt", "input", "ask", "text", "sentence", "source", "problem", "customer", "review",
        "comment", "message", "content", "body", "description", "ticket", "email", "tweet", "post",
        "问题", "提问", "输入", "frage", "eingabe", "pregunta", "pergunta", "domanda",
    ),
    "assistant": (
        "assistant", "assistantmessage", "answer", "a", "response", "reply", "output", "completion",
        "bot", "gpt", "target", "label", "category", "class", "intent", "sentiment", "solution",
        "translation", "summary", "agent", "回答", "答案", "输出", "antwort", "ausgabe", "réponse",
        "respuesta", "resposta", "risposta",
    ),
    "context": ("context", "input", "passage", "document"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Mapping:
    """The roles of columns; a column without one is left out."""

    roles: dict[str, str]
    columns: list[str]
    system_prompt: str = ""  # for every row that brings none of its own
    sheet: str = ""
    has_header: bool = True
    is_guess: bool = False

    @property
    def format(self) -> str:
        """The format that the roles make; empty when they belong to several."""
        taken = set(self.roles.values())
        if taken & {"preferred", "non_preferred"}:
            return self._if_only(taken, "preference", {"system", "user", "context", "tools"})
        if taken & {"prompt", "completion"}:
            return self._if_only(taken, "prompt_completion", set())
        if "reference" in taken:
            return self._if_only(taken, "reinforcement", set(ROLES["chat"]) - {"assistant"})
        return "chat" if taken else ""

    def _if_only(self, taken: set[str], form: str, others: set[str]) -> str:
        return form if taken <= others | set(ROLES[form]) else ""

    @property
    def problem(self) -> str:
        """What keeps the roles from making examples, as a code; empty when nothing does."""
        taken = Counter(self.roles.values())
        if not taken:
            return "nothing"
        if any(count > 1 and role not in REPEATABLE for role, count in taken.items()):
            return "twice"
        if not self.format:
            return "mixed"
        if "conversation" in taken and taken.keys() & {"user", "context", "assistant"}:
            return "conversation_alone"
        needed = {
            "chat": ("assistant",),
            "prompt_completion": ("completion",),
            "preference": ("preferred", "non_preferred"),
            "reinforcement": ("user",),
        }[self.format]
        is_there = "conversation" in taken or all(role in taken for role in needed)
        return "" if is_there else f"missing_{self.format}"

    @property
    def is_complete(self) -> bool:
        return not self.problem

    def as_json(self) -> dict[str, Any]:
        stored = asdict(self)
        del stored["is_guess"]
        return stored


def mapping_from(stored: dict[str, Any]) -> Mapping:
    """Read what as_json() wrote."""
    return Mapping(**stored)


def sure(table: Table) -> Mapping | None:
    """Return the mapping that nobody needs to be asked about; None where there is a choice."""
    if not set(table.columns) <= FORMATS.keys():
        return None
    mapping = Mapping(
        {name: FORMATS[name] for name in table.columns}, table.columns, "", table.name
    )
    needed = {"messages"} if mapping.format == "chat" else {"prompt", "completion"}
    return mapping if mapping.is_complete and needed <= set(table.columns) else None


def guess(table: Table) -> Mapping:
    """Go by the names of columns, then by what their first cells hold."""
    named = _by_name(table.columns)
    is_whole = _makes_examples(set(named.values()))
    roles = named if is_whole else _by_content(table) or named
    return Mapping(roles, table.columns, "", table.name, table.has_header, is_guess=True)


def _by_name(columns: list[str]) -> dict[str, str]:
    names = {"".join(words): name for name, words in _words_of(columns)}
    last = {words[-1]: name for name, words in _words_of(columns) if len(words) > 1}
    names = {word: name for word, name in last.items() if len(word) > 1} | names
    if {"prompt", "completion"} <= names.keys():
        return {names["prompt"]: "prompt", names["completion"]: "completion"}
    roles: dict[str, str] = {}
    for role, known in NAMES.items():
        if role == "context" and "user" not in roles.values():
            continue
        free = (names[name] for name in known if name in names and names[name] not in roles)
        if column := next(free, ""):
            roles[column] = role
    return _without_rivals(roles)


def _words_of(columns: list[str]) -> list[tuple[str, list[str]]]:
    """Of two columns that are called alike, the first comes last."""
    return [(name, re.split(r"[\W_]+", name.casefold().strip())) for name in reversed(columns)]


def _makes_examples(taken: set[str]) -> bool:
    pairs = ({"user", "assistant"}, {"preferred", "non_preferred"}, {"prompt", "completion"})
    return "conversation" in taken or any(pair <= taken for pair in pairs)


def _without_rivals(roles: dict[str, str]) -> dict[str, str]:
    """Keep one way of making an example: a whole conversation, a pair of answers, or an answer."""
    taken = set(roles.values())
    if "conversation" in taken:
        return {name: role for name, role in roles.items() if role in ("conversation", "tools")}
    if {"preferred", "non_preferred"} <= taken:
        return {name: role for name, role in roles.items() if role != "assistant"}
    return {name: role for name, role in roles.items() if "preferred" not in role}


def _by_content(table: Table) -> dict[str, str]:
    """Guess when names tell nothing: cells that hold conversations, one column, or two."""
    for position, name in enumerate(table.columns):
        values = [row[position] for row in table.rows if row[position] is not None]
        if values and all(messages_in(value) for value in values):
            return {name: "conversation"}
    filled = [
        name
        for position, name in enumerate(table.columns)
        if any(isinstance(row[position], str) and row[position] for row in table.rows)
    ]
    if len(filled) == 1:
        return {filled[0]: "completion"}
    return {filled[0]: "user", filled[1]: "assistant"} if len(filled) == 2 else {}
