"""What a person can do in the playground: send, stop, try again, rename, delete."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.jobs.models import Checkpoint, Job
from apps.library import serving
from apps.playground.frozen import settings_of
from apps.playground.journal import journal
from apps.playground.models import Column, Conversation, Reply, Turn
from apps.providers.models import Connection

TITLE_LENGTH = 80
SETTINGS = ["system_prompt", "temperature", "top_p", "max_tokens", "updated_at"]


class StillAnswering(Exception):
    """The models have not finished with the last prompt."""


@dataclass(frozen=True, slots=True)
class ColumnChoice:
    """Which model a column asks, and where; no connection when it was deleted."""

    connection: Connection | None
    model: str


def send(
    *, conversation: Conversation, columns: Sequence[ColumnChoice], text: str, form_token: UUID
) -> tuple[Turn, bool]:
    """Save the prompt and a waiting reply per column. The same form sent twice is one turn.

    The conversation carries its settings and may be new. Returns the turn and whether it is new.
    """
    sent = Turn.objects.filter(
        form_token=form_token, conversation__workspace=conversation.workspace_id
    )
    try:
        with transaction.atomic():
            _take_turns(conversation)
            if earlier := sent.first():
                return earlier, False
            return _send(conversation, columns, text, form_token), True
    except IntegrityError:  # two new conversations from one form, at the same moment
        return sent.get(), False


def _take_turns(conversation: Conversation) -> None:
    """Lock the conversation's row: two tabs that send at once come one after the other."""
    if conversation.pk is not None:
        Conversation.objects.select_for_update().get(pk=conversation.pk)


def _send(
    conversation: Conversation, columns: Sequence[ColumnChoice], text: str, form_token: UUID
) -> Turn:
    _refuse_while_answering(conversation)
    _save_settings(conversation, text)
    turn = Turn.objects.create(
        conversation=conversation,
        position=conversation.turns.count(),
        text=text,
        form_token=form_token,
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
        for column in _save_columns(conversation, columns)
        for sample in range(conversation.samples)
    )
    return turn


def _refuse_while_answering(conversation: Conversation) -> None:
    if conversation.pk is None:
        return
    close_abandoned(conversation=conversation)
    if Reply.objects.unfinished().filter(turn__conversation=conversation).exists():
        raise StillAnswering(_("The models are still answering. Wait for them, or stop them."))


def _save_settings(conversation: Conversation, text: str) -> None:
    """Save what the form changed; the first prompt names the conversation."""
    if conversation.pk is not None:
        conversation.save(update_fields=SETTINGS)
        return
    conversation.title = " ".join(text.split())[:TITLE_LENGTH]
    conversation.save()


def _save_columns(conversation: Conversation, choices: Sequence[ColumnChoice]) -> list[Column]:
    return [
        Column.objects.update_or_create(
            conversation=conversation,
            position=position,
            defaults={
                "connection": choice.connection,
                "model": choice.model,
                "label": label_for(conversation.job, choice) or "",
            },
        )[0]
        for position, choice in enumerate(choices)
    ]


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


async def stop_reply(*, reply: Reply) -> None:
    """Stop a reply wherever it runs; one that nobody has begun is not asked at all."""
    now = timezone.now()
    mine = Reply.objects.filter(pk=reply.pk)
    waiting = mine.filter(status=Reply.Status.PENDING)
    if await waiting.aupdate(status=Reply.Status.STOPPED, finished_at=now, stop_requested_at=now):
        return
    await mine.filter(status=Reply.Status.STREAMING).aupdate(stop_requested_at=now)
    journal.stop(reply.pk)


def try_again(*, reply: Reply) -> Reply:
    """Put a waiting reply in the place of one that failed or was stopped; any other stays.

    A new row: what the first try may still write finds nothing. The address stays the same, so a
    second press meets the reply that already waits.
    """
    ended = Reply.objects.filter(status__in=[Reply.Status.FAILED, Reply.Status.STOPPED])
    with transaction.atomic():
        deleted, _rows = ended.filter(pk=reply.pk).delete()
        if deleted:
            Reply.objects.create(
                public_id=reply.public_id,
                turn_id=reply.turn_id,
                column_id=reply.column_id,
                connection_id=reply.connection_id,
                model=reply.model,
                sample=reply.sample,
                settings=reply.settings,
            )
    return Reply.objects.select_related("column", "connection").get(public_id=reply.public_id)


def close_abandoned(*, conversation: Conversation) -> None:
    """Mark replies that nobody will finish, so that the page says so."""
    mine = Reply.objects.filter(turn__conversation=conversation)
    mine.close_abandoned(timezone.now())


def hide_names(*, conversation: Conversation, is_blind: bool) -> None:
    """Let people judge without knowing whose answer is whose, or show names again."""
    Conversation.objects.filter(pk=conversation.pk).update(is_blind=is_blind)


def rename(*, conversation: Conversation, title: str) -> None:
    """Give the conversation another title; its age stays."""
    Conversation.objects.filter(pk=conversation.pk).update(title=title)


def delete_conversation(*, conversation: Conversation) -> None:
    """Delete the conversation with every reply. A reply that still runs ends by itself."""
    conversation.delete()
