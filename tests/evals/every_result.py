"""The pages of evals, also of a run that has everything: parts, leaks, probabilities."""

import math
from concurrent.futures import ThreadPoolExecutor

from django.db import connections
from django.urls import reverse
from django.utils import timezone

from apps.accounts.models import Workspace
from apps.datasets.models import Version
from apps.datasets.rows.reading import read_rows
from apps.evals.models import Answer, Case, Run, Score
from apps.evals.verdicts import judging
from apps.jobs.models import Job
from apps.library.models import TunedModel
from tests.evals.results import FAILED, make_results
from tests.factories import make_recording, make_run, make_saved_case

LABELS = ("billing and invoices", "login", "shipping")
ROWS = 60
LANGUAGES = ("de", "en", "fr-CA-with-a-rather-long-name")


def pages(job: Job, data: Version) -> dict[str, str]:
    """Return the pages of suites, cases, and a run that has little."""
    run, _score = make_run(workspace=job.workspace, connection=job.connection, data=data)
    Run.objects.filter(pk=run.pk).update(ended_at=timezone.now())
    with ThreadPoolExecutor(1) as thread:
        thread.submit(_judge, run.pk).result()
    return {
        "evals": reverse("evals:list"),
        "new suite": reverse("evals:create"),
        **_saved_cases(job.workspace),
        "suite": run.suite.get_absolute_url(),
        "questions of a suite": reverse("evals:questions", args=[run.suite.public_id]),
        "new suite from another": f"{reverse('evals:create')}?from={run.suite.public_id}",
        "new run": reverse("evals:run_create", args=[run.suite.public_id]),
        "run": run.get_absolute_url(),
        "rows of a run": reverse("evals:rows", args=[run.public_id]),
        "row of a run": reverse("evals:row", args=[run.public_id, 1]),
    }


def _saved_cases(workspace: Workspace) -> dict[str, str]:
    case = make_saved_case(workspace=workspace, note="It once said: in front of it.")
    return {
        "saved cases": reverse("evals:cases") + "?collection=Harbour",
        "saved case": reverse("evals:case", args=[case.public_id]),
        "new case": reverse("evals:case_create"),
        "recordings": reverse("evals:recordings"),
        "recording": make_recording(workspace=workspace).get_absolute_url(),
        "new recording": reverse("evals:recording_create"),
        "new suite of cases": reverse("evals:create") + "?collection=Harbour",
    }


def make_everything(job: Job, model: TunedModel) -> Run:
    """Ask a base model, the tuned one and a third; the tuned one is better, and saw a question."""
    told = [
        [place % 3 == 0 for place in range(ROWS)],
        [FAILED if place == 7 else place % 9 != 1 for place in range(ROWS)],
        [None if place == 8 else place % 2 == 0 for place in range(ROWS)],
    ]
    run = make_results(
        workspace=job.workspace,
        connection=job.connection,
        told=told,
        models=("tiny-chat-1m", model.name, "gpt-4o-mini-with-a-long-name-2024-07-18"),
        graders=[{"kind": "label"}],
        slices=[
            {"language": LANGUAGES[min(2, place % 16 // 5)], "label": LABELS[place % 3]}
            for place in range(ROWS)
        ],
        name="Tickets of the harbour",
        left_out=2,
        is_judged=False,
    )
    _label(run)
    _leak(run, job)
    by = Score.objects.filter(answer__candidate__position=1, passed=False).first()
    Score.objects.filter(pk=by and by.pk).update(override=True, overridden_at=timezone.now())
    return run


def _label(run: Run) -> None:
    for case in run.suite.cases.all():
        label, other = LABELS[case.position % 3], LABELS[(case.position + 1) % 3]
        Case.objects.filter(pk=case.pk).update(expected=label)
        for answer in Answer.objects.filter(case=case, status="done"):
            is_right = answer.scores.filter(passed=True).exists()
            share = 0.55 + (case.position % 5) / 11
            said = [label, other] if is_right else [other, label]
            told = [[said[0], math.log(share)], [said[1], math.log(1 - share)]]
            answer.text, answer.logprobs = f"{said[0]}\n(1)", [[*told[0], told]]
            answer.save()


def _leak(run: Run, job: Job) -> None:
    row = next(iter(read_rows(job.training_data, 1, 1)), None) if job.training_data else None
    if row:
        Case.objects.filter(suite=run.suite, position=1).update(messages=row.messages[:-1])


def pages_of(job: Job, model: TunedModel) -> dict[str, str]:
    """Return the pages of such a run, and the evidence for its model."""
    run = make_everything(job, model)
    with ThreadPoolExecutor(1) as thread:
        thread.submit(_judge, run.pk).result()
    rows = reverse("evals:rows", args=[run.public_id])
    row = reverse("evals:row", args=[run.public_id, 2])
    return {
        "run with everything": run.get_absolute_url() + "?candidate=2&sort=effect&beta=2",
        "filtered rows of a run": f"{rows}?view=first&slice=language:de&q=question",
        "marked row of a run": f"{row}?view=expected",
        "evidence": reverse("evals:evidence", args=[model.public_id]),
        "new suite for a model": f"{reverse('evals:create')}?model={model.public_id}",
        **_alone(job, model),
    }


def _alone(job: Job, model: TunedModel) -> dict[str, str]:
    """Return the pages of a run of one model."""
    told = [place % 5 != 0 for place in range(30)]
    slices = [{"language": LANGUAGES[place % 3]} for place in range(30)]
    run = make_results(
        workspace=job.workspace,
        connection=job.connection,
        told=[told],
        models=(model.name,),
        slices=slices,
        is_judged=False,
    )
    with ThreadPoolExecutor(1) as thread:
        thread.submit(_judge, run.pk).result()
    return {
        "run of one model": run.get_absolute_url(),
        "rows of one model": reverse("evals:rows", args=[run.public_id]),
    }


def _judge(run_id: int) -> None:
    judging.judge(run_id)
    connections.close_all()
