"""The adapter against our own engine: the other end of the same contract, with nothing scripted."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import async_to_sync

from apps.engine.models import TrainingJob
from apps.providers import services
from apps.providers.models import Connection
from apps.providers.profiles import chat_parameters, profile_for
from apps.providers.registry import open_provider
from apps.providers.types import (
    ChatChunk,
    ChatRequest,
    CompletionRequest,
    JobSpec,
    JobStatus,
    ProviderError,
)
from tests.engine_server import Engine, _listening_engine, engine, wait_until  # noqa: F401
from tests.factories import chat_file, make_workspace

HELLO = [{"role": "user", "content": "Hello"}]
SPEC = JobSpec(
    client_key="6f1c",
    base_model="tiny-chat-1m",
    training_file="",
    suffix="parrot",
    seed=7,
    hyperparameters={"n_epochs": 2, "batch_size": 4},
)


@pytest.fixture
def connection(engine: Engine, settings: Any) -> Connection:  # noqa: F811
    settings.ENGINE_URL = engine.url
    workspace = make_workspace(name="Acme Labs")
    return services.connect_engine(workspace=workspace, key=engine.token(workspace))


def ask(connection: Connection, call: str, *arguments: Any, **options: Any) -> Any:
    """Make one call as workers do: open, ask, close."""

    async def once() -> Any:
        async with open_provider(connection) as provider:
            return await getattr(provider, call)(*arguments, **options)

    return async_to_sync(once)()


def answer_of(connection: Connection, model: str) -> tuple[str, int | None]:
    """Return the whole answer and how many tokens it was."""

    async def read() -> tuple[str, int | None]:
        request = ChatRequest(model, [{"role": "user", "content": "Question 1?"}], max_tokens=20)
        async with open_provider(connection) as provider:
            chunks = [chunk async for chunk in provider.stream_chat(request)]
        return "".join(chunk.text for chunk in chunks), chunks[-1].completion_tokens

    return async_to_sync(read)()


def test_the_engine_lists_its_base_model_as_tunable(connection: Connection) -> None:
    assert async_to_sync(services.test_connection)(connection).ok
    models = async_to_sync(services.list_models)(connection)
    assert [(model.id, model.can_tune) for model in models] == [("tiny-chat-1m", True)]


def test_a_job_goes_all_the_way(
    engine: Engine,  # noqa: F811
    connection: Connection,
    tmp_path: Path,
) -> None:
    data = tmp_path / "train.jsonl"
    data.write_bytes(chat_file())
    assert ask(connection, "find_file", "6f1c.jsonl", data.stat().st_size) is None
    file_id = ask(connection, "upload_file", data, "6f1c.jsonl")
    assert ask(connection, "find_file", "6f1c.jsonl", data.stat().st_size) == file_id

    assert ask(connection, "find_job", "6f1c") is None
    job = ask(connection, "create_job", replace(SPEC, training_file=file_id))
    assert ask(connection, "find_job", "6f1c").provider_job_id == job.provider_job_id

    engine.trainer()
    job_id = job.provider_job_id
    wait_until(TrainingJob.objects.filter(status="succeeded").exists, "the job to end")
    job = ask(connection, "get_job", job_id)
    assert job.status == JobStatus.SUCCEEDED
    assert (job.seed, job.client_key, job.error) == (7, "6f1c", "")
    assert (job.hyperparameters["n_epochs"], job.hyperparameters["batch_size"]) == (2, 4)
    assert job.trained_tokens
    assert job.finished_at

    events = ask(connection, "list_events", job_id)
    steps = [event.data["step"] for event in events if event.type == "metrics"]
    assert steps == [1, 2, 3, 4, 5, 6]
    known = {event.provider_event_id for event in events[:-2]}
    assert ask(connection, "list_events", job_id, known_ids=known) == events[-2:]

    checkpoints = ask(connection, "list_checkpoints", job_id)
    assert [checkpoint.step for checkpoint in checkpoints] == [3, 6]
    table = ask(connection, "file_content", job.result_files[0]).decode()
    assert table.startswith("step,train_loss,train_accuracy")

    for model in ("tiny-chat-1m", checkpoints[0].model, job.fine_tuned_model):
        text, tokens = answer_of(connection, model)
        assert text
        assert tokens


def test_cancelling_a_job_that_waits(connection: Connection, tmp_path: Path) -> None:
    data = tmp_path / "train.jsonl"
    data.write_bytes(chat_file())
    file_id = ask(connection, "upload_file", data, "6f1c.jsonl")
    job = ask(connection, "create_job", replace(SPEC, training_file=file_id))
    cancelled = ask(connection, "cancel_job", job.provider_job_id)
    assert cancelled.status in {JobStatus.CANCELLED, JobStatus.VALIDATING_FILES, JobStatus.QUEUED}


def test_a_refusal_of_the_engine_is_a_no_with_its_words(connection: Connection) -> None:
    with pytest.raises(ProviderError, match="file-none") as caught:
        ask(connection, "create_job", replace(SPEC, training_file="file-none"))
    assert caught.value.status == 400


def test_a_token_that_is_no_token_is_refused(connection: Connection) -> None:
    services.connect_engine(workspace=connection.workspace, key="rt-wrong")
    connection.refresh_from_db()
    result = async_to_sync(services.test_connection)(connection)
    assert "refused the key (401)" in result.message


def streamed(connection: Connection, call: str, request: Any) -> list[ChatChunk]:
    """Return every piece of an answer."""

    async def read() -> list[ChatChunk]:
        async with open_provider(connection) as provider:
            return [chunk async for chunk in getattr(provider, call)(request)]

    return async_to_sync(read)()


def test_the_engine_tells_how_likely_each_token_was(connection: Connection) -> None:
    request = ChatRequest("tiny-chat-1m", HELLO, temperature=0, top_logprobs=3)
    prompt = CompletionRequest("tiny-chat-1m", "Hello", temperature=0, top_logprobs=3)
    for call, asked in (("stream_chat", request), ("stream_completion", prompt)):
        chunks = streamed(connection, call, asked)
        tokens = [token for chunk in chunks for token in chunk.logprobs]
        assert "".join(token.token for token in tokens) == "".join(c.text for c in chunks) != ""
        assert all(token.top[0] == (token.token, token.logprob) for token in tokens)
        assert {len(token.top) for token in tokens} == {3}


def test_the_engine_turns_texts_into_vectors(connection: Connection) -> None:
    texts = ["How do I reset my password?", "", "Where are my invoices?"]
    told = ask(connection, "embed", "tiny-chat-1m", texts)
    assert [len(vector) for vector in told.vectors] == [128] * 3
    assert told.prompt_tokens == sum(len(text or " ") for text in texts)


VALUES: dict[str, Any] = {
    "temperature": 0.5,
    "top_p": 0.5,
    "max_tokens": 3,
    "seed": 1,
    "stop": ["x"],
    "response_format": {"type": "json_object"},
    "json_schema": {
        "type": "json_schema",
        "json_schema": {"name": "answer", "schema": {"type": "object"}},
    },
    "tools": [{"type": "function", "function": {"name": "f", "parameters": {}}}],
    "logprobs": 20,
}


@pytest.mark.parametrize("name", sorted(chat_parameters.PARAMETERS))
def test_the_profile_knows_what_the_engine_takes(connection: Connection, name: str) -> None:
    asked = {chat_parameters.FIELDS[name]: VALUES[name]}
    request = ChatRequest("tiny-chat-1m", HELLO, **asked)
    profile = profile_for("engine")
    if name in chat_parameters.taken(profile, "tiny-chat-1m"):
        assert streamed(connection, "stream_chat", request)
        return
    with pytest.raises(ProviderError, match="not supported with this model"):
        streamed(connection, "stream_chat", request)
    fit, left_out = chat_parameters.fitted(request, profile)
    assert left_out == [name]
    assert streamed(connection, "stream_chat", fit)
