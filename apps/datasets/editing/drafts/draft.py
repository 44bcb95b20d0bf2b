"""A row taken apart into what a form shows, and put together again (pure).

Whatever the form has no field for is kept in `rest`, as JSON; `keys` remember the order. Taking a
row apart and putting it together gives the same row, key by key (tests/datasets/test_drafts.py).
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from apps.datasets.check.dialects import ROLES
from apps.datasets.editing.drafts import notation
from apps.datasets.editing.drafts.notation import NotJson
from apps.datasets.editing.drafts.texts import (
    MISSING,
    Shape,
    Text,
    fits_one_line,
    text_of,
    value_of,
)

LONGEST_ROLE = 40
LONGEST_NAME = 200
FIELDS = ("role", "content", "name", "tool_call_id", "weight")
CALL_ID = "tool_call_id"
ANSWERS_CALL = "tool"  # the role that has one
LEARNED = "assistant"  # the role whose messages a model learns, unless their weight is 0
CONVERSATION, QUESTION, CHOSEN, REFUSED = (
    "messages",
    "input",
    "preferred_output",
    "non_preferred_output",
)
GROUPS = {"chat": (CONVERSATION,), "preference": (QUESTION, CHOSEN, REFUSED)}
PAIR = ("prompt", "completion")


class DraftFault(Exception):
    """A field whose text cannot become part of a row. `where` is the id of the field."""

    def __init__(self, where: str, *, cause: NotJson | None = None) -> None:
        super().__init__(where)
        self.where, self.cause = where, cause


@dataclass(slots=True)
class Card:
    """One message. `is_value`: it is no object, and stands in `content` as JSON."""

    id: str
    role: str = ""
    content: Text = field(default_factory=Text)
    name: str = ""
    call_id: str = ""  # of a message that answers a call
    weight: int | None = None
    rest: str = ""
    keys: list[str] = field(default_factory=list)
    is_value: bool = False

    @property
    def is_learned(self) -> bool:
        return self.weight != 0

    @property
    def roles(self) -> tuple[str, ...]:
        """What can be chosen: the known roles, and whatever stands there now."""
        return ROLES if self.role in ROLES else (self.role, *ROLES)

    @property
    def has_details(self) -> bool:
        """True when there is more to it than a role and a text."""
        return bool(self.rest or self.name or self.content.shape is not Shape.TEXT)

    @property
    def hidden(self) -> str:
        """What the form must remember of a message without showing it."""
        hidden = {"keys": self.keys, "weight": self.weight, "value": self.is_value}
        return json.dumps({**hidden, "crlf": self.content.has_crlf})


@dataclass(slots=True)
class Group:
    """One list of messages. `is_there`: the row has the list, even when it is empty."""

    key: str
    cards: list[Card] = field(default_factory=list)
    is_there: bool = False

    @property
    def is_answer(self) -> bool:
        """True for the lists that hold one answer each."""
        return self.key in (CHOSEN, REFUSED)

    @property
    def path(self) -> str:
        """Where in the row the list is."""
        return f"{QUESTION}.{CONVERSATION}" if self.key == QUESTION else self.key


@dataclass(slots=True)
class Draft:
    """A row as a form. `kind` is "chat", "pair", "preference", or "other": only JSON."""

    kind: str
    groups: list[Group] = field(default_factory=list)
    pair: dict[str, Text] = field(default_factory=dict)
    rest: str = ""
    keys: list[str] = field(default_factory=list)
    question_keys: list[str] = field(default_factory=list)

    @property
    def cards(self) -> list[Card]:
        return [card for group in self.groups for card in group.cards]

    @property
    def texts(self) -> list[str]:
        """Everything that stands in a text area."""
        of_cards = [text for card in self.cards for text in (card.content.text, card.rest)]
        return [self.rest, *(field.text for field in self.pair.values()), *of_cards]

    def path_of(self, where: str) -> str:
        """Name the place of a field as the check would: m3-rest is in messages[2]."""
        for group in self.groups:
            for place, card in enumerate(group.cards):
                if where.startswith(f"{card.id}-"):
                    return f"{group.path}[{place}]"
        return where.removesuffix("-text") if where.endswith("-text") else ""

    @property
    def hidden(self) -> str:
        """What the form must remember of the row without showing it."""
        there = [group.key for group in self.groups if group.is_there]
        return json.dumps({"row": self.keys, "question": self.question_keys, "there": there})


def draft_of(row: dict[str, Any]) -> Draft:
    """Take a row apart."""
    kind = kind_of(row)
    rest = dict(row)
    draft = Draft(kind, keys=list(row))
    if kind == "preference" and isinstance(row.get(QUESTION), dict):
        rest[QUESTION] = dict(row[QUESTION])
        draft.question_keys = list(row[QUESTION])
    numbers = iter(range(10**9))
    for key in GROUPS.get(kind, ()):
        draft.groups.append(_group(key, rest, numbers))
    if kind == "pair":
        draft.pair = {key: text_of(rest.pop(key, MISSING)) for key in PAIR}
    if rest.get(QUESTION) == {} and draft.question_keys:
        del rest[QUESTION]
    draft.rest = notation.pretty(rest) if rest else ""
    return draft


def kind_of(row: Mapping[str, Any]) -> str:
    """Choose the form for a row, by its keys."""
    if any(key in row for key in (CHOSEN, REFUSED)):
        return "preference"
    if "messages" in row:
        return "chat"
    return "pair" if any(key in row for key in PAIR) else "other"


def _group(key: str, rest: dict[str, Any], numbers: Iterable[int]) -> Group:
    """Take one list of messages out of what is left of the row."""
    holder, name = (rest.get(QUESTION), CONVERSATION) if key == QUESTION else (rest, key)
    if not isinstance(holder, dict) or not isinstance(holder.get(name), list):
        return Group(key)
    messages = holder.pop(name)
    cards = [
        card_of(message, f"m{number}") for message, number in zip(messages, numbers, strict=False)
    ]
    return Group(key, cards, is_there=True)


def card_of(message: Any, id: str) -> Card:
    """Take a message apart."""
    if not isinstance(message, dict):
        return Card(id, content=Text(Shape.JSON, notation.pretty(message)), is_value=True)
    rest = dict(message)
    card = Card(id, content=text_of(rest.pop("content", MISSING)), keys=list(message))
    if fits_one_line(rest.get("role"), LONGEST_ROLE):
        card.role = rest.pop("role")
    if fits_one_line(rest.get("name"), LONGEST_NAME):
        card.name = rest.pop("name")
    if card.role == ANSWERS_CALL and fits_one_line(rest.get(CALL_ID), LONGEST_NAME):
        card.call_id = rest.pop(CALL_ID)
    weight = rest.get("weight")
    if card.role == LEARNED and type(weight) is int and weight in (0, 1):
        card.weight = rest.pop("weight")
    card.rest = notation.pretty(rest) if rest else ""
    return card


def row_of(draft: Draft) -> dict[str, Any]:
    """Put a row together; DraftFault names the first field that keeps it from being one."""
    row = _object(draft.rest, "rest")
    for key, text in draft.pair.items():
        _put(row, key, _value(text, key))
    for group in draft.groups:
        if group.is_there or group.cards:
            _put_group(row, group, [message_of(card) for card in group.cards])
    if isinstance(row.get(QUESTION), dict) and draft.question_keys:
        row[QUESTION] = _ordered(row[QUESTION], draft.question_keys)
    return _ordered(row, (*draft.keys, *GROUPS.get(draft.kind, ()), *draft.pair))


def _put_group(row: dict[str, Any], group: Group, messages: list[Any]) -> None:
    if group.key != QUESTION:
        row[group.key] = messages
        return
    question = row.setdefault(QUESTION, {})
    if not isinstance(question, dict):
        raise DraftFault("rest")
    question[CONVERSATION] = messages


def message_of(card: Card) -> Any:
    """Put a message together."""
    if card.is_value:
        return _value(card.content, f"{card.id}-text")
    message = _object(card.rest, f"{card.id}-rest")
    for key, text in (("role", card.role), ("name", card.name), (CALL_ID, card.call_id)):
        if text:
            message[key] = text
    _put(message, "content", _value(card.content, f"{card.id}-text"))
    if card.role == LEARNED and card.weight is not None:
        message["weight"] = card.weight
    return _ordered(message, (*card.keys, *FIELDS))


def _object(text: str, where: str) -> dict[str, Any]:
    if not text.strip():
        return {}
    value = _value(Text(Shape.JSON, text), where)
    if not isinstance(value, dict):
        raise DraftFault(where)
    return value


def _value(text: Text, where: str) -> Any:
    try:
        return value_of(text)
    except NotJson as exc:
        raise DraftFault(where, cause=exc) from exc


def _put(target: dict[str, Any], key: str, value: Any) -> None:
    if value is not MISSING:
        target[key] = value


def _ordered(values: dict[str, Any], keys: Iterable[str]) -> dict[str, Any]:
    return {key: values[key] for key in (*keys, *values) if key in values}
