"""A provider that misbehaves, workers that die anywhere: nothing is lost, nothing is made twice.

The same with real processes, thousands of jobs and hours: `benchmarks/chaos.py`.
"""

import random
from collections import Counter
from collections.abc import Callable

import pytest
from django.core.cache import cache
from django.db.models import Count, Q
from django.utils import timezone

from apps.jobs import tasks
from apps.jobs.curves.points import series
from apps.jobs.elsewhere import adoption, importing
from apps.jobs.models import Job
from apps.jobs.news import asking, polling, record
from apps.jobs.sending import delivery, lease, submission
from apps.providers.models import Connection
from tests.factories import make_connection, make_job, make_version
from tests.jobs.killing import killed_at
from tests.providers.scripted import KEY, Mischief, OpenAIScript, fresh
from tests.providers.scripted.living import Living

SEED = 4
JOBS_ELSEWHERE, JOBS_OF_OURS, STEPS = 15, 6, 20
ROUNDS, ROUNDS_TO_THE_END = 12, 12
NEVER = 10**9
CARRIERS = (submission, delivery, lease, importing, adoption, polling, asking, record)


@pytest.fixture
def script(settings) -> OpenAIScript:
    settings.ALLOW_PRIVATE_HOSTS = True
    script = fresh(OpenAIScript)
    script.keeps_requests = False
    return script


@pytest.fixture
def chaotic(owner, script: OpenAIScript) -> Connection:
    cache.clear()
    connection = make_connection(workspace=owner.workspace, base_url=script.url, key=KEY)
    importing.follow(connection, follows_all_jobs=True)
    return connection


def let_time_pass() -> None:
    """End every lease and every waiting time."""
    now = timezone.now()
    leases = {"step_lease_until": None, "poll_lease_until": None}
    Job.objects.update(next_step_at=now, next_poll_at=now, **leases)
    Connection.objects.update(next_import_at=now, last_import_at=None, quiet_until=None)


def everything() -> list[Callable[[], object]]:
    """Return what workers would find to do now."""
    due = Job.objects.to_advance(timezone.now()).values_list("pk", flat=True)
    steps = [lambda pk=pk: tasks.advance_job(job_id=pk) for pk in due]
    imports = [
        lambda pk=pk: tasks.import_jobs(connection_id=pk) for pk in importing.due(at=timezone.now())
    ]
    return [*steps, *imports, tasks.poll_due_jobs]


@pytest.mark.filterwarnings("ignore::RuntimeWarning", "ignore::pytest.PytestWarning")
def test_counts_equal_a_recount_of_the_providers_own_history(chaotic, script):
    chance = random.Random(SEED)
    data = make_version(workspace=chaotic.workspace)
    living = Living(script, steps=STEPS, failing=0.2, seed=SEED)
    living.add_jobs(JOBS_ELSEWHERE)
    script.mischief = Mischief(0.15, ways=set(Mischief.WAYS) - {"late"}, seed=SEED)
    script.repeats_events = script.shuffles_events = True
    deaths = 0
    for number in range(ROUNDS):
        if number < JOBS_OF_OURS:
            make_job(workspace=chaotic.workspace, connection=chaotic, training_data=data)
        living.move(JOBS_ELSEWHERE * STEPS // ROUNDS)
        let_time_pass()
        for work in everything():
            deaths += killed_at(chance.choice((chance.randrange(1, 300), NEVER)), work, *CARRIERS)
        let_time_pass()
        tasks.poll_due_jobs()
    assert deaths > 3
    assert script.mischief.met.total() > 3
    script.mischief, script.shuffles_events = Mischief(0), False
    for _round in range(ROUNDS_TO_THE_END):
        living.finish()
        let_time_pass()
        for work in everything():
            work()
    assert not Job.objects.active().exists()
    assert recounted(script) == kept_here()
    ours = Counter(str(job["metadata"]) for job in script.jobs.values() if job["metadata"])
    assert (len(ours), max(ours.values())) == (JOBS_OF_OURS, 1)
    assert len(script.files) == 1


def recounted(script: OpenAIScript) -> dict[str, tuple[object, ...]]:
    told = {job_id: script.summary(job_id) for job_id in script.jobs}
    shown = ("status", "events", "checkpoints", "steps")
    return {job_id: tuple(job[name] for name in shown) for job_id, job in told.items()}


def kept_here() -> dict[str, tuple[object, ...]]:
    jobs = Job.objects.exclude(provider_job_id="").annotate(
        told=Count("events", distinct=True),
        saved=Count("checkpoints", distinct=True),
        measured=Count("events", distinct=True, filter=Q(events__type="metrics")),
    )
    found = {}
    for job in jobs:
        points = len(series(job.pk, ["train_loss"]).get("train_loss", ([],))[0])
        assert points == job.measured
        found[job.provider_job_id] = (job.status, job.told, job.saved, points)
    assert len(found) == jobs.count()
    return found
