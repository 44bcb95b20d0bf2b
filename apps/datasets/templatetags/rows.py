"""How rows look in a template."""

import re
from collections.abc import Iterable
from typing import Any

from django import template
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from apps.datasets.diffs.words import Piece
from apps.datasets.recipes.texts import INVISIBLE
from apps.datasets.rows import calls
from apps.datasets.sources.conversations import text_of

register = template.Library()
MARKS = {"same": "{}", "removed": "<del>{}</del>", "added": "<ins>{}</ins>"}


@register.filter
def marked(text: str, terms: tuple[str, ...]) -> SafeString:
    """Escape a text, name in it what cannot be seen, and mark what was searched for."""
    text = INVISIBLE.sub(_named, text)
    if not terms:
        return conditional_escape(text)
    pieces = _pattern(terms).split(text)  # every second piece is a hit
    return mark_safe(  # noqa: S308 (each piece is escaped)
        "".join(
            format_html("<mark>{}</mark>", piece) if index % 2 else conditional_escape(piece)
            for index, piece in enumerate(pieces)
        )
    )


@register.filter
def marked_changes(pieces: Iterable[Piece]) -> SafeString:
    """Escape the words of one side, and mark those that the other side does not have."""
    return format_html_join(
        "", "{}", ((format_html(MARKS[each.kind], each.visible),) for each in pieces)
    )


@register.filter
def calls_in(text: str) -> list[calls.Call]:
    """Return the calls of tools that an answer is, by name and arguments; none of words."""
    return calls.in_text(text)


@register.filter
def cell_text(cell: Any) -> str:
    """Show a cell of a table as it would be written: lists and objects as JSON."""
    return text_of(cell)


@register.filter
def has_any(text: str, terms: tuple[str, ...]) -> bool:
    """True when something that was searched for is in a text."""
    return bool(terms) and _pattern(terms).search(text) is not None


def _named(hidden: re.Match[str]) -> str:
    return f"⟨U+{ord(hidden[0]):04X}⟩"


def _pattern(terms: tuple[str, ...]) -> re.Pattern[str]:
    longest_first = sorted(terms, key=len, reverse=True)
    return re.compile(f"({'|'.join(map(re.escape, longest_first))})", re.IGNORECASE)
