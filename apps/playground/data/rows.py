"""Rows of datasets as prompts: what fills the composer, and the answer that the row expects."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from django.contrib.humanize.templatetags.humanize import intcomma
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Membership
from apps.core.storable import storable
from apps.core.typed import uuid_of, whole_of
from apps.datasets.models import Version
from apps.datasets.rows.questions import Message, Question, question_of
from apps.datasets.rows.reading import Row, read_some
from apps.jobs.models import Job

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

MOST_DATASETS = 200
RANDOM = "random"


class Note(StrEnum):
    """What a prompt cannot be of a row."""

    TOO_LONG = "too_long"
    UNREADABLE = "unreadable"
    ASKS_NOTHING = "asks_nothing"
    IMAGES = "images"
    CALLS = "calls"
    NO_ANSWER = "no_answer"


NOTE_WORDS: dict[Note, "StrPromise"] = {
    Note.TOO_LONG: _("This row is too long to be loaded here."),
    Note.UNREADABLE: _("This row cannot be read, so there is nothing to ask."),
    Note.ASKS_NOTHING: _("Nobody asks anything in this row: it has no message of a user."),
    Note.IMAGES: _("This question has images. Only its words are sent."),
    Note.CALLS: _("The model is expected to call a tool. Nothing is run: the call is compared."),
    Note.NO_ANSWER: _("There is no expected answer, so there is nothing to compare with."),
}


@dataclass(frozen=True, slots=True)
class Loaded:
    """A question as a prompt. Without `text` there is nothing to ask; `notes` say why."""

    system_prompt: str = ""
    context: Sequence[Message] = ()  # the messages between the system prompt and the text
    text: str = ""
    after: Sequence[Message] = ()  # the messages between the text and the answer
    expected: str = ""
    tools: Sequence[Any] = ()  # in OpenAI's shape
    notes: tuple[Note, ...] = ()
    data: Version | None = None
    row: int | None = None

    @property
    def words(self) -> list["StrPromise"]:
        """What to know about it, in sentences."""
        return [NOTE_WORDS[note] for note in self.notes]


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedRow(Loaded):
    """A row of a dataset as a prompt."""

    data: Version
    row: int  # 1-based

    @property
    def title(self) -> str:
        words = gettext("Row %(number)s of %(name)s")
        return words % {"number": intcomma(self.row), "name": self.data.title}

    @property
    def address(self) -> str:
        return f"{reverse('datasets:rows', args=self.data.address)}?row={self.row}"

    @property
    def key(self) -> dict[str, Any]:
        """What the composer sends to name it."""
        return {"data": self.data.public_id, "row": self.row}

    @property
    def previous(self) -> int | None:
        return self.row - 1 if self.row > 1 else None

    @property
    def next(self) -> int | None:
        return self.row + 1 if self.row < (self.data.row_count or 0) else None


def loaded(membership: Membership, data_id: str, number: str | int) -> LoadedRow | None:
    """Read a row of a version that this member may see; None when there is no such row.

    `number` may be "random".
    """
    version = version_named(membership, data_id)
    if version is None or not version.row_count:
        return None
    wanted = _number(str(number), version.row_count)
    row = next(read_some(version, [wanted]), None) if wanted else None
    return as_prompt(version, row) if row else None


def version_named(membership: Membership, data_id: str) -> Version | None:
    """Return the version with this id, if this member may see it."""
    mine = Version.objects.visible_to(membership)
    public_id = uuid_of(data_id)
    return mine.filter(public_id=public_id).first() if public_id else None


def as_prompt(version: Version, row: Row) -> LoadedRow:
    """Take a row apart into what the composer holds."""
    question = question_of(row)
    if question is None or not question.text.strip():
        return LoadedRow(data=version, row=row.number, notes=(_why_nothing(row),))
    return LoadedRow(data=version, row=row.number, **facts_of(question))


def facts_of(question: Question) -> dict[str, Any]:
    """Return what the composer holds of a question."""
    return {
        "system_prompt": storable(question.system_prompt),
        "context": storable(question.context),
        "text": storable(question.text),
        "after": storable(question.after),
        "expected": storable(question.answer),
        "tools": storable(question.tools),
        "notes": _notes(question),
    }


def _why_nothing(row: Row) -> Note:
    if row.is_cut:
        return Note.TOO_LONG
    return Note.ASKS_NOTHING if row.data is not None else Note.UNREADABLE


def _notes(question: Question) -> tuple[Note, ...]:
    found = {
        Note.IMAGES: question.has_images,
        Note.CALLS: question.calls_tool,
        Note.NO_ANSWER: not question.answer,
    }
    return tuple(note for note, is_so in found.items() if is_so)


def _number(text: str, count: int) -> int | None:
    if text == RANDOM:
        return random.randint(1, count)  # noqa: S311 - not for secrets
    wanted = whole_of(text)
    return wanted if 0 < wanted <= count else None


def choices(membership: Membership, job: Job | None) -> list[Version]:
    """Return the versions to take a row from: first what the job was measured and trained on."""
    of_job = [job.validation_data, job.training_data] if job else []
    readable = Q(row_count__gt=0, status__in=[Version.Status.READY, Version.Status.INVALID])
    newest = Version.objects.visible_to(membership).newest().filter(readable)
    first = {version.pk: version for version in of_job if version}
    others = newest.exclude(pk__in=first).order_by("-created_at", "-pk")[:MOST_DATASETS]
    return [*first.values(), *others]


def job_of(version: Version) -> Job | None:
    """Return the newest job with a result that was measured or trained on this dataset."""
    data = Q(validation_data__dataset=version.dataset_id) | Q(
        training_data__dataset=version.dataset_id
    )
    jobs = Job.objects.filter(data, workspace=version.workspace_id).exclude(fine_tuned_model="")
    return jobs.with_details().order_by("-created_at", "-pk").first()
