"""Graders of plain text: the same, the same but for looks, containing, a label."""

import re
import unicodedata
from typing import Any

from apps.evals.graders.types import Grade, Grading, Options

MOST_NORMALISED = 50_000  # NFKC may make eighteen characters of one
WRAPPING = " \t\r\n\"'`*_“”‘’«»「」()[]{}<>.,:;!?。，：；！？"
WORD = re.compile(r"\S+")


def exact(options: Options) -> Grading:
    """The same text, apart from space around it."""

    def grading(expected: str, answer: str) -> Grade:
        return compared(expected.strip(), answer.strip())

    return grading if options["trim"] else compared


def normalised(options: Options) -> Grading:
    """The same text after Unicode NFKC, with single spaces; case and punctuation as asked."""

    def grading(expected: str, answer: str) -> Grade:
        return compared(normal(expected, options), normal(answer, options))

    return grading


def contains(options: Options) -> Grading:
    """These texts, or else the expected one, stand in the answer."""

    def grading(expected: str, answer: str) -> Grade:
        wanted = list(options["texts"]) or [expected.strip()]
        place = _folded(answer, options)
        there = [each for each in wanted if _folded(each, options) in place]
        return CONTAINING[options["mode"]](wanted, there)

    return grading


def label(options: Options) -> Grading:
    """The label that the answer begins with is the expected one."""

    def grading(expected: str, answer: str) -> Grade:
        wanted, found = read_label(options, expected), read_label(options, answer)
        if wanted is None:
            return Grade.none("expected_no_label")
        if found is None:
            return Grade.wrong("label_missing")
        if wanted == found:
            return Grade.right("label_same", answer=found)
        return Grade.wrong("label_differs", answer=found, expected=wanted)

    return grading


def read_label(options: Options, text: str) -> str | None:
    """Return the label at the beginning of a text, None without one.

    With a list of labels: the longest that the text begins with, as the list writes it. Without:
    its first line or word, bare of quotes, stars and stops.
    """
    folded = _folded(text.strip(WRAPPING), options)
    if options["labels"]:
        known = [(each, _folded(each.strip(WRAPPING), options)) for each in options["labels"]]
        fitting = [pair for pair in known if _begins_with(folded, pair[1])]
        return max(fitting, key=lambda pair: len(pair[1]))[0] if fitting else None
    first = folded.splitlines()[:1]
    if options["take"] == "first_word":
        first = WORD.findall(first[0][:1_000])[:1] if first else []
    return (first[0].strip(WRAPPING) or None) if first else None


def compared(expected: str, answer: str) -> Grade:
    """Say where two texts begin to differ."""
    if expected == answer:
        return Grade.right("same")
    place = _common(expected, answer)
    values: dict[str, Any] = {
        "place": place,
        "expected": expected[place:],
        "answer": answer[place:],
    }
    if place == len(answer):
        return Grade.wrong("ends_early", **values)
    if place == len(expected):
        return Grade.wrong("goes_on", **values)
    return Grade.wrong("differs", **{**values, "place": place + 1})


def normal(text: str, options: Options) -> str:
    """Return a text as it is compared; what is beyond the first 50,000 characters as it is."""
    text, rest = text[:MOST_NORMALISED], text[MOST_NORMALISED:]
    text = unicodedata.normalize("NFKC", text)
    if options.get("ignore_case"):
        # Case folding may undo the normal form: NFKC once more, as Unicode's own definition does.
        text = unicodedata.normalize("NFKC", text.casefold())
    if options.get("ignore_punctuation"):
        text = "".join(" " if unicodedata.category(sign)[0] == "P" else sign for sign in text)
    return " ".join(text.split()) + rest


def _common(one: str, other: str) -> int:
    """Return how many characters both begin with."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((place for place, (a, b) in pairs if a != b), min(len(one), len(other)))


def _folded(text: str, options: Options) -> str:
    return text.casefold() if options["ignore_case"] else text


def _begins_with(text: str, name: str) -> bool:
    """Say whether a text begins with this name and not with a longer word."""
    if not name or not text.startswith(name):
        return False
    around = text[len(name) - 1 : len(name) + 1]
    return len(around) < 2 or not all(map(_joins, around))


def _joins(sign: str) -> bool:
    """Say whether a letter is part of words that stand between spaces: not Chinese or Japanese."""
    return (sign.isalnum() or sign == "_") and not "\u3040" <= sign <= "\u9fff"


def _all(wanted: list[str], there: list[str]) -> Grade:
    missing = next((each for each in wanted if each not in there), None)
    if missing is None:
        return _found(wanted)
    if len(wanted) == 1:
        return Grade.wrong("lacks", text=missing)
    share = len(there) / len(wanted)
    values = {"found": len(there), "count": len(wanted), "text": missing}
    return Grade.wrong("lacks_some", score=share, **values)


def _any(wanted: list[str], there: list[str]) -> Grade:
    if there:
        return Grade.right("contains", text=there[0])
    if len(wanted) == 1:
        return Grade.wrong("lacks", text=wanted[0])
    return Grade.wrong("lacks_any", count=len(wanted))


def _none(_wanted: list[str], there: list[str]) -> Grade:
    if there:
        return Grade.wrong("unwanted", text=there[0])
    return Grade.right("nothing_unwanted")


def _found(wanted: list[str]) -> Grade:
    if len(wanted) == 1:
        return Grade.right("contains", text=wanted[0])
    return Grade.right("contains_all", count=len(wanted))


CONTAINING = {"all": _all, "any": _any, "none": _none}
