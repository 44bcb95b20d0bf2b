"""The first phase of a job: are its files fit to be trained on?"""

import logging
from dataclasses import dataclass

from django.db import connection, transaction

from apps.engine import lifecycle, training_files
from apps.engine.models import EngineFile, JobStatus, TrainingJob
from apps.engine.training_files import LEAST_EXAMPLES, MOST_EXAMPLES

logger = logging.getLogger(__name__)


@dataclass
class InvalidFile(Exception):
    """A file that cannot be used; in the words and codes of a job's error."""

    code: str
    message: str
    param: str


def validate(job: TrainingJob) -> None:
    """Judge the files of a claimed job, then queue it or end it. Runs in a thread of its own."""
    try:
        _judge(job)
    except lifecycle.ClaimLost:
        logger.info("Job %s was taken over while its files were read", job.public_id)
    finally:
        connection.close()


def _judge(job: TrainingJob) -> None:
    try:
        _check(job, job.training_file, param="training_file")
        if job.validation_file:
            _check(job, job.validation_file, param="validation_file")
    except InvalidFile as invalid:
        lifecycle.fail(job, code=invalid.code, message=invalid.message, param=invalid.param)
    else:
        _queue(job)


def _queue(job: TrainingJob) -> None:
    wishes = TrainingJob.objects.filter(pk=job.pk).values_list("cancel_requested_at", flat=True)
    if wishes.get() is not None:
        lifecycle.cancel(job)
        return
    with transaction.atomic():
        lifecycle.advance(
            lifecycle.claim_of(job), status=JobStatus.QUEUED, claim=None, lease_until=None
        )
        lifecycle.say(job, "Files validated, moving job to queued state")


def _check(job: TrainingJob, public_id: str, *, param: str) -> None:
    file = EngineFile.objects.filter(workspace=job.workspace_id, public_id=public_id).first()
    kind = param.replace("_", " ")
    invalid = f"invalid_{param}"
    if file is None:
        raise InvalidFile(invalid, f"The {kind} {public_id} was deleted.", param)
    try:
        count = training_files.check_examples(file.path)
    except training_files.BadExample as bad:
        words = f"The job failed due to an invalid {kind}. {bad}"
        raise InvalidFile(bad.code or invalid, words, param) from bad
    _check_count(count, kind.capitalize(), param)


def _check_count(count: int, kind: str, param: str) -> None:
    least = LEAST_EXAMPLES if param == "training_file" else 1
    code = "invalid_n_examples"
    if count < least:
        message = f"{kind} has {count} example(s), but must have at least {least} examples"
        raise InvalidFile(code, message, param)
    if count > MOST_EXAMPLES:
        message = f"{kind} has {count} examples, but this server trains on {MOST_EXAMPLES} at most"
        raise InvalidFile(code, message, param)
