"""Steps for lines that hold no row (pure)."""

import json
import re
from typing import Any

import orjson
from django.utils.translation import gettext_lazy as _

from apps.datasets.recipes.rows import Row
from apps.datasets.recipes.steps import Step, register
from apps.datasets.sources.literals import literal

TRAILING_COMMA = re.compile(r",\s*$")
STRING_OR_COMMA = re.compile(r'("(?:[^"\\]|\\.)*+")|,(?=\s*+[}\]])', re.DOTALL)
SURROGATES = re.compile("[\ud800-\udfff]")


@register
class RemoveBlankLines(Step):
    code = "remove_blank_lines"
    title = _("Remove empty lines")
    help = _("Lines with nothing in them, or only spaces, are left out.")

    def apply(self, row: Row) -> Row | None:
        return None if row.is_blank else row


@register
class DropUnreadable(Step):
    code = "drop_unreadable"
    title = _("Drop lines that cannot be read")
    help = _("Lines that are not one JSON object are left out.")

    def apply(self, row: Row) -> Row | None:
        return row if row.is_blank or row.data is not None else None


@register
class RepairLines(Step):
    code = "repair_lines"
    title = _("Mend lines that are not quite JSON")
    help = _(
        "Line breaks inside strings, NaN, commas too many, single quotes as Python prints them, "
        "the same key twice (the last one counts), halves of characters, bytes of Windows-1252, "
        "and lists of messages without a key."
    )

    def apply(self, row: Row) -> Row:
        if row.data is not None or row.is_blank or row.span:
            return row
        data = _mended(row.line)
        return row if data is None else row.having(data)


def _mended(line: bytes) -> dict[str, Any] | None:
    """Read a line as leniently as is safe; None when it stays a riddle."""
    text = TRAILING_COMMA.sub("", _decoded(line).strip())
    try:
        value = _value(text)
        if isinstance(value, str):  # JSON inside a string: written out twice
            value = _loads(value)
        value = _object(value)
        return None if value is None else orjson.loads(orjson.dumps(_whole(value)))
    except (ValueError, TypeError, RecursionError):
        return None


def _value(text: str) -> Any:
    try:
        return _loads(text)
    except ValueError:
        return _less_strictly(text)


def _loads(text: str) -> Any:
    return json.loads(text, strict=False, parse_constant=lambda _name: None)


def _less_strictly(text: str) -> Any:
    """Read JSON with a comma before a closing bracket, or what Python prints; nothing is run."""
    try:
        return _loads(STRING_OR_COMMA.sub(r"\1", text))
    except ValueError:
        return literal(text)


def _decoded(line: bytes) -> str:
    try:
        return line.decode()
    except UnicodeDecodeError:
        return line.decode("cp1252", "replace")


def _object(value: Any) -> dict[str, Any] | None:
    if isinstance(value, list) and value and all(_is_message(item) for item in value):
        return {"messages": value}
    return value if isinstance(value, dict) else None


def _is_message(item: Any) -> bool:
    return isinstance(item, dict) and ("role" in item or "from" in item)


def _whole(value: Any) -> Any:
    """Replace halves of character pairs, which cannot be written as UTF-8; join whole pairs."""
    if isinstance(value, str):
        return _joined(value) if SURROGATES.search(value) else value
    if isinstance(value, list):
        return [_whole(item) for item in value]
    if isinstance(value, dict):
        return {_whole(key): _whole(item) for key, item in value.items()}
    return value


def _joined(text: str) -> str:
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
