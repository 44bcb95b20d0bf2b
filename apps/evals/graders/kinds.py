"""Every kind of grader: its fields, how it is checked and how it grades."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from apps.evals.graders import documents, numbers, patterns, schemas, similarity, texts
from apps.evals.graders.fields import Field, anything, choice, flag, number, text
from apps.evals.graders.fields import texts as list_of_texts
from apps.evals.graders.types import Grading, Options, Problem

MOST_TEXTS = 100
LONGEST_TEXT = 2_000
LONGEST_RUBRIC = 10_000


class Kind(StrEnum):
    """How an answer is graded. Stored as it is; never renamed."""

    EXACT = "exact"
    NORMALISED = "normalised"
    CONTAINS = "contains"
    REGEX = "regex"
    JSON_VALID = "json_valid"
    JSON_SCHEMA = "json_schema"
    JSON_FIELDS = "json_fields"
    NUMBER = "number"
    SIMILARITY = "similarity"
    LABEL = "label"
    JUDGE = "judge"
    HUMAN = "human"
    EMBEDDING = "embedding"
    CASE = "case"  # each question has a grader of its own


def _nothing(_options: Options) -> Iterator[Problem]:
    yield from ()


def _always(_options: Options) -> bool:
    return True


def _never(_options: Options) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Description:
    """One kind. Without `prepare` somebody else gives the grade: a model or a person."""

    fields: dict[str, Field] = field(default_factory=dict)
    prepare: Callable[[Options], Grading] | None = None
    problems: Callable[[Options], Iterator[Problem]] = _nothing
    needs_expected: Callable[[Options], bool] = _always


KINDS: dict[Kind, Description] = {
    Kind.EXACT: Description({"trim": flag(default=True)}, texts.exact),
    Kind.NORMALISED: Description(
        {"ignore_case": flag(default=True), "ignore_punctuation": flag()}, texts.normalised
    ),
    Kind.CONTAINS: Description(
        {
            "texts": list_of_texts(MOST_TEXTS, LONGEST_TEXT),
            "mode": choice("all", "any", "none"),
            "ignore_case": flag(default=True),
        },
        texts.contains,
        needs_expected=lambda options: not options["texts"],
    ),
    Kind.REGEX: Description(
        {
            "pattern": text(patterns.MOST_PATTERN),
            "mode": choice("somewhere", "whole", "nowhere", "picks"),
            "ignore_case": flag(),
        },
        patterns.regex,
        patterns.regex_problems,
        needs_expected=lambda options: options["mode"] == "picks",
    ),
    Kind.JSON_VALID: Description(
        {"root": choice("any", "object", "array"), "allow_fence": flag()},
        documents.json_valid,
        needs_expected=_never,
    ),
    Kind.JSON_SCHEMA: Description(
        {"schema": anything(), "allow_fence": flag()},
        schemas.json_schema,
        schemas.schema_problems,
        needs_expected=_never,
    ),
    Kind.JSON_FIELDS: Description(
        {
            "fields": list_of_texts(MOST_TEXTS, LONGEST_TEXT),
            "ignore_case": flag(),
            "tolerance": number(0),
            "allow_fence": flag(),
        },
        documents.json_fields,
        documents.field_problems,
    ),
    Kind.NUMBER: Description(
        {
            "tolerance": number(0),
            "tolerance_of": choice("absolute", "expected"),
            "take": choice("last", "first", "only"),
            "decimal": choice("auto", ".", ","),
            "unit": choice("ignore", "same"),
        },
        numbers.number,
    ),
    Kind.SIMILARITY: Description(
        {
            "metric": choice(*similarity.MEASURES),
            "threshold": number(0.8, high=1, may_be_none=True),
        },
        similarity.similarity,
    ),
    Kind.LABEL: Description(
        {
            "labels": list_of_texts(MOST_TEXTS, 200),
            "take": choice("first_line", "first_word"),
            "ignore_case": flag(default=True),
        },
        texts.label,
    ),
    Kind.JUDGE: Description(
        {
            "rubric": text(LONGEST_RUBRIC),
            "connection": text(100, is_required=False),
            "model": text(200),
            "scale": choice("pass_fail", "1_to_5"),
            "images": flag(default=True),
        },
        needs_expected=_never,
    ),
    Kind.HUMAN: Description(
        {"instructions": text(LONGEST_RUBRIC, is_required=False)}, needs_expected=_never
    ),
    Kind.EMBEDDING: Description(
        {
            "connection": text(100, is_required=False),
            "model": text(200),
            "threshold": number(0.8, high=1, may_be_none=True),
        }
    ),
    Kind.CASE: Description(needs_expected=_never),
}
PURE = frozenset(kind for kind, known in KINDS.items() if known.prepare)  # they grade at once
