"""What the adapter promises, against a scripted provider over real HTTP."""

import base64
from datetime import UTC, datetime
from pathlib import Path

import pytest

from apps.providers.adapters.openai.adapter import OpenAIProvider
from apps.providers.adapters.openai.client import Account
from apps.providers.profiles import profile_for
from apps.providers.types import (
    JobSpec,
    JobStatus,
    ProviderError,
    ProviderUnavailable,
)
from tests.providers.fake_server import CREATED, KEY, FakeServer, error, model

SPEC = JobSpec(
    client_key="6f1c",
    base_model="tiny-chat-1m",
    training_file="file-1",
    suffix="parrot",
    hyperparameters={"n_epochs": 3, "batch_size": "auto"},
)


async def test_check_counts_the_models(provider: OpenAIProvider) -> None:
    result = await provider.check()
    assert (result.ok, result.model_count) == (True, 1)


async def test_models_carry_the_day_they_are_switched_off(
    provider: OpenAIProvider, fake_server: FakeServer
) -> None:
    fake_server.models = [model("a", shutdown_date="2027-01-14"), model("b")]
    models = await provider.list_models()
    assert [(m.id, m.shutdown_date) for m in models] == [("a", "2027-01-14"), ("b", None)]


async def test_an_uploaded_file_is_found_again_by_name_and_size(
    provider: OpenAIProvider, fake_server: FakeServer, tmp_path: Path
) -> None:
    path = tmp_path / "any-name"
    path.write_bytes(b'{"messages": []}\n')
    file_id = await provider.upload_file(path, "data-6f1c.jsonl")
    assert fake_server.contents[file_id] == path.read_bytes()
    assert await provider.find_file("data-6f1c.jsonl", path.stat().st_size) == file_id
    assert await provider.find_file("data-6f1c.jsonl", 1) is None


async def test_a_result_file_is_read_as_base64_or_as_it_is(
    provider: OpenAIProvider, fake_server: FakeServer
) -> None:
    table = b"step,train_loss\n1,0.5\n"
    fake_server.contents = {"file-1": base64.b64encode(table), "file-2": table}
    assert await provider.file_content("file-1") == table
    assert await provider.file_content("file-2") == table


async def test_a_new_job_carries_our_key_and_only_what_was_chosen(
    provider: OpenAIProvider, fake_server: FakeServer
) -> None:
    job = await provider.create_job(SPEC)
    assert (job.status, job.client_key) == (JobStatus.VALIDATING_FILES, "6f1c")
    assert fake_server.requests[-1].json() == {
        "model": "tiny-chat-1m",
        "training_file": "file-1",
        "suffix": "parrot",
        "metadata": {"retune_job": "6f1c"},
        "method": {
            "type": "supervised",
            "supervised": {"hyperparameters": {"n_epochs": 3, "batch_size": "auto"}},
        },
    }


@pytest.mark.parametrize("honours_filter", [True, False])
async def test_our_job_is_found_by_its_key_even_where_the_filter_is_ignored(
    provider: OpenAIProvider, fake_server: FakeServer, *, honours_filter: bool
) -> None:
    fake_server.honours_metadata_filter = honours_filter
    mine = fake_server.add_job(metadata={"retune_job": "6f1c"})
    for _ in range(150):  # more than one page of other people's jobs
        fake_server.add_job()
    found = await provider.find_job("6f1c")
    assert found is not None
    assert found.provider_job_id == mine["id"]
    assert await provider.find_job("never-sent") is None


async def test_a_create_that_fails_is_sent_once(
    provider: OpenAIProvider, fake_server: FakeServer
) -> None:
    fake_server.break_next("POST", "/v1/fine_tuning/jobs", status=500, times=3)
    with pytest.raises(ProviderUnavailable):
        await provider.create_job(SPEC)
    assert fake_server.count("POST", "/v1/fine_tuning/jobs") == 1


async def test_a_running_job_in_our_words(
    provider: OpenAIProvider, fake_server: FakeServer
) -> None:
    hyperparameters = {"n_epochs": 5, "batch_size": "auto", "learning_rate_multiplier": 1.8}
    raw = fake_server.add_job(
        status="running",
        estimated_finish=CREATED + 90,
        trained_tokens=1200,
        method={"type": "supervised", "supervised": {"hyperparameters": hyperparameters}},
        invented_by_this_server={"kept": True},
    )
    job = await provider.get_job(raw["id"])
    assert job.status == JobStatus.RUNNING
    assert job.hyperparameters == hyperparameters
    assert job.estimated_finish_at == datetime.fromtimestamp(CREATED + 90, UTC)
    assert (job.trained_tokens, job.seed) == (1200, 7)
    assert job.raw == raw


@pytest.mark.parametrize(
    ("told", "understood"),
    [
        ("canceled", JobStatus.CANCELLED),
        ("paused", JobStatus.PAUSED),
        ("pending", JobStatus.UNKNOWN),
        ("reticulating", JobStatus.UNKNOWN),
        (None, JobStatus.UNKNOWN),
    ],
)
async def test_a_status_is_normalised_and_kept_as_it_was(
    provider: OpenAIProvider, fake_server: FakeServer, told: str | None, understood: JobStatus
) -> None:
    job = await provider.get_job(fake_server.add_job(status=told)["id"])
    assert (job.status, job.provider_status) == (understood, told or "")


@pytest.mark.parametrize("empty", [{}, None, {"code": None, "message": None, "param": None}])
async def test_an_empty_error_is_no_error(
    provider: OpenAIProvider, fake_server: FakeServer, empty: object
) -> None:
    job = await provider.get_job(fake_server.add_job(error=empty, estimated_finish=0)["id"])
    assert (job.error, job.error_code, job.estimated_finish_at) == ("", "", None)


async def test_a_failed_job_says_why(provider: OpenAIProvider, fake_server: FakeServer) -> None:
    why = {"code": "invalid_training_file", "message": "Line 3 has no answer.", "param": None}
    raw = fake_server.add_job(status="failed", finished_at=CREATED + 9, error=why)
    job = await provider.get_job(raw["id"])
    assert (job.error, job.error_code) == ("Line 3 has no answer.", "invalid_training_file")


async def test_cancelling_answers_with_the_job_as_it_is_now(
    provider: OpenAIProvider, fake_server: FakeServer
) -> None:
    job = await provider.cancel_job(fake_server.add_job(status="running")["id"])
    assert job.status == JobStatus.CANCELLED


async def test_jobs_are_listed_newest_first_up_to_the_limit(
    provider: OpenAIProvider, fake_server: FakeServer
) -> None:
    ids = [fake_server.add_job()["id"] for _ in range(130)]
    jobs = await provider.list_jobs(limit=120)
    assert [job.provider_job_id for job in jobs] == ids[::-1][:120]


async def test_events_come_oldest_first_and_stop_at_what_is_known(
    provider: OpenAIProvider, fake_server: FakeServer
) -> None:
    job_id = fake_server.add_job()["id"]
    for step in range(1, 251):
        fake_server.add_metrics(job_id, step, 250)
    events = await provider.list_events(job_id)
    assert [event.data["step"] for event in events] == list(range(1, 251))
    known = {event.provider_event_id for event in events[:240]}
    asked_before = len(fake_server.requests)
    news = await provider.list_events(job_id, known_ids=known)
    assert [event.data["step"] for event in news] == list(range(241, 251))
    assert len(fake_server.requests) == asked_before + 1


async def test_a_cursor_that_stands_still_does_not_go_on_for_ever(
    provider: OpenAIProvider, fake_server: FakeServer
) -> None:
    page = {"data": [{"id": "ftevent-1"}], "has_more": True}
    fake_server.break_next("GET", "/v1/.*/events", status=200, body=page, times=1000)
    assert len(await provider.list_events("ftjob-1")) <= 2


@pytest.mark.parametrize("number", [b"NaN", b"-Infinity", b"1e999"])
async def test_numbers_that_are_none_are_left_out_not_zero(
    provider: OpenAIProvider, fake_server: FakeServer, number: bytes
) -> None:
    data = b'{"step": 1, "train_loss": %b}' % number
    body = b'{"data": [{"id": "e", "type": "metrics", "data": %b}]}' % data
    fake_server.break_next("GET", "/v1/.*/events", status=200, body=body)
    (event,) = await provider.list_events("ftjob-1")
    assert event.data == {"step": 1, "train_loss": None}


async def test_text_that_no_database_takes_is_made_storable(
    provider: OpenAIProvider, fake_server: FakeServer
) -> None:
    job_id = fake_server.add_job()["id"]
    fake_server.add_event(job_id, message="a\x00b\ud800c")
    (event,) = await provider.list_events(job_id)
    assert event.message == "a\ufffdb\ufffdc"


async def test_checkpoints_come_in_the_order_of_their_steps(
    provider: OpenAIProvider, fake_server: FakeServer
) -> None:
    job_id = fake_server.add_job()["id"]
    for step in (12, 24, 36):
        fake_server.add_checkpoint(job_id, step)
    checkpoints = await provider.list_checkpoints(job_id)
    assert [checkpoint.step for checkpoint in checkpoints] == [12, 24, 36]
    assert checkpoints[0].metrics == {"step": 12.0, "train_loss": 0.5}


async def test_tokens_of_another_account_in_the_environment_are_not_sent(
    provider: OpenAIProvider, fake_server: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("OPENAI_ORG_ID", "OPENAI_PROJECT_ID", "OPENAI_API_KEY"):
        monkeypatch.setenv(name, "somebody-else")
    adapter = OpenAIProvider(Account(fake_server.url, KEY), profile_for("openai"))
    await adapter.check()
    await adapter.close()
    assert "somebody-else" not in str(fake_server.requests[-1].headers)


@pytest.mark.usefixtures("trusted_network")
async def test_organisation_and_project_travel_as_headers(
    fake_server: FakeServer,
) -> None:
    account = Account(fake_server.url, KEY, organization="org-1", project="proj-1")
    adapter = OpenAIProvider(account, profile_for("openai"))
    await adapter.check()
    await adapter.close()
    headers = fake_server.requests[-1].headers
    assert (headers["openai-organization"], headers["openai-project"]) == ("org-1", "proj-1")


async def test_a_refused_job_is_final(provider: OpenAIProvider, fake_server: FakeServer) -> None:
    body = error("Fine-tuning is being wound down.", code="training_not_available")
    fake_server.break_next("POST", "/v1/fine_tuning/jobs", status=403, body=body)
    with pytest.raises(ProviderError) as caught:
        await provider.create_job(SPEC)
    assert str(caught.value) == "Fine-tuning is being wound down."
    assert (caught.value.code, caught.value.status) == ("training_not_available", 403)
