"""How a recording comes to be: of a model in an ended run, or of files."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid5

from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.utils.translation import gettext as _

from apps.accounts.models import Membership
from apps.evals.models import Answer, Candidate, RecordedAnswer, Recording
from apps.evals.records.recordings import question_key
from apps.evals.records.transcripts import Transcript
from apps.evals.services import Refused

FACTS = (
    "served_model",
    "finish_reason",
    "prompt_tokens",
    "completion_tokens",
    "first_token_ms",
    "total_ms",
    "logprobs",
)


def keep_files(
    *, membership: Membership, name: str, model: str, transcript: Transcript, public_id: UUID
) -> Recording:
    """Save what files hold. Sent twice, it is one recording."""
    recording = Recording(
        public_id=public_id,
        workspace=membership.workspace,
        created_by=membership.user,
        name=name,
        model=(model or transcript.model)[:300],
    )
    answers = [
        RecordedAnswer(
            recording=recording,
            question_key=each.question_key,
            sample=each.sample,
            messages=each.messages,
            text=each.text,
            facts=dict(each.facts),
        )
        for each in transcript.answers
    ]
    return _saved(recording, answers)


def keep_candidate(*, membership: Membership, candidate: Candidate) -> Recording:
    """Keep the answers that a model gave in an ended run; kept twice, it is one recording.

    What failed then and was answered since is added.
    """
    if candidate.connection is None:
        raise Refused(_("These answers are a recording already."))
    if candidate.run.ended_at is None:
        raise Refused(_("This run is still under way. Keep its answers when it has ended."))
    done = Answer.objects.filter(candidate=candidate, status=Answer.Status.DONE)
    answers = list(done.select_related("case").order_by("case__position", "sample"))
    if not answers:
        raise Refused(_("This model answered nothing in this run."))
    recording = Recording(
        public_id=uuid5(candidate.run.public_id, str(candidate.position)),
        workspace=membership.workspace,
        created_by=membership.user,
        name=f"{candidate.label} · {candidate.run.suite.name}"[:200],
        model=candidate.model,
        connection_name=candidate.connection.name[:200],
    )
    return _saved(recording, [_recorded(recording, answer) for answer in answers])


def delete(*, recording: Recording) -> None:
    """Delete a recording; raises Refused while a run stands on it."""
    try:
        recording.delete()
    except ProtectedError:
        words = _("Runs compare models with this recording. Delete their suites first.")
        raise Refused(words) from None


def _recorded(recording: Recording, answer: Answer) -> RecordedAnswer:
    return RecordedAnswer(
        recording=recording,
        question_key=question_key(answer.case.messages),
        sample=answer.sample,
        messages=answer.case.messages,
        text=answer.text,
        facts=_facts(answer),
    )


def _facts(answer: Answer) -> Mapping[str, Any]:
    told = {name: getattr(answer, name) for name in FACTS}
    return {name: value for name, value in told.items() if value not in (None, "")}


def _saved(recording: Recording, answers: list[RecordedAnswer]) -> Recording:
    """Save a recording, or find the one that is there; answers it lacks are added to it."""
    with transaction.atomic():
        try:
            with transaction.atomic():
                recording.save(force_insert=True)
        except IntegrityError:
            mine = Recording.objects.filter(workspace=recording.workspace)
            recording = mine.get(public_id=recording.public_id)
            for answer in answers:
                answer.recording = recording
        RecordedAnswer.objects.bulk_create(answers, batch_size=500, ignore_conflicts=True)
    return recording
