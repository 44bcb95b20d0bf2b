"""Two states of a row side by side: message by message, and word by word inside each (pure)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import Any

import orjson

from apps.datasets.diffs.words import TextDiff, compare

MOST_PARTS = 200  # of a row with more, the beginning is shown
LONGEST_LABEL = 60
FOLDED_CHARACTERS = 200
CONVERSATIONS = ("messages", "preferred_output", "non_preferred_output")
SAID = ("role", "content")  # of a message; what else it has is shown as JSON


@dataclass(frozen=True, slots=True)
class Part:
    """One thing that a row says: a message, a prompt, a list of tools."""

    label: str
    text: str = ""
    details: str = ""  # the other keys of a message, as JSON


@dataclass(frozen=True, slots=True)
class PartDiff:
    """One part before and after. A label is empty on the side that does not have the part."""

    label_before: str
    label_after: str
    text: TextDiff
    details: TextDiff

    @property
    def is_added(self) -> bool:
        return not self.label_before

    @property
    def is_removed(self) -> bool:
        return not self.label_after

    @property
    def is_relabelled(self) -> bool:
        return self.label_before != self.label_after

    @property
    def beginning(self) -> str:
        """The first words of a part that is too long to show whole where nothing changed."""
        return "".join(piece.text for piece in self.text.before)[:FOLDED_CHARACTERS]

    @property
    def is_long(self) -> bool:
        return sum(len(piece.text) for piece in self.text.before) > 2 * FOLDED_CHARACTERS

    @property
    def is_changed(self) -> bool:
        return self.is_relabelled or self.text.is_changed or self.details.is_changed


def compare_rows(before: bytes | None, after: bytes | None) -> list[PartDiff]:
    """Compare two lines of JSON; None where one side does not have the row."""
    return [_pair(*pair) for pair in _aligned(_parts_of(before), _parts_of(after))]


def _parts_of(line: bytes | None) -> list[Part]:
    if line is None:
        return []
    try:
        data = orjson.loads(line)
    except orjson.JSONDecodeError:
        data = None
    if isinstance(data, dict):
        return list(_parts(data, ""))[:MOST_PARTS]
    return [Part("JSON", line.decode("utf-8", "replace"))]


def _parts(data: dict[str, Any], prefix: str) -> Iterator[Part]:
    """Yield what can be read as text in its own order, each other key as JSON."""
    for key, value in data.items():
        if key in CONVERSATIONS and isinstance(value, list):
            within = "" if key == "messages" else key
            yield from (_message(message, within) for message in value)
        elif key == "input" and isinstance(value, dict):
            yield from _parts(value, f"{key} · ")
        else:
            yield Part(_label(prefix + key), _text(value))


def _message(message: Any, within: str) -> Part:
    if not isinstance(message, dict):
        return Part(_label(within or "messages"), _text(message))
    role = message.get("role")
    names = [within, role if isinstance(role, str) and role.strip() else "?"]
    rest = {key: value for key, value in message.items() if key not in SAID}
    label = _label(" · ".join(filter(None, names)))
    return Part(label, _text(message.get("content")), _json(rest) if rest else "")


def _label(words: str) -> str:
    return words[:LONGEST_LABEL] or "?"


def _text(content: Any) -> str:
    if content is None:
        return ""
    if isinstance(content, list) and all(isinstance(part, dict) for part in content):
        return "\n".join(_content_part(part) for part in content)
    return content if isinstance(content, str) else _json(content)


def _content_part(part: dict[str, Any]) -> str:
    text = part.get("text")
    return text if isinstance(text, str) and set(part) <= {"type", "text"} else _json(part)


def _json(value: Any) -> str:
    return orjson.dumps(value, option=orjson.OPT_INDENT_2).decode()


def _aligned(
    before: Sequence[Part], after: Sequence[Part]
) -> Iterator[tuple[Part | None, Part | None]]:
    """Pair equal parts with each other, and changed ones in their order, the same label first."""
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    for kind, i, i_end, j, j_end in matcher.get_opcodes():
        if kind == "replace":
            yield from _by_label(before[i:i_end], after[j:j_end])
        else:
            yield from zip_longest(before[i:i_end], after[j:j_end])


def _by_label(
    before: Sequence[Part], after: Sequence[Part]
) -> Iterator[tuple[Part | None, Part | None]]:
    if len(before) == len(after):
        yield from zip(before, after, strict=True)
        return
    labels = [part.label for part in before], [part.label for part in after]
    matcher = SequenceMatcher(None, *labels, autojunk=False)
    for _kind, i, i_end, j, j_end in matcher.get_opcodes():
        yield from zip_longest(before[i:i_end], after[j:j_end])


def _pair(before: Part | None, after: Part | None) -> PartDiff:
    old, new = before or Part(""), after or Part("")
    return PartDiff(
        old.label, new.label, compare(old.text, new.text), compare(old.details, new.details)
    )
