"""A grader tried out on the first rows of a dataset, and what rows have for it to read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.text import Truncator

from apps.datasets.check.reinforcement import grader_keys
from apps.datasets.models import Version
from apps.datasets.rows.bubbles import shape_of
from apps.datasets.rows.reading import Row, read_rows
from apps.jobs.graders.grading import Grade, grade
from apps.jobs.graders.templates import Template, item_reference

ROWS_READ = 50
ROWS_TRIED = 5
SHOWN = 160


@dataclass(frozen=True, slots=True)
class Readable:
    """What graders can read in the rows, and an answer that should be a good one to the first."""

    keys: Sequence[str] = ()
    example: str = ""


@dataclass(frozen=True, slots=True)
class Tried:
    """One row, its task, and what the grader says to the example answer."""

    number: int
    task: str
    grade: Grade


def readable(version: Version | None) -> Readable:
    """Return what the first rows have beside their messages, in the order of their appearance."""
    if version is None:
        return Readable()
    rows = [row.data for row in read_rows(version, 1, ROWS_READ) if row.data]
    keys = list(dict.fromkeys(key for row in rows for key in grader_keys(row)))
    return Readable(keys, _first_text(rows[0], keys) if rows else "")


def _first_text(row: Mapping[str, Any], keys: Sequence[str]) -> str:
    """Return what a row says to its first key that a template can name."""
    named = (template for key in keys if key in row and (template := item_reference(key)))
    return next((Template(template).filled(row, "") for template in named), "")


def tried(version: Version, grader: Mapping[str, Any], output_text: str) -> list[Tried]:
    """Grade one answer to each of the first rows; the grader has no problems."""
    rows = [row for row in read_rows(version, 1, ROWS_TRIED) if row.data is not None]
    return [
        Tried(row.number, _task(row), grade(grader, row.data or {}, output_text)) for row in rows
    ]


def _task(row: Row) -> str:
    """Return the last thing that is asked, shortened."""
    bubbles = [bubble for talk in shape_of(row).talks for bubble in talk.bubbles]
    return Truncator(bubbles[-1].text if bubbles else "").chars(SHOWN)
