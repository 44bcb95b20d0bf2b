"""Sentences that a worker writes and a person reads: kept as a template and what fills it.

A worker does not know who will read its words. Whoever loads the row gets the sentence in the
language of that moment.

    Sentence(gettext_noop("The server at %(origin)s did not answer."), origin="api.test")
"""

import json
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils.translation import gettext

if TYPE_CHECKING:
    TextField = models.TextField[str, str]
else:  # Django's own class takes no parameter
    TextField = models.TextField

MARK = "\x1e"  # begins what is kept of a sentence; the words of others lose it


class Sentence(str):
    """A translated sentence that remembers what it is a translation of."""

    template: str
    facts: dict[str, Any]

    def __new__(cls, template: str, **facts: Any) -> Self:
        words = gettext(template)
        sentence = super().__new__(cls, words % facts if facts else words)
        sentence.template, sentence.facts = template, facts
        return sentence


def kept(words: str) -> str:
    """Return what a row keeps of a sentence, and other words as they are."""
    if not isinstance(words, Sentence):
        return words.lstrip(MARK)
    facts = {name: _each(kept, fact) for name, fact in words.facts.items()}
    return MARK + json.dumps([words.template, facts])


def read(text: str) -> str:
    """Return a kept sentence in the reader's language, and other words as they are."""
    if not text.startswith(MARK):
        return text
    template, facts = json.loads(text.removeprefix(MARK))
    return Sentence(template, **{name: _each(read, fact) for name, fact in facts.items()})


def _each(change: Any, fact: Any) -> Any:
    """Sentences may be facts of others; numbers are only numbers."""
    return change(fact) if isinstance(fact, str) else fact


class SentenceField(TextField):
    """Text for people: a sentence of ours, or the words of a provider."""

    def from_db_value(
        self, value: str | None, expression: object, connection: BaseDatabaseWrapper
    ) -> str | None:
        return None if value is None else read(value)

    def get_prep_value(self, value: Any) -> Any:
        return _each(kept, super().get_prep_value(value))

    def deconstruct(self) -> Any:
        """To the database it is text like any other, so migrations need not know."""
        name, _path, args, keywords = super().deconstruct()
        return name, "django.db.models.TextField", args, keywords
