"""How a value passes through a text area without being changed by it (pure).

Browsers turn every line end in a text area into CR LF, and drop U+0000. A string that such a trip
would change is shown as JSON instead, where both are written out.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from apps.datasets.editing.drafts import notation

MISSING: Any = object()


class Shape(StrEnum):
    """How the text area is to be read."""

    TEXT = "text"
    JSON = "json"
    NULL = "null"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class Text:
    """What stands in a text area. `has_crlf`: the lines of the string ended with CR LF."""

    shape: Shape = Shape.TEXT
    text: str = ""
    has_crlf: bool = False

    @property
    def is_json(self) -> bool:
        return self.shape is Shape.JSON

    @property
    def is_empty(self) -> bool:
        return self.shape in (Shape.NULL, Shape.ABSENT)


def text_of(value: Any) -> Text:
    """Show a value: a string as it reads, everything else as JSON."""
    if value is MISSING:
        return Text(Shape.ABSENT)
    if value is None:
        return Text(Shape.NULL)
    if isinstance(value, str) and _survives(value):
        return Text(Shape.TEXT, value.replace("\r\n", "\n"), "\r\n" in value)
    return Text(Shape.JSON, notation.pretty(value))


def _survives(value: str) -> bool:
    without = value.replace("\r\n", "")
    has_both = "\n" in without and without != value
    return "\0" not in value and "\r" not in without and not has_both


def value_of(text: Text) -> Any:
    """Return the value that stands in a text area, or MISSING; NotJson where JSON is expected."""
    if text.shape is Shape.ABSENT:
        return MISSING
    if text.shape is Shape.NULL:
        return None
    if text.shape is Shape.JSON:
        return notation.read(text.text)
    lines = plain_lines(text.text)
    return lines.replace("\n", "\r\n") if text.has_crlf else lines


def plain_lines(text: str) -> str:
    """Undo what a browser does to line ends."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def fits_one_line(value: Any, limit: int) -> bool:
    """True for a short word that an input of one line gives back as it is."""
    return isinstance(value, str) and 0 < len(value) <= limit and value.isprintable()
