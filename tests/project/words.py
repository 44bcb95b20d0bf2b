"""The words in our sources that a translator is asked for, found without gettext."""

import io
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from babel.messages.extract import DEFAULT_KEYWORDS, extract
from django.utils.translation import templatize

ROOT = Path(__file__).resolve().parents[2]
KEYWORDS = DEFAULT_KEYWORDS | {
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext_lazy": ((1, "c"), 2, 3),
}

# Whoever asks for a translation has to import or to load this first.
NEEDED = {".py": "translation", ".html": "i18n"}

Words = str | tuple[str, ...]  # a sentence, or its singular and plural


@cache
def words_to_translate() -> Mapping[Words, str]:
    """Return each sentence in the code and the templates with the first file that says it."""
    found: dict[Words, str] = {}
    for path in [*sorted(ROOT.glob("apps/**/*.py")), *sorted(ROOT.glob("templates/**/*.html"))]:
        for words in _words_in(path):
            found.setdefault(words, str(path.relative_to(ROOT)))
    return found


def _words_in(path: Path) -> Iterator[Words]:
    source = path.read_text()
    if NEEDED[path.suffix] not in source:
        return
    python = _as_python(source) if path.suffix == ".html" else source
    for _line, words, _notes, _context in extract("python", io.BytesIO(python.encode()), KEYWORDS):
        yield words


def _as_python(template: str) -> str:
    """Return the template's words as calls of gettext; indentation would mean something here."""
    return "\n".join(line.strip() for line in templatize(template).splitlines())
