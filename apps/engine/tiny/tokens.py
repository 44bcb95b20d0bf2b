"""The byte-level vocabulary: text and conversations to ids and back.

A token is one UTF-8 byte or one of five marks. A message is written as
``<role mark> bytes… <end of turn>``; a conversation is its messages one after the other.
"""

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

PAD = 256
SYSTEM = 257
USER = 258
ASSISTANT = 259
END_OF_TURN = 260
VOCABULARY_SIZE = 261
BYTE_VALUES = 256

# `developer` is OpenAI's newer word for `system`. `tool` and `function` turns have no mark of their
# own: a model of this size cannot call tools, so they are refused instead of being half-learned.
ROLE_MARKS = {"system": SYSTEM, "developer": SYSTEM, "user": USER, "assistant": ASSISTANT}

Message = Mapping[str, Any]


class UnreadableConversation(ValueError):
    """A conversation this model cannot read; the text says which message and why."""


class PromptTooLong(ValueError):
    """A prompt that does not fit the context even without its older turns."""


@dataclass(frozen=True)
class EncodedConversation:
    """Ids with, for each of them, how much predicting it counts (0 or 1)."""

    ids: "array[int]"  # two bytes each: a large file still fits into memory
    weights: bytes
    was_shortened: bool = False

    @property
    def trained_tokens(self) -> int:
        """Count the tokens that are learned from."""
        return sum(self.weights)


@dataclass(frozen=True)
class EncodedPrompt:
    """Ids that end where the assistant's answer begins."""

    ids: list[int]
    was_shortened: bool = False


def encode_conversation(messages: Sequence[Message], context: int) -> EncodedConversation:
    """Encode a training row; only assistant turns count, save those with ``"weight": 0``.

    A row longer than `context` loses its oldest turns first (never the system turns, never the
    last two); what is still too long is cut at the end.
    """
    turns = [_encode_turn(message, position) for position, message in enumerate(messages)]
    kept = _drop_oldest_turns(turns, room=context, keep=2)
    ids = [token for turn in kept for token in turn.ids]
    weights = [weight for turn in kept for weight in turn.weights]
    was_shortened = len(kept) < len(turns) or len(ids) > context
    return EncodedConversation(array("H", ids[:context]), bytes(weights[:context]), was_shortened)


def encode_prompt(messages: Sequence[Message], context: int, reserve: int = 64) -> EncodedPrompt:
    """Encode what the assistant is to answer, leaving room for `reserve` tokens of answer.

    Oldest turns are dropped until it fits; PromptTooLong if system and last turn alone do not.
    """
    turns = [_encode_turn(message, position) for position, message in enumerate(messages)]
    room = context - reserve - 1
    kept = _drop_oldest_turns(turns, room=room, keep=1)
    ids = [token for turn in kept for token in turn.ids]
    if len(ids) > room:
        raise PromptTooLong(
            f"This model reads at most {context} bytes and keeps {reserve} of them for its answer; "
            f"the system prompt and the last message take {len(ids)}."
        )
    return EncodedPrompt([*ids, ASSISTANT], was_shortened=len(kept) < len(turns))


def encode_beginning(text: str, context: int) -> EncodedPrompt:
    """Encode a text that the assistant is to go on with; PromptTooLong if nothing fits behind."""
    ids = [ASSISTANT, *text.encode("utf-8", "replace")]
    if len(ids) >= context:
        raise PromptTooLong(
            f"This model reads at most {context} bytes; the prompt takes {len(ids)} of them, and "
            "nothing is left for what follows it."
        )
    return EncodedPrompt(ids)


def decode(ids: Sequence[int]) -> str:
    """Read ids as text; marks are left out, broken UTF-8 becomes the replacement character."""
    return bytes(token for token in ids if token < BYTE_VALUES).decode("utf-8", "replace")


@dataclass(frozen=True)
class _Turn:
    ids: list[int]
    weights: list[int]

    @property
    def is_system(self) -> bool:
        return self.ids[0] == SYSTEM


def _encode_turn(message: Message, position: int) -> _Turn:
    role_mark = _role_mark(message, position)
    content = [*_text_of(message, position).encode("utf-8", "replace"), END_OF_TURN]
    is_trained = role_mark == ASSISTANT and message.get("weight", 1) != 0
    return _Turn([role_mark, *content], [0, *[int(is_trained)] * len(content)])


def _role_mark(message: Message, position: int) -> int:
    role = message.get("role")
    if not isinstance(role, str) or role not in ROLE_MARKS:
        raise UnreadableConversation(
            f"messages[{position}]: this model reads the roles system, developer, user and "
            f"assistant, not {role!r}."
        )
    return ROLE_MARKS[role]


def _text_of(message: Message, position: int) -> str:
    """Return the text of a message; text parts are joined, anything else is refused."""
    content = message.get("content")
    if isinstance(content, str):
        return content
    if isinstance(content, list) and all(_is_text_part(part) for part in content):
        return "".join(part["text"] for part in content)
    raise UnreadableConversation(
        f"messages[{position}]: this model reads text only; `content` must be a string or a list "
        "of text parts."
    )


def _is_text_part(part: object) -> bool:
    return (
        isinstance(part, dict) and part.get("type") == "text" and isinstance(part.get("text"), str)
    )


def _drop_oldest_turns(turns: list[_Turn], *, room: int, keep: int) -> list[_Turn]:
    """Drop the oldest turns but system ones until the rest fits `room` or `keep` are left."""
    excess = sum(len(turn.ids) for turn in turns) - room
    droppable = [turn for turn in turns if not turn.is_system][: -keep or None]
    dropped: set[int] = set()
    for turn in droppable:
        if excess <= 0:
            break
        dropped.add(id(turn))
        excess -= len(turn.ids)
    return [turn for turn in turns if id(turn) not in dropped]
