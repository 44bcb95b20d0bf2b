"""The whole life of a job at providers with an API of their own, over HTTP."""

from typing import Any

import pytest

from apps.jobs import services, wishes
from apps.jobs.curves import points
from apps.jobs.models import Job
from apps.jobs.starting.wanted import Wanted
from apps.providers.types import JobStatus
from tests.factories import make_connection, make_version
from tests.jobs.test_over_http import turn
from tests.providers.dialects import Dialect, FireworksDialect, TogetherDialect
from tests.providers.scripted import KEY


@pytest.fixture(
    params=[TogetherDialect("together"), FireworksDialect("fireworks")], ids=lambda each: each.name
)
def dialect(request: Any, settings: Any) -> Dialect:
    settings.ALLOW_PRIVATE_HOSTS = True
    return request.param


@pytest.fixture
def script(dialect: Dialect) -> Any:
    return dialect.script()


@pytest.fixture
def job(owner: Any, dialect: Dialect, script: Any) -> Job:
    connection = make_connection(
        workspace=owner.workspace, base_url=script.url, key=KEY, profile=dialect.name
    )
    wanted = Wanted(
        connection=connection,
        training_data=make_version(workspace=owner.workspace),
        base_model=dialect.spec().base_model,
        hyperparameters={"n_epochs": 2},
    )
    return services.create_job(membership=owner, name="Their own API", wanted=wanted)


def test_a_job_goes_from_the_form_to_a_tuned_model(job, dialect, script):
    turn(job)
    job_id = job.provider_job_id
    assert job_id, job.trouble or job.error
    dialect.tell(script, job_id, **{dialect.STATUS: dialect.RUNNING})
    if dialect.name == "together":
        script.add_metrics(job_id, step=1, total_steps=2)
    turn(job)
    assert job.status == JobStatus.RUNNING
    dialect.tell(script, job_id, **dialect.success("accounts/test/models/tuned"))
    turn(job)
    assert (job.status, job.fine_tuned_model) == (
        JobStatus.SUCCEEDED,
        "accounts/test/models/tuned",
    )
    if dialect.name == "together":
        assert len(points.rows(job.pk, ["train_loss"])) == 1
        assert (job.step, job.total_steps) == (1, 2)


@pytest.mark.parametrize("fault", [{"status": 500}, {"reset": True, "done": True}])
def test_a_provider_that_stumbles_gets_one_file_and_one_job(job, dialect, script, fault):
    for method, path in (("POST", dialect.UPLOADS), ("GET", dialect.JOBS), ("POST", dialect.JOBS)):
        script.break_next(method, path, **fault)
    for _try in range(5):
        turn(job)
    assert job.provider_job_id
    assert len(script.jobs) == 1
    assert sum(content != b"" for content in script.contents.values()) == 1


def test_cancelling_reaches_the_provider_once(job, dialect, script):
    turn(job)
    wishes.cancel_job(job=job)
    turn(job)
    turn(job)
    cancels = [seen for seen in script.requests if seen.path.endswith("cancel")]
    assert len(cancels) == 1
    assert job.status == JobStatus.CANCELLING


def test_a_job_that_tells_nothing_new_has_no_news(job, dialect, script):
    turn(job)
    job_id = job.provider_job_id
    dialect.tell(script, job_id, **{dialect.STATUS: dialect.RUNNING})
    if dialect.name == "together":
        for number in range(8):
            script.add_event(job_id, message=f"Word {number}")
        for step in range(1, 9):
            script.add_metrics(job_id, step=step, total_steps=20)
    told_at = turn(job).last_news_at
    assert turn(job).last_news_at == told_at
    if dialect.name == "together":
        script.add_event(job_id, message="One more")
        assert turn(job).last_news_at > told_at
        assert job.events.filter(message__startswith="Word").count() == 8


def test_the_page_says_where_nothing_is_told_of_single_steps(client, job, dialect):
    turn(job)
    text = client.get(job.get_absolute_url()).content.decode()
    says_so = "tells nothing about single steps" in text
    assert says_so == (dialect.name == "fireworks")
    assert ("The curves begin" in text) == (dialect.name == "together")


def test_a_job_that_fireworks_paused_goes_on_when_asked(client, job, dialect, script):
    if dialect.name != "fireworks":
        return
    turn(job)
    dialect.tell(script, job.provider_job_id, state="JOB_STATE_PAUSED")
    turn(job)
    assert "Let it go on" in client.get(job.get_absolute_url()).content.decode()
    client.post(f"{job.get_absolute_url()}resume/")
    turn(job)
    assert job.status == JobStatus.QUEUED
