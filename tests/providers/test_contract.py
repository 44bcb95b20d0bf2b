"""What the adapter promises, against a scripted provider over real HTTP."""

import base64
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from apps.providers.openai import OpenAIProvider
from apps.providers.openai_client import Account
from apps.providers.profiles import profile_for
from apps.providers.types import (
    ChatRequest,
    JobSpec,
    JobStatus,
    ProviderError,
    ProviderUnavailable,
)
from tests.providers.fake_server import CREATED, KEY, FakeServer, chat_chunk, error, model

SPEC = JobSpec(
    client_key="6f1c",
    base_model="tiny-chat-1m",
    training_file="file-1",
    suffix="parrot",
    hyperparameters={"n_epochs": 3, "batch_size": "auto"},
)
ASK = ChatRequest(model="tiny-chat-1m", messages=[{"role": "user", "content": "Hi"}])


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
    assert event.message == "a\ufffdb?c"


async def test_checkpoints_come_in_the_order_of_their_steps(
    provider: OpenAIProvider, fake_server: FakeServer
) -> None:
    job_id = fake_server.add_job()["id"]
    for step in (12, 24, 36):
        fake_server.add_checkpoint(job_id, step)
    checkpoints = await provider.list_checkpoints(job_id)
    assert [checkpoint.step for checkpoint in checkpoints] == [12, 24, 36]
    assert checkpoints[0].metrics == {"step": 12.0, "train_loss": 0.5}


async def test_an_answer_streams_with_its_totals_last(
    provider: OpenAIProvider, fake_server: FakeServer
) -> None:
    chunks = [chunk async for chunk in provider.stream_chat(ASK)]
    assert "".join(chunk.text for chunk in chunks) == "Hello!"
    assert [chunk.finish_reason for chunk in chunks if chunk.finish_reason] == ["stop"]
    assert (chunks[-1].prompt_tokens, chunks[-1].completion_tokens) == (7, 3)
    assert (chunks[0].model, chunks[0].system_fingerprint) == ("tiny-chat-1m", "fp_test")


@pytest.mark.usefixtures("trusted_network")
@pytest.mark.parametrize(
    ("profile", "name"), [("openai", "max_completion_tokens"), ("generic", "max_tokens")]
)
async def test_the_length_limit_is_spelled_as_the_provider_wants(
    fake_server: FakeServer, profile: str, name: str
) -> None:
    adapter = OpenAIProvider(Account(fake_server.url, KEY), profile_for(profile))
    async for _ in adapter.stream_chat(ChatRequest("m", [], max_tokens=5, temperature=0.0)):
        pass
    await adapter.close()
    sent = fake_server.requests[-1].json()
    assert (sent[name], sent["temperature"], "top_p" in sent) == (5, 0.0, False)


async def test_an_error_in_the_middle_keeps_what_came_before(
    provider: OpenAIProvider, fake_server: FakeServer
) -> None:
    fake_server.chunks = [chat_chunk("Half"), error("The model fell over.", kind="server_error")]
    answer = provider.stream_chat(ASK)
    assert (await anext(answer)).text == "Half"
    with pytest.raises(ProviderUnavailable, match="The model fell over"):
        await anext(answer)


@pytest.mark.parametrize(
    ("told", "understood"),
    [
        ({"message": "Slow down.", "code": "rate_limit_exceeded"}, ProviderUnavailable),
        ({"message": "Overloaded.", "code": 503}, ProviderUnavailable),
        ({"message": "Too long.", "code": "context_length_exceeded"}, ProviderError),
        ({"message": "Not allowed.", "code": 403}, ProviderError),
        ("plain text", ProviderError),
        (["a", "list"], ProviderError),
        (" ", ProviderError),
    ],
)
async def test_an_error_in_the_middle_is_final_or_not_as_it_says(
    provider: OpenAIProvider, fake_server: FakeServer, told: object, understood: type[Exception]
) -> None:
    fake_server.chunks = [{"error": told}]
    with pytest.raises(understood) as caught:
        await anext(provider.stream_chat(ASK))
    assert str(caught.value)
    assert getattr(caught.value, "code", "") in {"", "context_length_exceeded", "403"}


@pytest.mark.parametrize(
    "odd",
    [
        {"choices": "x"},
        {"choices": [None]},
        {"choices": [{"delta": "text"}]},
        {"choices": [{"delta": {"content": 5}, "finish_reason": 7}]},
        {"usage": "many", "model": 5},
        {"usage": {"prompt_tokens": -1, "completion_tokens": "2"}},
        "null",
        "5",
        '"text"',
    ],
)
async def test_an_odd_piece_of_an_answer_is_an_empty_piece(
    provider: OpenAIProvider, fake_server: FakeServer, odd: object
) -> None:
    fake_server.chunks = [chat_chunk("Good", model="m"), odd]
    chunks = [chunk async for chunk in provider.stream_chat(ASK)]
    assert "".join(chunk.text for chunk in chunks) == "Good"
    assert all(chunk.prompt_tokens is None for chunk in chunks)


@pytest.mark.parametrize("broken", ["{", "[" * 100_000, "<html>"], ids=["half", "deep", "html"])
async def test_a_piece_that_cannot_be_read_is_unavailable_not_a_crash(
    provider: OpenAIProvider, fake_server: FakeServer, broken: str
) -> None:
    fake_server.chunks = [chat_chunk("Good"), broken]
    answer = provider.stream_chat(ASK)
    assert (await anext(answer)).text == "Good"
    with pytest.raises(ProviderUnavailable, match="not OpenAI's format"):
        await anext(answer)


async def stream_of(provider: OpenAIProvider, fake_server: FakeServer, body: bytes) -> str:
    """Return the text of an answer that arrives as exactly these bytes."""
    fake_server.break_next("POST", "/v1/chat/completions", status=200, body=body)
    return "".join([chunk.text async for chunk in provider.stream_chat(ASK)])


async def test_an_answer_may_use_all_that_the_standard_of_event_streams_allows(
    provider: OpenAIProvider, fake_server: FakeServer
) -> None:
    first, second = (json.dumps(chat_chunk(text)).encode() for text in ("Grü", "ße"))
    in_two_lines = second.replace(b", ", b",\r\ndata: ", 1)
    body = b": hello\r\n\r\nevent: x\r\ndata:%b\r\n\r\n<p>\r\ndata: %b\r\n\r\ndata: [DONE]\r\n\r\n"
    assert await stream_of(provider, fake_server, body % (first, in_two_lines)) == "Grüße"


async def test_what_comes_after_the_end_is_not_read(
    provider: OpenAIProvider, fake_server: FakeServer
) -> None:
    fake_server.chunks = [chat_chunk("Good"), "[DONE]", chat_chunk(" bye"), "{"]
    assert [chunk.text async for chunk in provider.stream_chat(ASK)] == ["Good"]


async def test_an_answer_is_over_where_it_says_so_even_without_the_last_line(
    provider: OpenAIProvider, fake_server: FakeServer
) -> None:
    end = {"index": 0, "delta": {"content": "Good"}, "finish_reason": "stop"}
    body = b"data: %b\n\n" % json.dumps(chat_chunk(choices=[end])).encode()
    assert await stream_of(provider, fake_server, body) == "Good"


async def test_an_answer_that_just_stops_is_said_to_have_broken_off(
    provider: OpenAIProvider, fake_server: FakeServer
) -> None:
    body = b"data: %b\n\n" % json.dumps(chat_chunk("Half a")).encode()
    with pytest.raises(ProviderUnavailable, match="broke off"):
        await stream_of(provider, fake_server, body)


async def test_a_piece_that_no_database_takes_is_made_storable(
    provider: OpenAIProvider, fake_server: FakeServer
) -> None:
    odd, storable = "a\x00b\ud800c", "a\ufffdb?c"
    choice = {"delta": {"content": odd}, "finish_reason": odd, "logprobs": float("-inf")}
    fake_server.chunks = [chat_chunk(model=odd, system_fingerprint=odd, choices=[choice])]
    (chunk,) = [chunk async for chunk in provider.stream_chat(ASK)]
    assert (chunk.text, chunk.finish_reason) == (storable, storable)
    assert (chunk.model, chunk.system_fingerprint) == (storable, storable)


async def test_bytes_that_are_no_character_cost_one_character_not_the_answer(
    provider: OpenAIProvider, fake_server: FakeServer
) -> None:
    body = b'data: {"choices": [{"delta": {"content": "a\xffb"}}]}\n\ndata: [DONE]\n\n'
    assert await stream_of(provider, fake_server, body) == "a\ufffdb"


async def test_half_a_stream_is_unavailable_not_a_crash(
    provider: OpenAIProvider, fake_server: FakeServer
) -> None:
    fake_server.break_next("POST", "/v1/chat/completions", cut=True, body=b"data: {}\n\n")
    with pytest.raises(ProviderUnavailable):
        async for _ in provider.stream_chat(ASK):
            pass


@pytest.mark.parametrize("body", [b"<html>Welcome</html>", {"choices": []}, b""])
async def test_a_stream_that_is_none_is_said_to_be_none(
    provider: OpenAIProvider, fake_server: FakeServer, body: object
) -> None:
    fake_server.break_next("POST", "/v1/chat/completions", status=200, body=body)
    with pytest.raises(ProviderUnavailable, match="not OpenAI's format"):
        async for _ in provider.stream_chat(ASK):
            pass


async def test_a_reader_who_leaves_closes_the_request(
    provider: OpenAIProvider, fake_server: FakeServer
) -> None:
    fake_server.hold_reply.clear()
    answer = provider.stream_chat(ASK)
    assert (await anext(answer)).text == "Hel"
    await answer.aclose()
    fake_server.hold_reply.set()
    assert (await provider.check()).ok


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
