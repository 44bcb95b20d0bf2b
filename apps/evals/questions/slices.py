"""Groups that questions fall into, so that a run can say where a model is better (pure)."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from apps.evals.graders import Kind, label_of

# By the words of the last thing that the user says: the same limits in every suite, so that
# suites can be compared.
SHORT, MEDIUM = 20, 100
SIGNS_OF_A_WORD = 2  # Chinese and Japanese have no spaces
EASTERN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")
UNSURE = "unsure"
MOST_METADATA = 5
LONGEST = 60  # characters; what is longer is no group

Message = Mapping[str, Any]


def of_question(
    messages: Sequence[Message],
    expected: str,
    graders: Sequence[Mapping[str, Any]],
    metadata: Mapping[str, Any] | None = None,
) -> dict[str, str]:
    """Return the groups of a question by name; its language is looked at by a worker."""
    found = {"length": length_of(last_question(messages)), **_metadata(metadata or {})}
    if label := _label(expected, graders):
        found["label"] = label
    return found


def last_question(messages: Sequence[Message]) -> str:
    """Return the last text that the user says."""
    asked = [_text(each.get("content")) for each in messages if each.get("role") == "user"]
    return asked[-1] if asked else ""


def length_of(question: str) -> str:
    """Say how long a question is: up to 20 words, up to 100, or more."""
    signs = len(EASTERN.findall(question))
    words = len(EASTERN.sub(" ", question).split()) + signs / SIGNS_OF_A_WORD
    return "short" if words <= SHORT else "medium" if words <= MEDIUM else "long"


def language_of(question: str) -> str:
    """Return an ISO 639-1 code; `unsure` of short texts. Loads a model of 30 MB at first use."""
    from apps.datasets.quality.languages import language_of

    return language_of(question) or UNSURE


def _label(expected: str, graders: Sequence[Mapping[str, Any]]) -> str:
    """Return the label that is expected, where a grader reads labels."""
    reading = next((each for each in graders if each.get("kind") == Kind.LABEL), None)
    return (label_of(reading, expected) or "")[:LONGEST] if reading and expected else ""


def _metadata(told: Mapping[str, Any]) -> dict[str, str]:
    """Return what a row says about itself, as far as it can be a group."""
    plain = {f"metadata.{name}"[:LONGEST]: str(each) for name, each in told.items() if _fits(each)}
    return dict(list(plain.items())[:MOST_METADATA])


def _fits(told: Any) -> bool:
    return isinstance(told, str | int | bool) and 0 < len(str(told)) <= LONGEST


def _text(content: Any) -> str:
    if isinstance(content, list):
        parts = [part.get("text") for part in content if isinstance(part, dict)]
        return " ".join(part for part in parts if isinstance(part, str))
    return content if isinstance(content, str) else ""
