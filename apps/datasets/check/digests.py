"""What a row says, as numbers of 8 bytes: equal numbers mean equal rows (pure).

Of ten million different rows, two look alike once in 370,000 files. Somebody could make a row on
purpose that looks like another: one of the two would be counted, or dropped, as a copy. Whoever can
write into a file that far can leave its rows out as well, so that is no door.

`exact` compares the JSON whatever the order of its keys. The others compare what is said: Unicode
in one form (NFKC), no difference between A and a, all white space left out. They are kept on disk
and compared between files and releases: after a change here columns.FORMAT must grow, every
dataset be checked anew, and every split comes to other rows, since it chooses by them.
"""

from collections.abc import Iterable
from typing import Any
from unicodedata import normalize

import orjson
from xxhash import xxh3_64_intdigest

from apps.datasets.check.kinds import in_the_guides_words

NOTHING = 0  # the digest of what is compared with nothing
LONGEST_LABEL = 60  # bytes of a normalised answer; a longer one is no label
BETWEEN = b"\x01"
FACTOR = 0x9E3779B97F4A7C15  # odd, so that no two questions fall together
SPACES = b" \t\n\r\v\f\x1c\x1d\x1e\x1f"
LOWER = bytes(byte + 32 if 65 <= byte <= 90 else byte for byte in range(256))
# In UTF-8 the scripts with capitals begin with these bytes (Latin, Greek, Cyrillic, Armenian, …).
CASED = bytes((*range(0xC3, 0xD7), 0xE1))
UNCASED = bytes(byte for byte in range(256) if byte not in CASED)

Parts = tuple[bytes, bytes]  # what is asked, what is answered


def exact(data: Any) -> int:
    """Digest a JSON value as it is; 0 when it is nested too deep."""
    try:
        return digest(orjson.dumps(data, option=orjson.OPT_SORT_KEYS))
    except orjson.JSONEncodeError:
        return NOTHING


def loose(data: Any) -> int:
    """Digest all that a row says; 0 when it says nothing."""
    asked, answered = parts_of(data)
    return int(combined(digest(asked), digest(answered)))


def question(data: Any) -> int:
    """Digest what comes before the last answer; 0 when nothing does."""
    asked, _answered = parts_of(data)
    return digest(asked)


def label(data: Any) -> int:
    """Digest an answer that is short enough to be a label; 0 when it is not."""
    _asked, answered = parts_of(data)
    return digest(answered) if len(answered) <= LONGEST_LABEL else NOTHING


def label_of(text: str) -> int:
    """Digest a label as a person writes it; the same as `label` of a row that answers so."""
    return digest(normalised(text))


def digest(text: bytes) -> int:
    """Digest bytes, the same on every machine and in every process; 0 for none."""
    return xxh3_64_intdigest(text) if text else NOTHING


def digests_of(texts: Iterable[bytes]) -> list[int]:
    """Digest many, without a call of a function of ours for each."""
    return [xxh3_64_intdigest(text) if text else NOTHING for text in texts]


def combined(asked: Any, answered: Any) -> Any:
    """Make one digest of two; takes whole numbers, and arrays of uint64."""
    if isinstance(asked, int):
        return (asked * FACTOR + answered) % 2**64
    return asked * asked.dtype.type(FACTOR) + answered


def parts_of_texts(texts: list[str], *, is_answered: bool) -> Parts:
    """Return the parts of an everyday row; the same as `parts_of` the row."""
    folded = [text.encode() if text.isascii() else _folded(text) for text in texts]
    answered = _squeezed(folded.pop()) if is_answered else b""
    return _squeezed(BETWEEN.join(folded)), answered


def parts_of(data: Any) -> Parts:
    """Return what a row asks and what it answers, normalised; never raises."""
    if not isinstance(data, dict):
        return b"", b""
    if isinstance(messages := data.get("messages"), list):
        return _chat_parts(data, messages)
    data = in_the_guides_words(data)
    if "preferred_output" in data or "non_preferred_output" in data:
        return _preference_parts(data)
    return _said(data.get("prompt")), _said(data.get("completion"))


def _chat_parts(row: dict[str, Any], messages: list[Any]) -> Parts:
    """Everything before the last message, and that; without an answer, the rest of the row."""
    spoken = [_message(message) for message in messages]
    last = messages[-1] if messages else None
    answered = spoken.pop() if isinstance(last, dict) and last.get("role") == "assistant" else b""
    if len(row) > 1:
        spoken += (_json(row[key]) for key in ("tools", "functions") if key in row)
        answered = answered or _json(_beside(row)) if _beside(row) else answered
    return BETWEEN.join(spoken), answered


def _beside(row: dict[str, Any]) -> dict[str, Any]:
    """What a grader reads beside the messages."""
    known = ("messages", "tools", "functions", "parallel_tool_calls")
    return {key: value for key, value in row.items() if key not in known}


def _preference_parts(row: dict[str, Any]) -> Parts:
    asked = row.get("input")
    spoken = _spoken(asked.get("messages")) if isinstance(asked, dict) else _said(asked)
    if isinstance(asked, dict) and "tools" in asked:
        spoken += BETWEEN + _json(asked["tools"])
    outputs = (_spoken(row.get(key)) for key in ("preferred_output", "non_preferred_output"))
    return spoken, (BETWEEN * 2).join(outputs)


def _spoken(messages: Any) -> bytes:
    return BETWEEN.join(map(_message, messages)) if isinstance(messages, list) else _said(messages)


def _message(message: Any) -> bytes:
    if not isinstance(message, dict):
        return _said(message)
    said = _said(message.get("content"))
    if len(message) > 2:
        more = ("tool_calls", "function_call", "refusal")
        said += b"".join(_said(message[key]) for key in more if message.get(key))
    return said


def _said(content: Any) -> bytes:
    if isinstance(content, str):
        return normalised(content)
    if content is None:
        return b""
    if isinstance(content, list):
        return b"".join(map(_part, content))
    return _json(content)


def _part(part: Any) -> bytes:
    """A part of text counts as the same words without parts do."""
    if isinstance(part, dict) and isinstance(text := part.get("text"), str):
        return normalised(text)
    return _json(part)


def _json(value: Any) -> bytes:
    """Write out what is not text; nothing for what is nested too deep."""
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).translate(LOWER, SPACES)
    except orjson.JSONEncodeError:
        return b""


def normalised(text: str) -> bytes:
    """Write a text in one form of Unicode, without capitals and white space."""
    return _squeezed(text.encode() if text.isascii() else _folded(text))


def _folded(text: str) -> bytes:
    """Write a text in one form of Unicode, without the capitals that are not ASCII."""
    text = normalize("NFKC", text)
    folded = text.encode(errors="replace")
    is_cased = folded.translate(None, UNCASED)  # most texts of other scripts skip the slow way
    return text.casefold().encode(errors="replace") if is_cased else folded


def _squeezed(text: bytes) -> bytes:
    return text.translate(LOWER, SPACES)
