"""Fills a database as years of use would: jobs, what they told, models, conversations, a run."""

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from apps.accounts.models import Membership
    from apps.evals.models import Run
    from apps.jobs.models import Job
    from apps.providers.models import Connection

BATCH = 2_000
QUESTIONS, MODELS = 25_000, 4
CONVERSATIONS = 2_000
DATASETS = 200
STEP_EVENTS = """
INSERT INTO jobs_jobevent (job_id, provider_event_id, created_at, level, type, message, data)
SELECT id, 'ftevent-' || n, now() - n * interval '1 second', 'info',
       CASE WHEN n %% 100 = 0 THEN 'message' ELSE 'metrics' END, 'Step ' || n, '{}'
FROM jobs_job, generate_series(1, %s) n WHERE id >= %s AND id <= %s
"""
ANSWERS = """
INSERT INTO evals_answer (run_id, candidate_id, case_id, sample, status, attempts, next_try_at,
  content_key, is_copied, text, error, served_model, finish_reason, prompt_tokens,
  completion_tokens, first_token_ms, total_ms)
SELECT %s, a.id, c.id, 0, CASE WHEN c.position <= %s THEN 'done' ELSE 'waiting' END, 1, now(),
  a.id || '-' || c.id, false, 'Answer ' || c.position || ' is behind the tide.', '', a.model,
  'stop', 20, 8, 200 + c.position %% 300, 500 + c.position %% 900
FROM evals_candidate a, evals_case c WHERE a.run_id = %s AND c.suite_id = %s
"""
SCORES = """
INSERT INTO evals_score (answer_id, grader, status, attempts, next_try_at, content_key, passed,
  why, detail)
SELECT id, 0, 'done', 1, now(), '', (id * 7919) %% 100 < 60 + candidate_id %% 7, '', '{}'
FROM evals_answer WHERE run_id = %s AND status = 'done'
"""


@dataclass
class Crowd:
    """What the pages show."""

    owner: "Membership"
    long_job: "Job"
    ended_run: "Run"
    going_run: "Run"


def fill(jobs: int, events: int) -> Crowd:
    """Make it all. Half of the events belong to one job."""
    from django.db import connection as database

    from tests.factories import make_connection, make_membership

    owner = make_membership()
    connection = make_connection(workspace=owner.workspace)
    made = make_jobs(owner, connection, jobs)
    with database.cursor() as cursor:
        cursor.execute(STEP_EVENTS, [events // 2 // jobs, made[0].pk, made[-1].pk])
        cursor.execute(STEP_EVENTS.replace("ftevent", "more"), [events // 2, *[made[-1].pk] * 2])
    make_models(owner, made)
    make_notifications(owner, made)
    make_conversations(owner, made)
    ended, going = make_run(owner, connection, 1.0), make_run(owner, connection, 0.5)
    end(ended)
    with database.cursor() as cursor:
        cursor.execute("ANALYZE")
    return Crowd(owner, made[-1], ended, going)


def make_jobs(owner: "Membership", connection: "Connection", count: int) -> list["Job"]:
    """Make jobs of many datasets: a hundred of them run, the others have ended."""
    from django.utils import timezone

    from apps.jobs.models import Job
    from tests.factories import make_version

    now = timezone.now()
    versions = [make_version(workspace=owner.workspace) for _ in range(DATASETS)]
    line = [[step, round(3 / (1 + step / 10), 3)] for step in range(1, 200, 5)]

    def job(n: int) -> "Job":
        is_running = n >= count - 100
        ended = {"status": "succeeded", "finished_at": now - timedelta(minutes=count - n)}
        return Job(
            workspace=owner.workspace,
            connection=connection,
            created_by=owner.user,
            name=f"Support answers, attempt {n}",
            base_model="gpt-4.1-mini-2025-04-14",
            provider_job_id=f"ftjob-{n}",
            training_data=versions[n % DATASETS],
            sparkline=line,
            step=150,
            total_steps=200,
            latest_metrics={"train_loss": [150, 0.7]},
            fine_tuned_model="" if is_running else f"ft:gpt-4.1-mini:team::{n:06d}",
            last_news_at=now,
            **({"status": "running"} if is_running else ended),
        )

    return Job.objects.bulk_create(map(job, range(count)), batch_size=BATCH)


def make_models(owner: "Membership", jobs: list["Job"]) -> None:
    from apps.library.models import TunedModel

    TunedModel.objects.bulk_create(
        (
            TunedModel(
                workspace=owner.workspace,
                connection_id=job.connection_id,
                name=job.fine_tuned_model,
                job=job,
                base_model=job.base_model,
                made_at=job.finished_at,
                tags=["production"] if job.pk % 50 == 0 else [],
            )
            for job in jobs
            if job.finished_at
        ),
        batch_size=BATCH,
    )


def make_notifications(owner: "Membership", jobs: list["Job"]) -> None:
    from apps.notifications.models import Kind, Notification

    ended = [job for job in jobs if job.finished_at]
    Notification.objects.bulk_create(
        (
            Notification(
                workspace=owner.workspace,
                job=job,
                kind=Kind.SUCCEEDED,
                happened_at=job.finished_at or job.created_at,
            )
            for job in ended
        ),
        batch_size=BATCH,
    )


def make_conversations(owner: "Membership", jobs: list["Job"]) -> None:
    from apps.playground.models import Column, Conversation

    made = Conversation.objects.bulk_create(
        Conversation(workspace=owner.workspace, title=f"Question {n}", job=jobs[n])
        for n in range(min(CONVERSATIONS, len(jobs)))
    )
    Column.objects.bulk_create(
        Column(conversation=each, position=place, connection=jobs[0].connection, model=f"m{place}")
        for each in made
        for place in range(2)
    )


def make_run(owner: "Membership", connection: "Connection", share: float) -> "Run":
    """Make a run of which this share is answered and scored."""
    from django.db import connection as database

    from apps.evals.models import Candidate, Case, Run, Suite
    from tests.factories import make_version

    data = make_version(workspace=owner.workspace)
    suite = Suite.objects.create(
        workspace=owner.workspace, name="Support", data=data, graders=[{"kind": "exact"}]
    )
    Case.objects.bulk_create((_case(suite, n) for n in range(1, QUESTIONS + 1)), batch_size=BATCH)
    run = Run.objects.create(workspace=owner.workspace, suite=suite, temperature=0)
    for position in range(MODELS):
        name = f"m{position}"
        Candidate.objects.create(
            run=run, position=position, connection=connection, model=name, label=name
        )
    with database.cursor() as cursor:
        cursor.execute(ANSWERS, [run.pk, share * QUESTIONS, run.pk, suite.pk])
        cursor.execute(SCORES, [run.pk])
    return run


def _case(suite: Any, number: int) -> Any:
    from apps.evals.models import Case

    question = [{"role": "user", "content": f"Question {number}: where is the harbour?"}]
    slices = {"language": ("en", "de", "zh")[number % 3], "length": ("short", "long")[number % 2]}
    expected = f"Answer {number} is behind the tide."
    return Case(
        suite=suite,
        position=number,
        row=number,
        messages=question,
        expected=expected,
        slices=slices,
    )


def end(run: "Run") -> None:
    """Let it end and be judged as a worker does."""
    from django.utils import timezone

    from apps.evals.verdicts.judging import judge

    run.ended_at = run.judge_at = timezone.now()
    run.save()
    judge(run.pk)
    run.refresh_from_db()
    assert run.result, "the run was not judged"
