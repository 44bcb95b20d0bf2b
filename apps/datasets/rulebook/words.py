"""What a person reads about a finding, put together in that reader's language.

The check itself knows only codes and particulars.
"""

import re
from collections.abc import Mapping
from typing import Any

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.translation import get_language_info, gettext
from django.utils.translation import gettext_lazy as _

from apps.datasets.rulebook import RULES, quality

Params = Mapping[str, Any]

# What a value is or should be; the check names these in `expected` and `found`.
WORDS: dict[str, Any] = {
    "object": _("an object"),
    "list": _("a list"),
    "string": _("a string"),
    "string or parts": _("a string or a list of parts"),
    "text": _("a string or a list of text parts"),
    "number": _("a number"),
    "true or false": _("true or false"),
    "null": _("null"),
    "chat": _("a chat"),
    "prompt_completion": _("a prompt with its completion"),
    "preference": _("a preference (DPO) row"),
    "reinforcement": _("a reinforcement row"),
}

# What the parser of the standard library says, in words for people.
REASONS: dict[str, Any] = {
    "Expecting value": _("a value is missing or broken"),
    "Expecting ',' delimiter": _("a comma is missing"),
    "Expecting ':' delimiter": _("a colon is missing"),
    "Expecting property name enclosed in double quotes": _(
        "a key is missing, or not in double quotes"
    ),
    "Illegal trailing comma before end of object": _("there is a comma before the closing }"),
    "Illegal trailing comma before end of array": _("there is a comma before the closing ]"),
    "Invalid control character at": _(
        "a line break or another control character stands in a string"
    ),
    "Unterminated string starting at": _("a string is not closed"),
    "Extra data": _("something follows the end of the object"),
    "Invalid \\escape": _("a backslash stands before a character that needs none"),
    "single quotes": _("texts stand in single quotes, as Python prints them"),
    "curly quotes": _("a text stands in curly quotes, as word processors write them"),
    "Python's word": _("JSON says null, true and false, not None, True and False"),
    "comment": _("there is a comment, which JSON does not know"),
    "cut off": _("the line ends before the object does; it was cut off, or broken into several"),
    "quote inside": _('a quotation mark inside a text ends it; it must be written \\" there'),
    "comma at the end": _("there is a comma after the object"),
    "second object": _("a second object stands on the same line"),
    "no JSON": _("this does not begin like JSON"),
    "Invalid \\uXXXX escape": _("\\u must be followed by four hexadecimal digits"),
}

LANGUAGES = ("asked", "answered")
CODE_OF_LANGUAGE = re.compile(r"\b[a-z]{2,3}\b(?= \d)")
COUNTS = ("count", "limit", "rows", "tokens")
TRANSLATED = {"expected": WORDS, "found": WORDS, "reason": REASONS, "kind": quality.KINDS}


def title(code: str) -> str:
    """Name the group of problems that a code stands for."""
    return str(RULES[code].title) if code in RULES else code


def message(code: str, params: Params) -> str:
    """Say what is wrong."""
    return _filled(RULES[code].message, params) if code in RULES else code


def hint(code: str, params: Params) -> str:
    """Say what to do; a near miss beats the rule's general advice."""
    if suggestion := params.get("suggestion"):
        return gettext("Did you mean “%(suggestion)s”?") % {"suggestion": suggestion}
    return _filled(RULES[code].hint, params) if code in RULES else ""


def _filled(template: Any, params: Params) -> str:
    readable = {key: _readable(key, value) for key, value in params.items()}
    return str(template) % readable if readable else str(template)


def language_name(code: str) -> str:
    """Name a language in the reader's own; its code where Django does not know it."""
    try:
        return str(get_language_info("zh-hans" if code == "zh" else code)["name_translated"])
    except KeyError:
        return code


def _readable(key: str, value: Any) -> Any:
    if key in LANGUAGES:
        return language_name(value)
    if key == "languages":  # codes and their shares
        return CODE_OF_LANGUAGE.sub(lambda code: language_name(code[0]), value)
    if key in COUNTS:
        return intcomma(value)
    return TRANSLATED[key].get(value, value) if key in TRANSLATED else value
