"""The whole life of a job against a provider that is really spoken to, over HTTP."""

import pytest

from apps.jobs import services, tasks, wishes
from apps.jobs.curves import points
from apps.jobs.models import Job
from apps.jobs.starting.wanted import Wanted
from apps.providers.types import JobStatus
from tests.factories import make_connection, make_version
from tests.jobs.conftest import later
from tests.providers.fake_server import KEY, FakeServer, fresh_server

JOBS = "/v1/fine_tuning/jobs"


@pytest.fixture
def server(settings) -> FakeServer:
    settings.ALLOW_PRIVATE_HOSTS = True
    return fresh_server()


@pytest.fixture
def job(owner, server) -> Job:
    return services.create_job(
        membership=owner,
        name="Over HTTP",
        wanted=Wanted(
            connection=make_connection(workspace=owner.workspace, base_url=server.url, key=KEY),
            training_data=make_version(workspace=owner.workspace),
            base_model="tiny-chat-1m",
            hyperparameters={"n_epochs": 2},
        ),
    )


def turn(job: Job) -> Job:
    """Let beat tick once for each task, after all waiting is over."""
    later(job)
    tasks.advance_due_jobs()
    tasks.poll_due_jobs()
    job.refresh_from_db()
    return job


def test_a_job_goes_from_the_form_to_a_tuned_model(job, server):
    turn(job)
    there = server.jobs[job.provider_job_id]
    there["status"] = "running"
    server.add_metrics(there["id"], step=1, total_steps=2, valid_loss=0.9)
    turn(job)
    assert (job.status, job.step, job.total_steps) == (JobStatus.RUNNING, 1, 2)
    server.add_checkpoint(there["id"], step=2)
    server.add_metrics(there["id"], step=2, total_steps=2)
    there |= {"status": "succeeded", "fine_tuned_model": "ft:tiny", "trained_tokens": 480}
    turn(job)
    assert (job.status, job.fine_tuned_model) == (JobStatus.SUCCEEDED, "ft:tiny")
    assert (
        len(points.rows(job.pk, ["train_loss"])),
        job.checkpoints.count(),
        job.trained_tokens,
    ) == (2, 1, 480)


@pytest.mark.parametrize("honours_filter", [True, False])
@pytest.mark.parametrize("fault", [{"status": 500}, {"status": 429}, {"cut": True}])
def test_a_provider_that_stumbles_gets_one_file_and_one_job(job, server, fault, honours_filter):
    server.honours_metadata_filter = honours_filter
    for method, path in (("POST", "/v1/files"), ("GET", JOBS), ("POST", JOBS)):
        server.break_next(method, path, **fault)
    for _try in range(4):
        turn(job)
    assert job.provider_job_id
    assert (len(server.files), len(server.jobs)) == (1, 1)


def test_a_refused_organisation_reads_the_providers_words(job, server):
    refusal = {"error": {"message": "Not for you.", "code": "training_not_available"}}
    server.break_next("POST", JOBS, status=403, body=refusal)
    turn(job)
    assert (job.status, job.error_code) == (JobStatus.FAILED, "training_not_available")
    assert "Not for you." in job.error


def test_cancelling_reaches_the_provider_once(job, server):
    turn(job)
    wishes.cancel_job(job=job)
    turn(job)
    turn(job)
    assert server.count("POST", f"{JOBS}/{job.provider_job_id}/cancel") == 1
    assert job.status == JobStatus.CANCELLED
