"""Recordings: the answers of a model, kept for when it no longer answers."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from apps.datasets.rows.questions import KEPT_KEYS

TEXT_TYPES = ("text", "input_text", "output_text")

Message = Mapping[str, Any]


def question_key(messages: Sequence[Message]) -> str:
    """Return the same text for the same question, whoever asks it and however it was written down.

    What only training knows is left out, space around a text as well; a list of text parts is
    the text that they make.
    """
    asked = [_as_asked(message) for message in messages]
    return hashlib.sha256(orjson.dumps(asked, option=orjson.OPT_SORT_KEYS)).hexdigest()


def _as_asked(message: Message) -> dict[str, Any]:
    told = {key: message[key] for key in KEPT_KEYS if message.get(key) is not None}
    return {**told, "content": _content(message.get("content"))}


def _content(content: Any) -> Any:
    if isinstance(content, str):
        return content.strip()
    if isinstance(content, list) and all(map(_is_text, content)):
        return "".join(part["text"] for part in content).strip()
    return content


def _is_text(part: Any) -> bool:
    is_part = isinstance(part, dict) and part.get("type") in TEXT_TYPES
    return is_part and isinstance(part.get("text"), str)
