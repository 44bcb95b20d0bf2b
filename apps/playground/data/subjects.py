"""An answer that somebody looks at closely: of the playground, or of an eval.

What was asked, what came, what was expected, and the data that may have taught it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse

from apps.accounts.models import Membership
from apps.datasets.models import Version
from apps.datasets.rows.questions import Message, as_sent, words_of
from apps.evals.models import Answer, Run
from apps.evals.verdicts import lineage
from apps.jobs.models import Job
from apps.library.deployments import serving
from apps.playground import blind
from apps.playground.asking import requests
from apps.playground.models import Reply
from apps.providers.models import Connection

MOST_GENERATIONS = 5  # a model that was tuned on, and on


@dataclass(frozen=True, slots=True)
class Subject:
    """One answer, and everything around it."""

    messages: Sequence[Message]  # as they were asked, the system prompt first
    text: str
    back: str  # where the person came from
    expected: str = ""
    tools: Sequence[Any] = ()
    learned_from: list[Version] = field(default_factory=list)  # newest generation first
    asked_of: Version | None = None  # the data that the question was taken from
    row: int | None = None
    is_of_eval: bool = False

    @property
    def question(self) -> str:
        """The last thing that the user said."""
        asked = [each for each in self.messages if each.get("role") == "user"]
        return words_of(asked[-1].get("content")) if asked else ""

    @property
    def system_prompt(self) -> str:
        first = self.messages[0] if self.messages else {}
        is_system = first.get("role") in ("system", "developer")
        return words_of(first.get("content")) if is_system else ""


def of_reply(membership: Membership, reply_id: UUID, *, to_edit: bool) -> Subject:
    """Return a finished reply of the playground; 404 when there is none for this member.

    Nor while its model is hidden from them: the data that it learned from would tell.
    """
    mine = (
        Reply.objects.editable_by(membership) if to_edit else Reply.objects.visible_to(membership)
    )
    details = mine.select_related("connection", "turn__data__dataset", "turn__conversation__job")
    reply = get_object_or_404(details, public_id=reply_id)
    turn = reply.turn
    if blind.hides_names(turn, membership.user):
        raise Http404
    request = requests.chat_request(reply)
    return Subject(
        [as_sent(message) for message in request.messages],
        reply.text,
        reply.get_absolute_url(),
        turn.expected,
        request.tools,
        _learned_from(_job_of(reply.connection, reply.model) or turn.conversation.job),
        turn.data,
        turn.row,
    )


def of_answer(membership: Membership, answer_id: int, *, to_edit: bool) -> Subject:
    """Return an answer of an eval; 404 when there is none for this member."""
    runs = Run.objects.editable_by(membership) if to_edit else Run.objects.visible_to(membership)
    details = Answer.objects.select_related(
        "case", "candidate__connection", "candidate__recording", "run__suite__data__dataset"
    )
    answer = get_object_or_404(details.filter(run__in=runs), pk=answer_id)
    candidate, case = answer.candidate, answer.case
    return Subject(
        [as_sent(message) for message in case.messages],
        answer.text,
        reverse("evals:row", args=[answer.run.public_id, case.position]),
        case.expected,
        learned_from=list(lineage.origins([candidate])[candidate.pk].data)
        or _learned_from(_job_of(candidate.connection, candidate.model)),
        asked_of=answer.run.suite.data,
        row=case.row,
        is_of_eval=True,
    )


def _job_of(connection: Connection | None, model: str) -> Job | None:
    """Return the job that made a model, by the word that it is asked by."""
    behind = serving.model_behind(connection, model) if connection else None
    if behind and behind.job_id:
        return behind.job
    jobs = Job.objects.filter(connection=connection, fine_tuned_model=model)
    return jobs.order_by("-pk").first() if connection and model else None


def _learned_from(job: Job | None) -> list[Version]:
    """Return what a job was trained on, and the jobs before it that made its base model."""
    found: list[Version] = []
    for _generation in range(MOST_GENERATIONS):
        if job is None:
            break
        if job.training_data and job.training_data not in found:
            found.append(job.training_data)
        job = _job_of(job.connection, job.base_model)
    return found
