"""A row as a question with its answer, whatever its kind (pure).

The answer is the last message of the assistant, be it words or a call; the question is everything
before it, results of earlier calls too. Where a user speaks last, nobody has answered yet.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from apps.datasets.check.kinds import in_the_guides_words
from apps.datasets.rows import calls
from apps.datasets.rows.reading import Row

Message = Mapping[str, Any]
KEPT_KEYS = ("role", "content", "name", "tool_calls", "tool_call_id", "function_call")
SYSTEM_ROLES = ("system", "developer")


@dataclass(frozen=True, slots=True)
class Question:
    """What a row asks. `answer` is empty where the row holds none; a call is JSON (`calls.py`)."""

    messages: list[Message]  # everything before the answer; a user speaks somewhere
    answer: str = ""
    tools: list[Any] = field(default_factory=list)  # in OpenAI's shape
    calls_tool: bool = False  # the answer is a call
    is_pair: bool = False  # a prompt and its completion

    @property
    def system_prompt(self) -> str:
        """What the row says before anybody asks."""
        return words_of(self.messages[0].get("content")) if self._has_system else ""

    @property
    def context(self) -> list[Message]:
        """The messages between the system prompt and the last thing that a user says."""
        return self.messages[int(self._has_system) : self._place]

    @property
    def after(self) -> list[Message]:
        """The messages between that and the answer: mostly a call and its result."""
        return self.messages[self._place + 1 :]

    @property
    def text(self) -> str:
        """What the user said last."""
        return words_of(self.messages[self._place].get("content"))

    @property
    def has_images(self) -> bool:
        """Whether words are not all that the user says."""
        content = self.messages[self._place].get("content")
        return isinstance(content, list) and any(map(_is_no_text, content))

    @property
    def _place(self) -> int:
        """Where the user speaks last."""
        return _last(self.messages, "user")

    @property
    def _has_system(self) -> bool:
        return len(self.messages) > 1 and self.messages[0].get("role") in SYSTEM_ROLES


def question_of(row: Row) -> Question | None:
    """Take a row apart; None where no user asks anything."""
    data = in_the_guides_words(row.data or {})
    if "prompt" in data:
        asked = {"role": "user", "content": data["prompt"]}
        return Question([asked], words_of(data.get("completion")), is_pair=True)
    if "preferred_output" in data:
        given = data.get("input")
        given = given if isinstance(given, dict) else {}
        return _asked([*_messages(given), *_outputs(data)], _list(given.get("tools")))
    return _asked(_messages(data), _list(data.get("tools")))


def _asked(messages: Sequence[Message], tools: list[Any]) -> Question | None:
    answered, asked = _last(messages, "assistant"), _last(messages, "user")
    if answered < asked:  # the user speaks last, or nobody else
        return Question([as_sent(message) for message in messages], "", tools)
    before = messages[:answered]
    if _last(before, "user") < 0:
        return None
    called = calls.calls_of(messages[answered])
    said = calls.as_text(called) if called else words_of(messages[answered].get("content"))
    return Question([as_sent(message) for message in before], said, tools, calls_tool=bool(called))


def _last(messages: Sequence[Message], role: str) -> int:
    """Return where this role speaks last; -1 where it never does."""
    places = range(len(messages) - 1, -1, -1)
    return next((place for place in places if messages[place].get("role") == role), -1)


def words_in(message: Message) -> str:
    """Return what a message says; a call as `name(arguments)`."""
    if said := words_of(message.get("content")):
        return said
    return "\n".join(f"{name}({arguments})" for name, arguments in calls.calls_of(message))


def as_sent(message: Message) -> Message:
    """Leave out what only training knows, such as weights."""
    return {key: message[key] for key in KEPT_KEYS if message.get(key) is not None}


def words_of(content: Any) -> str:
    """Return the words of a content: those of all parts where it has parts."""
    if isinstance(content, list):
        texts = [_dict(part).get("text") for part in content]
        return "\n".join(text for text in texts if isinstance(text, str))
    if content is None or isinstance(content, str):
        return content or ""
    return orjson.dumps(content).decode()


def _messages(data: Mapping[str, Any]) -> list[Message]:
    return [message for message in _list(data.get("messages")) if isinstance(message, dict)]


def _outputs(data: Mapping[str, Any]) -> list[Message]:
    return [each for each in _list(data.get("preferred_output")) if isinstance(each, dict)]


def _is_no_text(part: Any) -> bool:
    return not isinstance(_dict(part).get("text"), str)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
