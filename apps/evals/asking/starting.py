"""The rows of a new run: its models, and every answer that it waits for."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Max
from django.utils import timezone

from apps.evals.asking import requests
from apps.evals.models import Answer, Candidate, Recording, Run
from apps.providers.models import Connection

COPY = """
COPY evals_answer (run_id, candidate_id, case_id, sample, content_key, next_try_at,
  status, attempts, is_copied, text, error, served_model, finish_reason) FROM STDIN
"""
UNASKED = (Answer.Status.WAITING.value, 0, False, "", "", "", "")
LONG_AGO = timedelta(seconds=10)  # so that the last of them is due now, too


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """One model to ask: at a connection, or by what it answered once."""

    connection: Connection | None
    model: str
    label: str
    recording: Recording | None = None


def candidates(run: Run, choices: Sequence[ModelChoice]) -> list[Candidate]:
    """Return the models of a run in their order; the first is what the others meet."""
    return [
        Candidate(
            run=run,
            position=position,
            connection=choice.connection,
            recording=choice.recording,
            model=choice.model,
            label=choice.label[:200],
        )
        for position, choice in enumerate(choices)
    ]


def save(run: Run, asked: Sequence[Candidate]) -> None:
    """Save a run with its models and every answer that it waits for, or nothing of it.

    Raises IntegrityError where the same form was sent before.
    """
    planned = list(_planned(run, asked))
    with transaction.atomic():
        run.save(force_insert=True)
        Candidate.objects.bulk_create(asked)
        pks = {candidate.position: candidate.pk for candidate in asked}
        with connection.cursor() as cursor, cursor.copy(COPY) as copy:
            for position, *columns in planned:
                copy.write_row((run.pk, pks[position], *columns, *UNASKED))


def _planned(run: Run, asked: Sequence[Candidate]) -> Iterator[tuple[Any, ...]]:
    """Return what differs between the answers of a run, one sample of everything after the other.

    Their times are their order: the first to be asked has waited longest.
    """
    cases = run.suite.cases.all()
    questions = [(case.pk, requests.dumped(case.messages, case.tools)) for case in cases]
    keys = {each.position: requests.Keys(each, _line(each)) for each in asked}
    most = {each.position: _samples(each) for each in asked}
    began, count = timezone.now() - LONG_AGO, 0
    for sample in range(run.samples):
        for case, messages in questions:
            for position in (place for place in keys if sample < most[place]):
                key = keys[position].key(messages, sample=sample)
                yield position, case, sample, key, began + timedelta(microseconds=count)
                count += 1


def _line(candidate: Candidate) -> requests.Line | None:
    connection = candidate.connection
    return (
        requests.line_to(connection, candidate.model, data=candidate.run.suite.data)
        if connection
        else None
    )


def _samples(candidate: Candidate) -> int:
    """Return how many answers to a question there will be: of a recording, what it holds."""
    if candidate.recording is None:
        return candidate.run.samples
    last = candidate.recording.answers.aggregate(last=Max("sample"))["last"]
    return min(candidate.run.samples, (last or 0) + 1)
