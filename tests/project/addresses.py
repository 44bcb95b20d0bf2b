"""Every address that Retune answers, and one row of each kind to fill them with."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from apps.accounts.models import ApiToken, Membership
from apps.library.models import Deployment
from apps.notifications.models import Webhook
from apps.playground.models import Column, Conversation, Reply, Turn
from tests.factories import (
    make_connection,
    make_job,
    make_recording,
    make_run,
    make_saved_case,
    make_sweep,
    make_tuned_model,
    make_version,
)


@dataclass(frozen=True)
class Address:
    name: str
    parameters: tuple[str, ...]

    @property
    def is_of_a_row(self) -> bool:
        return any(name.endswith("_id") for name in self.parameters)

    def url(self, ids: dict[str, object]) -> str:
        return reverse(self.name, kwargs={name: ids[name] for name in self.parameters})


def addresses() -> list[Address]:
    return list(_found(get_resolver().url_patterns, ""))


def rows_of(member: Membership) -> dict[str, object]:
    """Make one row of each kind in this member's workspace; return its id by URL parameter."""
    workspace = member.workspace
    connection = make_connection(workspace=workspace)
    version = make_version(workspace=workspace)
    job = make_job(workspace=workspace, connection=connection)
    model = make_tuned_model(workspace=workspace, connection=connection)
    deployment = Deployment.objects.create(
        workspace=workspace, tuned_model=model, name=uuid.uuid4().hex
    )
    conversation = Conversation.objects.create(workspace=workspace, title="Hi")
    column = Column.objects.create(conversation=conversation, position=0, connection=connection)
    turn = Turn.objects.create(
        conversation=conversation, position=0, text="Hi", form_token=uuid.uuid4()
    )
    reply = Reply.objects.create(
        turn=turn,
        column=column,
        connection=connection,
        model="m",
        logprobs=[["Hi", -0.1, []]],
        status=Reply.Status.STOPPED,
        finished_at=timezone.now(),
    )
    sweep = make_sweep(workspace=workspace, connection=connection, training_data=version)
    run, score = make_run(workspace=workspace, connection=connection, data=version)
    webhook = Webhook.objects.create(workspace=workspace, name="Pager", url="http://hook.test")
    token = ApiToken.objects.create(workspace=workspace, name="script", token_hash=uuid.uuid4().hex)
    return {
        "connection_id": connection.public_id,
        "dataset_id": version.dataset.public_id,
        "number": version.number,
        "row": 1,
        "other": version.number,
        "job_id": job.public_id,
        "model_id": model.public_id,
        "deployment_id": deployment.public_id,
        "conversation_id": conversation.public_id,
        "reply_id": reply.public_id,
        "token_id": token.public_id,
        "sweep_id": sweep.public_id,
        "suite_id": run.suite.public_id,
        "recording_id": make_recording(workspace=workspace).public_id,
        "saved_id": make_saved_case(workspace=workspace).public_id,
        "run_id": run.public_id,
        "score": score.pk,
        "answer_id": score.answer_id,
        "question": 1,
        "webhook_id": webhook.public_id,
        "delivery_id": webhook.deliveries.create().public_id,
        "profile": "openai",
        "link": "unknown",
        "position": 0,
        "language": "curl",
        "form": "json",
        "upload": uuid.uuid4(),
    }


def _found(
    patterns: list[URLPattern | URLResolver], prefix: str, parameters: tuple[str, ...] = ()
) -> Iterator[Address]:
    for pattern in patterns:
        known = (*parameters, *pattern.pattern.converters)
        if isinstance(pattern, URLResolver):
            inside = f"{prefix}{pattern.namespace}:" if pattern.namespace else prefix
            yield from _found(pattern.url_patterns, inside, known)
        elif pattern.name:
            yield Address(f"{prefix}{pattern.name}", known)
        else:
            raise AssertionError(f"{pattern} has no name")
