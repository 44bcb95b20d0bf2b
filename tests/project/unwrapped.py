"""Finds the words of a page that no translator was asked for.

The page is read in an invented language in which every translation stands in ⟦brackets⟧. What is
left outside of them is data, a name, or a word that somebody forgot.
"""

import json
import re
from collections.abc import Iterable, Iterator, Set
from contextlib import suppress
from html.parser import HTMLParser
from itertools import chain
from pathlib import Path

from babel.messages import Catalog
from django.apps import apps
from django.db import models

from apps.datasets.models import Version

OPEN, CLOSE = "⟦", "⟧"
INSIDE = re.compile(f"{OPEN}[^{OPEN}{CLOSE}]*{CLOSE}")
SPOKEN_ATTRIBUTES = {"title", "placeholder", "aria-label", "alt", "label", "summary"}
SPOKEN_DATA = re.compile(r"data-(copied|words|unreachable|lost|now|ago-\w+|long-\w+|[\w-]*label)")
CODE_TAGS = {"code", "kbd", "pre", "samp", "script", "style", "textarea"}
VOID_TAGS = {"br", "hr", "img", "input"}
INLINE_TAGS = {"b", "code", "em", "kbd", "strong"}  # these stand inside of sentences
NAMES = re.compile(
    r"\b(Retune|OpenAI|JSONL?|CSV|UTF-8|English|[KMG]B|system|user|assistant|tool|function)\b"
)
IDENTIFIER = re.compile(r"\S*[\d_:/@]\S*")
WORD = re.compile(r"[A-Za-z]{2,}")


def invented_language(words: Iterable[str | tuple[str, ...]]) -> Catalog:
    """Return a catalogue in which every sentence is itself, in brackets."""
    catalogue = Catalog(locale="zh_Hans")
    for each in words:
        source = each if isinstance(each, str) else each[-1]
        wrapped = OPEN + source + CLOSE
        catalogue.add(each, wrapped if isinstance(each, str) else (wrapped,))
    return catalogue


def forgotten_words(html: str, *, data: Set[str]) -> set[str]:
    """Return the texts with a word in them that is neither translated nor data nor a name."""
    known = sorted(data, key=len, reverse=True)
    return {text for text in _Texts(html).found if WORD.search(_left_of(text, known))}


def _left_of(text: str, known: list[str]) -> str:
    while INSIDE.search(text):
        text = INSIDE.sub(" ", text)
    if not WORD.search(_without_names(text)):  # data may be a part of an identifier: gpt-4.1-mini
        return ""
    for value in known:
        text = text.replace(value, " ")
    return _without_names(text)


def _without_names(text: str) -> str:
    return IDENTIFIER.sub(" ", NAMES.sub(" ", text))


def data() -> set[str]:
    """Return every text that people and providers have brought: in the database, in files."""
    ours = [model for model in apps.get_models() if model.__module__.startswith("apps.")]
    texts = chain(_leaves_of_files(), *map(_texts_in, ours))
    return {" ".join(text.split()) for text in texts if len(text) > 1}


def _leaves_of_files() -> Iterator[str]:
    for version in Version.objects.all():
        kept = (version.path, version.path.with_suffix(".layout"))
        for path in filter(Path.is_file, kept):
            for line in path.read_bytes().splitlines():
                with suppress(ValueError):
                    yield from _leaves(json.loads(line))


def _texts_in(model: type[models.Model]) -> Iterator[str]:
    kinds = (models.CharField, models.TextField, models.JSONField)
    said = {field.name: getattr(field, "base_field", field) for field in model._meta.fields}
    free = [name for name, each in said.items() if isinstance(each, kinds) and not each.choices]
    for row in model._default_manager.values_list(*free) if free else ():
        yield from _leaves(row)


def _leaves(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from _leaves(list(value.values()))
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _leaves(each)


class _Texts(HTMLParser):
    """Collects what a person sees or hears: one text per element or attribute."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: set[str] = set()
        self._code_depth = 0
        self._foreign: list[str] = []  # open elements of which one says translate="no"
        self._sentence = ""
        self.feed(html)
        self._end_sentence()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._meet(tag)
        self._code_depth += tag in CODE_TAGS
        if self._foreign or ("translate", "no") in attrs:
            self._foreign += [tag] if tag not in VOID_TAGS else []
        for name, value in attrs:
            if name in SPOKEN_ATTRIBUTES or SPOKEN_DATA.fullmatch(name):
                self._note(value or "")

    def handle_endtag(self, tag: str) -> None:
        self._meet(tag)
        self._code_depth -= tag in CODE_TAGS
        if self._foreign and self._foreign[-1] == tag:
            self._foreign.pop()

    def handle_data(self, data: str) -> None:
        self._sentence += "" if self._code_depth or self._foreign else data

    def _meet(self, tag: str) -> None:
        if tag not in INLINE_TAGS:
            self._end_sentence()

    def _end_sentence(self) -> None:
        self._note(self._sentence)
        self._sentence = ""

    def _note(self, text: str) -> None:
        if text.strip():
            self.found.add(" ".join(text.split()))
