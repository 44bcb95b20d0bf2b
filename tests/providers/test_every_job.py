"""What every adapter promises of jobs and of the models they make. Over real HTTP."""

import json
from datetime import UTC, datetime

import pytest

from apps.providers.types import DeploymentStatus, JobStatus, ProviderError
from tests.providers.dialects import CLIENT_KEY, SHAPES, refuses, speaking

STATUSES = [(each, told) for each in SHAPES for told in each.STATUSES]


@pytest.mark.parametrize(
    ("dialect", "told"), STATUSES, ids=[f"{each.name}-{told}" for each, told in STATUSES]
)
@pytest.mark.usefixtures("trusted_network")
async def test_every_status_has_a_word_of_ours(dialect, told):
    async with speaking(dialect) as spoken:
        job = await spoken.adapter.get_job(spoken.add_job(**{dialect.STATUS: told}))
        assert (job.status, job.provider_status) == (dialect.STATUSES[told], told)


@pytest.mark.parametrize("told", ["reticulating", "", None, 7, ["running"], {}])
async def test_an_unknown_status_is_unknown_and_kept(spoken_shape, told):
    spoken = spoken_shape
    job = await spoken.adapter.get_job(spoken.add_job(**{spoken.dialect.STATUS: told}))
    assert job.status == JobStatus.UNKNOWN
    assert job.provider_status == (str(told) if isinstance(told, str | int) else "")


async def test_a_failed_job_says_why(spoken):
    job_id = spoken.add_job(**spoken.dialect.failure("Row 3 has no answer.", "bad_rows"))
    job = await spoken.adapter.get_job(job_id)
    assert (job.status, job.error, job.error_code) == (
        JobStatus.FAILED,
        "Row 3 has no answer.",
        "bad_rows",
    )


async def test_a_finished_job_names_its_model_and_a_running_one_does_not(spoken):
    made = "accounts/test/models/tuned"
    facts = dict(spoken.dialect.success(made))
    job = await spoken.adapter.get_job(spoken.add_job(**facts))
    assert (job.status, job.fine_tuned_model) == (JobStatus.SUCCEEDED, made)
    assert job.created_at is not None
    assert job.created_at.year == datetime.now(UTC).year
    facts[spoken.dialect.STATUS] = spoken.dialect.RUNNING
    if spoken.script.PREFIX != "/v1" or spoken.dialect.name == "together":  # known long before
        assert not (await spoken.adapter.get_job(spoken.add_job(**facts))).fine_tuned_model


HOSTILE = [None, "", "x" * 20_000, "a\x00b\ud800c", -1, 10**400, 1e308, True, [], {}, [None, {}]]


@pytest.mark.parametrize("value", HOSTILE, ids=lambda value: repr(value)[:20])
async def test_a_job_of_strange_values_can_be_stored(spoken_shape, value):
    spoken = spoken_shape
    job_id = spoken.add_job()
    raw = spoken.dialect.raw(spoken.script, job_id)
    raw.update({name: value for name in raw if name not in ("id", "name")})
    job = await spoken.adapter.get_job(job_id)
    told = json.dumps(job.raw, ensure_ascii=False)
    told.encode()  # a lone half of a character would fail
    assert "\x00" not in told
    assert len(job.fine_tuned_model) <= 300
    assert len(job.error) <= 5000
    assert job.status in JobStatus
    for moment in (job.created_at, job.finished_at, job.estimated_finish_at):
        assert moment is None or moment.tzinfo is not None


async def test_a_job_of_which_only_the_id_is_told_is_a_job(spoken_shape):
    spoken = spoken_shape
    job_id = spoken.add_job()
    raw = spoken.dialect.raw(spoken.script, job_id)
    for name in set(raw) - {"id", "name"}:
        del raw[name]
    job = await spoken.adapter.get_job(job_id)
    assert (job.provider_job_id, job.status) == (job_id, JobStatus.UNKNOWN)


async def test_jobs_are_listed_newest_first_page_by_page(spoken):
    ids = [spoken.add_job() for _ in range(230)]
    asked = await spoken.adapter.list_jobs(limit=220)
    assert [job.provider_job_id for job in asked] == ids[::-1][:220]
    assert await spoken.adapter.find_job(CLIENT_KEY) is None


async def test_a_list_that_never_ends_is_left(spoken_shape):
    spoken = spoken_shape
    page = {"data": [{"id": "same"}], "has_more": True, "next_cursor": "same"}
    page |= {"supervisedFineTuningJobs": [{"name": "a/b/same"}], "nextPageToken": "same"}
    spoken.script.break_next("GET", spoken.dialect.JOBS, status=200, body=page, times=500)
    assert len(await spoken.adapter.list_jobs(limit=100)) <= 4
    assert len(spoken.script.requests) <= 8


async def test_a_job_is_cancelled_where_that_is_offered(spoken):
    job_id = spoken.running_job()
    if not spoken.offers("cancel"):
        await refuses(spoken.adapter.cancel_job(job_id))
        return
    job = await spoken.adapter.cancel_job(job_id)
    assert job.status in (JobStatus.CANCELLED, JobStatus.CANCELLING)
    over = spoken.add_job(**spoken.dialect.success("m"))
    with pytest.raises(ProviderError):
        await spoken.adapter.cancel_job(over)


async def test_a_job_is_paused_where_that_is_offered(spoken):
    job_id = spoken.running_job()
    if not spoken.offers("pause"):
        await refuses(spoken.adapter.pause_job(job_id))
        return
    assert (await spoken.adapter.pause_job(job_id)).status == JobStatus.PAUSED


async def test_a_paused_job_goes_on_where_that_is_offered(spoken):
    paused = [told for told, ours in spoken.dialect.STATUSES.items() if ours == JobStatus.PAUSED]
    job_id = spoken.add_job(**{spoken.dialect.STATUS: next(iter(paused), "any")})
    if not spoken.offers("resume"):
        await refuses(spoken.adapter.resume_job(job_id))
        return
    assert (await spoken.adapter.resume_job(job_id)).status == JobStatus.QUEUED


@pytest.mark.parametrize("thing", ["job", "model", "file"])
async def test_what_can_be_deleted_is_deleted_and_then_unknown(spoken, thing):
    adapter, script = spoken.adapter, spoken.script
    calls = {"job": adapter.delete_job, "model": adapter.delete_model, "file": adapter.delete_file}
    delete = calls[thing]
    if not spoken.offers(f"delete_{thing}"):
        await refuses(delete("any"))
        return
    script.models.append({"id": "ft:mine", "name": "accounts/test/models/mine"})
    last_model = "accounts/test/models/mine" if spoken.dialect.name == "fireworks" else "ft:mine"
    script.add_file("a.jsonl", b"x")
    file_id = (await adapter.list_files())[0].id
    name = {"job": spoken.add_job(), "model": last_model, "file": file_id}[thing]
    await delete(name)
    with pytest.raises(ProviderError) as caught:
        await delete(name)
    assert caught.value.status == 404


async def test_a_model_is_served_once_under_one_name(spoken):
    job_id = spoken.add_job(**spoken.dialect.success("accounts/test/models/tuned"))
    spec = spoken.dialect.deployment(job_id)
    if not spoken.offers("deploys"):
        await refuses(spoken.adapter.deploy(spec))
        await refuses(spoken.adapter.get_deployment("d"))
        await refuses(spoken.adapter.stop_deployment("d"))
        return
    first, second = await spoken.adapter.deploy(spec), await spoken.adapter.deploy(spec)
    assert first.provider_deployment_id == second.provider_deployment_id
    assert len(spoken.script.deployments) == 1
    spoken.dialect.let_serve(spoken.script, first.provider_deployment_id)
    serving = await spoken.adapter.get_deployment(first.provider_deployment_id)
    assert serving.status == DeploymentStatus.ACTIVE
    assert serving.model
    stopped = await spoken.adapter.stop_deployment(first.provider_deployment_id)
    assert stopped.status in (DeploymentStatus.STOPPING, DeploymentStatus.STOPPED)
