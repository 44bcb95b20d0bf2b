"""A row as a question with its answer, whatever its kind (pure).

The question ends with the last thing that a user says, so that it can be asked as it stands; the
answer is what the assistant says next.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from apps.datasets.check.kinds import in_the_guides_words
from apps.datasets.rows.reading import Row

Message = Mapping[str, Any]
KEPT_KEYS = ("role", "content", "name", "tool_calls", "tool_call_id", "function_call")
SYSTEM_ROLES = ("system", "developer")


@dataclass(frozen=True, slots=True)
class Question:
    """What a row asks. `answer` is empty where the row holds none in words."""

    messages: list[Message]  # the last one is the user's
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
        """The messages between the system prompt and the question."""
        return self.messages[int(self._has_system) : -1]

    @property
    def text(self) -> str:
        """What the user asks."""
        return words_of(self.messages[-1].get("content"))

    @property
    def has_images(self) -> bool:
        """Whether words are not all that the user says."""
        content = self.messages[-1].get("content")
        return isinstance(content, list) and any(map(_is_no_text, content))

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
    asks = [place for place, message in enumerate(messages) if message.get("role") == "user"]
    if not asks:
        return None
    after = messages[asks[-1] + 1 :]
    answer = next((message for message in after if message.get("role") == "assistant"), {})
    return Question(
        [as_sent(message) for message in messages[: asks[-1] + 1]],
        answer_of(answer),
        tools,
        calls_tool=bool(answer.get("tool_calls") or answer.get("function_call")),
    )


def answer_of(message: Message) -> str:
    """Return what an answer says; a call as `name(arguments)`."""
    if said := words_of(message.get("content")):
        return said
    calls = [_dict(call).get("function") for call in _list(message.get("tool_calls"))]
    functions = map(_dict, [*calls, message.get("function_call")])
    return "\n".join(f"{f.get('name')}({f.get('arguments')})" for f in functions if f.get("name"))


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
