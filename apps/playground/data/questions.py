"""What to ask first: a few questions from the data that a job was trained or validated on."""

from dataclasses import dataclass

from apps.datasets.models import Version
from apps.datasets.rows.reading import Row, read_rows
from apps.jobs.models import Job

SHOWN = 4
ROWS_READ = 12  # some rows repeat a question, some begin with the assistant
LONGEST = 300  # characters; more is no question for a button


@dataclass(frozen=True, slots=True)
class Suggested:
    """Questions to begin with, and whether the model was trained on them."""

    texts: list[str]
    are_known: bool


def questions(job: Job | None) -> Suggested | None:
    """Return a few first messages, from rows the model has not seen if the job had some."""
    data = job and (job.validation_data or job.training_data)
    texts = _first_questions(data)[:SHOWN] if data else []
    return Suggested(texts, are_known=not job.validation_data) if job and texts else None


def _first_questions(dataset: Version) -> list[str]:
    asked = dict.fromkeys(_first_question(row) for row in read_rows(dataset, 1, ROWS_READ))
    return [text for text in asked if text and len(text) <= LONGEST]


def _first_question(row: Row) -> str:
    for message in row.messages:
        if message.get("role") == "user":
            return _words(message.get("content"))
    return _words((row.data or {}).get("prompt"))


def _words(content: object) -> str:
    """Return plain words; pictures and other parts are nothing to put on a button."""
    return content.strip() if isinstance(content, str) else ""
