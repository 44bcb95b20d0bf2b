"""A row as things to show: conversations of bubbles, whatever strange shape it has (pure)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from apps.datasets.check.kinds import in_the_guides_words
from apps.datasets.rows.reading import Row

FOLD_CHARACTERS = 1_500
LONGEST_SHOWN = 20_000
LONGEST_ADDRESS = 200
MOST_BUBBLES = 100  # of one row; more make a page that no browser likes
SHOWN_KEYS = ("role", "content", "name", "weight", "tool_calls", "function_call", "tool_call_id")
PREFERENCE_KEYS = ("preferred_output", "non_preferred_output")


@dataclass(frozen=True, slots=True)
class Call:
    """What an answer asks a tool."""

    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class Bubble:
    """What one message says. Everything in it was written by somebody else."""

    role: str
    text: str
    side: str = "start"
    name: str = ""
    calls: list[Call] = field(default_factory=list)
    images: list[str] = field(default_factory=list)  # their addresses; never loaded
    answers_call: str = ""
    details: str = ""  # what else is in the message, as JSON
    is_untrained: bool = False

    @property
    def is_long(self) -> bool:
        return len(self.text) > FOLD_CHARACTERS

    @property
    def beginning(self) -> str:
        return self.text[:200]


@dataclass(frozen=True, slots=True)
class Talk:
    """Messages that follow each other. `kind` is empty, "preferred" or "non_preferred"."""

    bubbles: list[Bubble]
    more: int = 0  # messages that are left out
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Beside:
    """What a row holds beside its conversation, as JSON."""

    key: str
    text: str


@dataclass(frozen=True, slots=True)
class Shape:
    """A row taken apart; without talks it can only be shown as it is in the file."""

    talks: list[Talk] = field(default_factory=list)
    pair: list[Talk] = field(default_factory=list)  # two answers to compare
    beside: list[Beside] = field(default_factory=list)


def shape_of(row: Row) -> Shape:
    """Take a row apart for the page."""
    if row.data is None:
        return Shape()
    data = in_the_guides_words(row.data)
    if any(key in data for key in PREFERENCE_KEYS):
        return _preference(data)
    if row.messages:
        return Shape([talk_of(row.messages)], [], _beside(data, ("messages",)))
    if "prompt" in data or "completion" in data:
        asked = Bubble("prompt", _text(data.get("prompt")))
        answer = Bubble("completion", _text(data.get("completion")), "end")
        return Shape([Talk([asked, answer])], [], _beside(data, ("prompt", "completion")))
    return Shape()


def _preference(data: dict[str, Any]) -> Shape:
    asked = data.get("input")
    inner = asked if isinstance(asked, dict) else {}
    pair = [
        talk_of(_messages(data.get(key)), kind=key.removesuffix("_output"))
        for key in PREFERENCE_KEYS
    ]
    beside = [*_beside(inner, ("messages",)), *_beside(data, ("input", *PREFERENCE_KEYS))]
    return Shape([talk_of(_messages(inner.get("messages", asked)))], pair, beside)


def _messages(value: Any) -> list[Any]:
    if isinstance(value, list):
        return value
    return [] if value is None else [{"content": value}]


def talk_of(messages: Sequence[Any], *, kind: str = "") -> Talk:
    """Return messages that follow each other as bubbles; of very many, the first."""
    shown = [
        _bubble(message) if isinstance(message, dict) else Bubble("", _json(message))
        for message in messages[:MOST_BUBBLES]
    ]
    return Talk(shown, max(0, len(messages) - MOST_BUBBLES), kind)


def _beside(data: dict[str, Any], known: tuple[str, ...]) -> list[Beside]:
    return [Beside(key[:80], _json(value)) for key, value in data.items() if key not in known]


def _bubble(message: dict[str, Any]) -> Bubble:
    role = _text(message.get("role"))[:40]
    rest = {key: value for key, value in message.items() if key not in SHOWN_KEYS}
    content = message.get("content")
    return Bubble(
        role=role,
        text=_text(content),
        side="end" if role == "assistant" else "start",
        name=_text(message.get("name"))[:80],
        calls=list(_calls(message)),
        images=list(_images(content)),
        answers_call=_text(message.get("tool_call_id"))[:80],
        details=_json(rest) if rest else "",
        is_untrained=role == "assistant" and message.get("weight") == 0,
    )


def _calls(message: dict[str, Any]) -> Iterator[Call]:
    called = message.get("tool_calls")
    calls = called if isinstance(called, list) else []
    functions = [call.get("function") if isinstance(call, dict) else call for call in calls]
    for function in (*functions, message.get("function_call")):
        if isinstance(function, dict):
            yield Call(_text(function.get("name"))[:80], _arguments(function.get("arguments")))
        elif function is not None:
            yield Call("", _json(function))


def _arguments(text: Any) -> str:
    """Arguments are JSON inside a string; laid out where they can be read."""
    try:
        return _json(orjson.loads(text)) if isinstance(text, str) else _json(text)
    except orjson.JSONDecodeError:
        return str(text)[:LONGEST_SHOWN]


def _images(content: Any) -> Iterator[str]:
    for part in content if isinstance(content, list) else ():
        if _is_image(part):
            url = _text(part["image_url"].get("url"))
            yield _data_note(url) if url.startswith("data:") else url[:LONGEST_ADDRESS]


def _is_image(part: Any) -> bool:
    return isinstance(part, dict) and isinstance(part.get("image_url"), dict)


def _data_note(url: str) -> str:
    """The kind of an image that is in the row itself; its bytes say nothing to a reader."""
    return url[:LONGEST_ADDRESS].partition(",")[0] + ",…"


def _text(content: Any) -> str:
    if content is None:
        return ""
    if isinstance(content, list):
        return "\n".join(_part(part) for part in content if not _is_image(part))
    return content[:LONGEST_SHOWN] if isinstance(content, str) else _json(content)


def _part(part: Any) -> str:
    if isinstance(part, dict) and isinstance(part.get("text"), str):
        return str(part["text"][:LONGEST_SHOWN])
    return _json(part)


def _json(value: Any) -> str:
    return orjson.dumps(value, option=orjson.OPT_INDENT_2).decode()[:LONGEST_SHOWN]
