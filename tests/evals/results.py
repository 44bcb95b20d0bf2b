"""Runs that have ended, written straight into rows: what each model got right is told."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils import timezone

from apps.accounts.models import Workspace
from apps.evals.models import Answer, Candidate, Case, Run, Score, Suite
from apps.evals.verdicts import judging
from apps.providers.models import Connection
from tests.factories import make_version

FAILED = "failed"
Told = Sequence[Any]  # for each question True, False, None, a score, FAILED, or a list of samples


def make_results(
    *,
    workspace: Workspace,
    connection: Connection,
    told: Sequence[Told],
    models: Sequence[str] = ("base", "tuned", "third"),
    slices: Sequence[Mapping[str, str]] = (),
    is_judged: bool = True,
    **suite_fields: Any,
) -> Run:
    """Create a judged run in which model `n` answered question `k` as `told[n][k]` says."""
    samples = max(len(_samples(each)) for model in told for each in model)
    data = suite_fields.pop("data", None) or make_version(workspace=workspace)
    suite = Suite.objects.create(
        workspace=workspace,
        data=data,
        **{"name": "Harbour", "graders": [{"kind": "exact"}], **suite_fields},
    )
    cases = Case.objects.bulk_create(
        Case(
            suite=suite,
            position=place,
            row=place,
            messages=[{"role": "user", "content": f"Question {place}?"}],
            expected=f"Answer {place}.",
            slices=slices[place - 1] if slices else {},
        )
        for place in range(1, len(told[0]) + 1)
    )
    run = Run.objects.create(
        workspace=workspace, suite=suite, samples=samples, ended_at=timezone.now()
    )
    for position, outcomes in enumerate(told):
        candidate = Candidate.objects.create(
            run=run,
            position=position,
            connection=connection,
            model=models[position],
            label=models[position].title(),
        )
        _answer(run, candidate, cases, outcomes)
    if is_judged:
        judging.judge(run.pk)
        run.refresh_from_db()
    return run


def _answer(run: Run, candidate: Candidate, cases: Sequence[Case], outcomes: Told) -> None:
    given = [
        (case, sample, outcome)
        for case, outcome in zip(cases, outcomes, strict=True)
        for sample, outcome in enumerate(_samples(outcome))
    ]
    answers = Answer.objects.bulk_create(
        Answer(
            run=run,
            candidate=candidate,
            case=case,
            sample=sample,
            status="failed" if outcome == FAILED else "done",
            error="No such model" if outcome == FAILED else "",
            text="" if outcome == FAILED else f"{candidate.label} says {case.position}",
            total_ms=1000 + case.position,
            prompt_tokens=10,
            completion_tokens=5,
        )
        for case, sample, outcome in given
    )
    Score.objects.bulk_create(
        Score(answer=answer, grader=0, **_verdict(outcome))
        for answer, (_, _, outcome) in zip(answers, given, strict=True)
        if outcome != FAILED
    )


def _verdict(outcome: object) -> dict[str, object]:
    is_score = isinstance(outcome, float)
    return {"score": outcome} if is_score else {"passed": outcome, "why": "It differs."}


def _samples(outcome: object) -> Sequence[object]:
    return outcome if isinstance(outcome, list) else [outcome]
