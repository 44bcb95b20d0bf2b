"""The pages of the playground: a row that was asked, names that are hidden, ways to better data."""

from collections.abc import Sequence
from uuid import uuid4

from django.urls import reverse
from django.utils import timezone

from apps.accounts.models import Workspace
from apps.datasets.models import Version
from apps.playground.models import Column, Conversation, Reply, Turn, Vote
from apps.playground.models.votes import Choice
from apps.providers.models import Connection

BASE = "tiny-chat-1m"
TUNED = "ft:tiny-chat-1m:harbour-team:persona:ab12cd"  # a job's result
THREE = (BASE, TUNED, "tiny-chat-1m:persona:step-40")


def conversation(workspace: Workspace, connection: Connection, data: Version) -> dict[str, str]:
    """Ask a row of a dataset; on the way to better data, everything there is to say is said."""
    asked = _add_conversation(workspace, connection)
    expected = "The captain, from a quarter past six."
    asked.turns.update(data=data, row=3, expected=expected)
    reply = asked.turns.get().replies.order_by("column__position")[1]
    _add_facts(asked)
    correct = reverse("playground:correct", args=[reply.public_id])
    loaded = f"{reverse('playground:create')}?data={data.public_id}&row=3"
    return {
        "conversation": asked.get_absolute_url(),
        "conversation with a row": loaded,
        "request as code": reverse("playground:code", args=[reply.public_id]),
        "test case to save": reverse("playground:save_case", args=[reply.public_id]),
        "correct an answer": correct,
        "nearest rows": reverse("playground:nearest", args=[reply.public_id]),
        "kept correction": f"{correct}?kept={data.public_id}",
    }


def _add_facts(asked: Conversation) -> None:
    """Let the first model have called a tool, and the second have answered as somebody else."""
    first, second = asked.turns.get().replies.order_by("column__position")
    call = {"id": "call_1", "name": "tide_table", "arguments": '{"port": "Brest", "hours": '}
    facts = {
        "settings": {"system_prompt": "", "response_format": {"type": "json_object"}, "seed": 7},
        "left_out": ["temperature"],
        "tool_calls": [call, call | {"arguments": '{"port": "Brest"}'}],
        "logprobs": [["Aye", -0.2, [["Aye", -0.2], ["Yes", -1.8]]], [", that", -2.5, []]],
        "mean_logprob": -1.35,
        "finish_reason": "length",
        "prompt_tokens": 7,
        "completion_tokens": 20,
    }
    Reply.objects.filter(pk=first.pk).update(**facts, usd="0.0000057", first_token_ms=240)
    Reply.objects.filter(pk=second.pk).update(served_model="tiny-chat-1m", known_as=TUNED)


def blind(workspace: Workspace, connection: Connection) -> dict[str, str]:
    """Let people judge one conversation, and show how they have judged another."""
    voting, judged = (
        _add_conversation(workspace, connection, blind=blind, models=THREE)
        for blind in (True, False)
    )
    first, second, third = judged.turns.get().replies.order_by("column__position")
    answers = {"first": first, "second": second, "third": third}
    judge = workspace.memberships.first()
    Vote.objects.create(
        turn=first.turn, user=judge.user, **answers, choice=Choice.SECOND, shown="201"
    )
    return {
        "blind conversation": voting.get_absolute_url(),
        "blind review": reverse("playground:review", args=[voting.public_id]),
        "blind votes": reverse("playground:votes", args=[judged.public_id]),
    }


def _add_conversation(
    workspace: Workspace,
    connection: Connection,
    *,
    blind: bool | None = None,
    models: Sequence[str] = (BASE, TUNED),
) -> Conversation:
    """With `blind` all models have answered."""
    now = timezone.now()
    conversation = Conversation.objects.create(
        workspace=workspace, title="Who is in charge?", is_blind=bool(blind)
    )
    turn = Turn.objects.create(
        conversation=conversation, position=0, text="Who is in charge here?", form_token=uuid4()
    )
    for position, model in enumerate(models):
        column = Column.objects.create(
            conversation=conversation, position=position, connection=connection, model=model
        )
        Reply.objects.create(
            turn=turn,
            column=column,
            connection=connection,
            model=model,
            served_model=model,
            status=Reply.Status.FAILED if position and blind is None else Reply.Status.COMPLETE,
            text="Aye, that would be me. Come in with the tide.",
            error="" if position == 0 or blind is not None else "Error code: 429",
            claimed_at=now,
            finished_at=now,
        )
    return conversation
