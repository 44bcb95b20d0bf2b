"""Sending a prompt: what is asked of which models, and the rows that wait to be answered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol
from uuid import UUID, uuid5

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from apps.datasets.models import Version
from apps.jobs.models import Checkpoint, Job
from apps.library.deployments import serving
from apps.playground.asking.frozen import settings_of
from apps.playground.models import Column, Conversation, Reply, Turn
from apps.playground.services.answers import close_abandoned
from apps.providers.models import Connection

TITLE_LENGTH = 80


class StillAnswering(Exception):
    """The models have not finished with the last prompt."""


@dataclass(frozen=True, slots=True)
class ColumnChoice:
    """Which model a column asks, and where; no connection when it was deleted.

    `own` are the settings of this column alone; None when the shared ones hold.
    """

    position: int
    connection: Connection | None
    model: str
    own: Mapping[str, Any] | None = None


class Origin(Protocol):
    """What a prompt was loaded from: a row of a dataset, or a question of an eval."""

    @property
    def data(self) -> Version | None: ...
    @property
    def row(self) -> int | None: ...
    @property
    def context(self) -> Sequence[Any]: ...
    @property
    def after(self) -> Sequence[Any]: ...
    @property
    def expected(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Prompt:
    """Everything that one press of the button sends."""

    text: str
    form_token: UUID
    columns: Sequence[ColumnChoice]
    settings: Mapping[str, Any] = field(default_factory=dict)  # those that columns share
    samples: int = 1
    row: Origin | None = None


def send(*, conversation: Conversation, prompt: Prompt) -> tuple[Turn, bool]:
    """Save the prompt and the waiting replies. The same form sent twice is one turn.

    The conversation may be new. Returns the turn and whether it is new.
    """
    prompt = told_apart(conversation, prompt)
    sent = turns_of_form(conversation, prompt.form_token)
    try:
        with transaction.atomic():
            _take_turns(conversation)
            if earlier := sent.first():
                return earlier, False
            return add_turn(conversation, prompt), True
    except IntegrityError:  # two new conversations from one form, at the same moment
        return sent.get(), False


def told_apart(conversation: Conversation, prompt: Prompt) -> Prompt:
    """Give other words a token of their own: a page that was gone back to still has the old one."""
    sent = turns_of_form(conversation, prompt.form_token).first()
    if sent is None or sent.text == prompt.text:
        return prompt
    return replace(prompt, form_token=uuid5(prompt.form_token, prompt.text))


def turns_of_form(conversation: Conversation, form_token: UUID) -> QuerySet[Turn]:
    """Return the turn that this form has made already."""
    return Turn.objects.filter(
        form_token=form_token, conversation__workspace=conversation.workspace_id
    )


def _take_turns(conversation: Conversation) -> None:
    """Lock the conversation's row: two tabs that send at once come one after the other."""
    if conversation.pk is not None:
        Conversation.objects.select_for_update().get(pk=conversation.pk)


def add_turn(conversation: Conversation, prompt: Prompt) -> Turn:
    """Save what the form says, and the prompt; raises StillAnswering."""
    _refuse_while_answering(conversation)
    _save_settings(conversation, prompt)
    turn = Turn.objects.create(
        conversation=conversation,
        position=conversation.turns.count(),
        text=prompt.text,
        form_token=prompt.form_token,
        **_origin(prompt.row),
    )
    Reply.objects.bulk_create(
        Reply(
            turn=turn,
            column=column,
            connection=column.connection,
            model=column.model,
            sample=sample,
            settings=settings_of(column, sample),
        )
        for column in _save_columns(conversation, prompt.columns)
        for sample in range(prompt.samples)
    )
    return turn


def _origin(row: Origin | None) -> dict[str, Any]:
    """Return what a turn keeps of the row; such a prompt stands alone, as in the training."""
    if row is None:
        return {}
    told = {"data": row.data, "row": row.row, "expected": row.expected}
    around = {"context": list(row.context), "after": list(row.after)}
    return {**told, **around, "is_fresh": True}


def _refuse_while_answering(conversation: Conversation) -> None:
    if conversation.pk is None:
        return
    close_abandoned(conversation=conversation)
    if Reply.objects.unfinished().filter(turn__conversation=conversation).exists():
        raise StillAnswering(_("The models are still answering. Wait for them, or stop them."))


def _save_settings(conversation: Conversation, prompt: Prompt) -> None:
    """Save what the form changed; the first prompt names the conversation."""
    changed = {**prompt.settings, "samples": prompt.samples}
    for name, value in changed.items():
        setattr(conversation, name, value)
    if conversation.pk is not None:
        conversation.save(update_fields=[*changed, "updated_at"])
        return
    conversation.title = title_of(prompt.text)
    conversation.save()


def title_of(text: str) -> str:
    """Name a conversation after its first words."""
    return " ".join(text.split())[:TITLE_LENGTH]


def _save_columns(conversation: Conversation, choices: Sequence[ColumnChoice]) -> list[Column]:
    """Save the columns that are open; the others are closed, and keep what they have answered."""
    positions = [choice.position for choice in choices]
    conversation.columns.exclude(position__in=positions).update(is_open=False)
    saved = [_save_column(conversation, choice) for choice in choices]
    for column in saved:
        column.conversation = conversation  # with the settings that were just saved
    return saved


def _save_column(conversation: Conversation, choice: ColumnChoice) -> Column:
    chosen = {
        "connection": choice.connection,
        "model": choice.model,
        "label": label_for(conversation.job, choice) or "",
        "has_own_settings": choice.own is not None,
        "is_open": True,
    }
    return Column.objects.update_or_create(
        conversation=conversation,
        position=choice.position,
        defaults={**chosen, **(choice.own or {})},
    )[0]


def label_for(job: Job | None, choice: ColumnChoice) -> Column.Label | None:
    """Say what the model is to the job that is compared; nothing when it is not of that job."""
    if job is None or job.connection != choice.connection:
        return None
    known = {job.base_model: Column.Label.BASE, job.fine_tuned_model: Column.Label.TUNED}
    if label := known.get(choice.model):
        return label
    behind = serving.model_behind(job.connection, choice.model)
    if behind and behind.job_id == job.pk:
        return Column.Label.CHECKPOINT if behind.is_checkpoint else Column.Label.TUNED
    is_checkpoint = Checkpoint.objects.filter(job=job, model=choice.model).exists()
    return Column.Label.CHECKPOINT if is_checkpoint else None
