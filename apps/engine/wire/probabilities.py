"""Probabilities of tokens in the two shapes that OpenAI has for them (pure).

A token of this model is one byte. One that is only part of a character is told as OpenAI does:
its escape as the name, and the byte itself beside it.
"""

from collections.abc import Sequence
from typing import Any

from apps.engine.tiny.generation import TokenChoice
from apps.engine.tiny.tokens import BYTE_VALUES, END_OF_TURN

Json = dict[str, Any]

ASCII = 128
LATER_BYTES = range(0x80, 0xC0)  # of a character: it began before
END_NAME = "<|end_of_turn|>"


def for_chat(choices: Sequence[TokenChoice]) -> Json:
    """Return the `logprobs` of a piece of a conversation."""
    content = [
        {
            **_named(choice.token, choice.logprob),
            "top_logprobs": [_named(token, logprob) for token, logprob in choice.top],
        }
        for choice in choices
    ]
    return {"content": content, "refusal": None}


def for_completion(choices: Sequence[TokenChoice], start: int) -> Json:
    """Return the `logprobs` of a piece that begins at this character, the prompt's counted."""
    offsets, place = [], start
    for choice in choices:
        is_inside = choice.token in LATER_BYTES
        offsets.append(place - 1 if is_inside else place)
        place += not is_inside
    tops = [{_completion_name(token): each for token, each in choice.top} for choice in choices]
    return {
        "tokens": [_completion_name(choice.token) for choice in choices],
        "token_logprobs": [choice.logprob for choice in choices],
        "top_logprobs": tops if any(tops) else None,
        "text_offset": offsets,
    }


def _named(token: int, logprob: float) -> Json:
    is_byte = token < BYTE_VALUES
    return {"token": _name(token), "logprob": logprob, "bytes": [token] if is_byte else None}


def _name(token: int) -> str:
    if token == END_OF_TURN:
        return END_NAME
    return chr(token) if token < ASCII else f"\\x{token:02x}"


def _completion_name(token: int) -> str:
    return f"bytes:{_name(token)}" if ASCII <= token < BYTE_VALUES else _name(token)
