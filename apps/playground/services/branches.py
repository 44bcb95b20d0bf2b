"""Branches: a new conversation that takes over the first turns of another one."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, TypeVar
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction
from django.db.models import Model
from django.utils.translation import gettext as _

from apps.playground.models import Column, Conversation, Reply, Turn
from apps.playground.services.answers import close_abandoned
from apps.playground.services.sending import (
    Prompt,
    StillAnswering,
    add_turn,
    title_of,
    told_apart,
    turns_of_form,
)

Row = TypeVar("Row", bound=Model)


def branch_from(*, turn: Turn, user_id: int, form_token: UUID) -> Conversation:
    """Begin a conversation with everything up to this turn. One form makes one branch."""
    made = turns_of_form(turn.conversation, form_token)
    try:
        with transaction.atomic():
            if earlier := made.first():
                return earlier.conversation
            taken = list(_until(turn, last=turn.position))
            taken[-1].form_token = form_token
            return _begun(turn.conversation, taken, user_id, turn.conversation.title)
    except IntegrityError:  # a double click
        return made.get().conversation


def branch_with(*, turn: Turn, user_id: int, prompt: Prompt) -> Conversation:
    """Begin a conversation with everything before this turn, and ask another prompt instead.

    What came with the turn from a row of a dataset stays. Raises StillAnswering.
    """
    prompt = told_apart(turn.conversation, prompt)
    made = turns_of_form(turn.conversation, prompt.form_token)
    try:
        with transaction.atomic():
            if earlier := made.first():
                return earlier.conversation
            taken = list(_until(turn, last=turn.position - 1))
            branch = _begun(turn.conversation, taken, user_id, title_of(prompt.text))
            add_turn(branch, replace(prompt, row=turn if turn.is_fresh else None))
            return branch
    except IntegrityError:  # a double click
        return made.get().conversation


def _until(turn: Turn, *, last: int) -> Iterable[Turn]:
    """Return the turns up to the last one, each with a token of its own."""
    close_abandoned(conversation=turn.conversation)
    turns = turn.conversation.turns.filter(position__lte=last).order_by("position")
    for each in turns.prefetch_related("replies"):  # whole: pages leave the probabilities out
        if any(not reply.is_finished for reply in each.replies.all()):
            raise StillAnswering(_("The models are still answering. Wait for them, or stop them."))
        each.form_token = uuid4()
        yield each


def _begun(source: Conversation, turns: list[Turn], user_id: int, title: str) -> Conversation:
    branch = _copy(source, public_id=uuid4(), parent_id=source.pk, created_by_id=user_id)
    branch.title = title
    branch.save()
    columns = {
        column.pk: _copy(column, conversation_id=branch.pk) for column in source.columns.all()
    }
    Column.objects.bulk_create(columns.values())
    copies = {turn.pk: _copy(turn, conversation_id=branch.pk) for turn in turns}
    Turn.objects.bulk_create(copies.values())
    Reply.objects.bulk_create(
        _copy(
            reply,
            public_id=uuid4(),
            turn_id=copies[turn.pk].pk,
            column_id=columns[reply.column_id].pk,
        )
        for turn in turns
        for reply in turn.replies.all()
    )
    return branch


def _copy(row: Row, **changed: Any) -> Row:
    """Return an unsaved row with the same values."""
    fields = [field for field in row._meta.concrete_fields if not field.primary_key]
    values = {field.attname: getattr(row, field.attname) for field in fields}
    return type(row)(**{**values, **changed})
