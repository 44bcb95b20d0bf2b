"""Why a line is no JSON, told more closely than the parser does, by what stands there (pure)."""

import json
import re

SINGLE_QUOTES, CURLY_QUOTES = "single quotes", "curly quotes"
PYTHON_WORD, COMMENT, CUT_OFF = "Python's word", "comment", "cut off"
QUOTE_INSIDE = "quote inside"
COMMA_AT_END, SECOND_OBJECT, NO_JSON = "comma at the end", "second object", "no JSON"
COMMA_BEFORE = {
    "}": "Illegal trailing comma before end of object",
    "]": "Illegal trailing comma before end of array",
}
PYTHON_WORDS = re.compile(r"(None|True|False|undefined|nan)\b")
COMMENTS = ("//", "/*", "#")
BEGINNINGS = '{["-0123456789tfnNI'


def reason_of(text: str, exc: json.JSONDecodeError) -> str:
    """Return a key of words.REASONS; where nothing more is seen, what the parser says."""
    at = exc.pos
    if exc.msg == "Extra data":
        return _after_the_end(text[at:]) or exc.msg
    if at == 0 or not text[:at].strip():
        return exc.msg if text[at : at + 1] in BEGINNINGS else NO_JSON
    return _in_the_middle(text, at) or exc.msg


def _after_the_end(rest: str) -> str:
    if rest.strip() == ",":
        return COMMA_AT_END
    return SECOND_OBJECT if rest.lstrip(", ").startswith("{") else ""


def _in_the_middle(text: str, at: int) -> str:
    sign = text[at : at + 1]
    if not text[at:].strip():
        return CUT_OFF
    if sign == "'":
        return SINGLE_QUOTES
    if sign in "“”„‘’":
        return CURLY_QUOTES
    if text.startswith(COMMENTS, at):
        return COMMENT
    if PYTHON_WORDS.match(text, at):
        return PYTHON_WORD
    if sign in COMMA_BEFORE and text[:at].rstrip().endswith(","):
        return COMMA_BEFORE[sign]
    return QUOTE_INSIDE if sign.isalpha() and text[:at].rstrip().endswith('"') else ""
