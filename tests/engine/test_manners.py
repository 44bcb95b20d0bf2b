"""What every call has in common: tokens, workspaces, errors, request ids."""

import httpx2
import pytest
from openai import AuthenticationError, BadRequestError, NotFoundError, OpenAI

from apps.accounts import tokens
from apps.accounts.models import ApiToken, Workspace
from tests.engine.jobs import start_job
from tests.engine_server import Engine, wait_until
from tests.factories import make_workspace


def test_without_a_good_token_nothing_is_answered(engine: Engine) -> None:
    with pytest.raises(AuthenticationError, match="Incorrect API key") as refusal:
        OpenAI(base_url=engine.url, api_key="rt-wrong-key-0000").models.list()
    assert refusal.value.code == "invalid_api_key"
    assert "wrong-key" not in str(refusal.value)

    answer = httpx2.get(f"{engine.url}/models")
    assert answer.status_code == 401
    assert answer.json()["error"].keys() == {"message", "type", "param", "code"}


def test_a_revoked_token_lets_nobody_in(engine: Engine, workspace: Workspace) -> None:
    sdk = engine.client(workspace)
    sdk.models.list()
    token = ApiToken.objects.get(token_hash=tokens.hash_token(sdk.api_key))
    ApiToken.objects.filter(pk=token.pk).update(revoked_at=token.created_at)
    with pytest.raises(AuthenticationError):
        sdk.models.list()


def test_another_workspace_sees_nothing(engine: Engine, sdk: OpenAI, training_file: str) -> None:
    job = start_job(sdk, training_file)
    stranger = engine.client(make_workspace())
    assert list(stranger.files.list()) == []
    assert list(stranger.fine_tuning.jobs.list()) == []
    for ask, public_id in (
        (stranger.files.retrieve, training_file),
        (stranger.files.content, training_file),
        (stranger.files.delete, training_file),
        (stranger.fine_tuning.jobs.retrieve, job.id),
        (stranger.fine_tuning.jobs.cancel, job.id),
        (stranger.fine_tuning.jobs.list_events, job.id),
        (stranger.fine_tuning.jobs.checkpoints.list, job.id),
    ):
        with pytest.raises(NotFoundError):
            ask(public_id)
    with pytest.raises(BadRequestError, match="Cannot find file"):
        start_job(stranger, training_file)
    with pytest.raises(BadRequestError, match="'after'"):
        stranger.files.list(after=training_file)


def test_every_answer_has_a_request_id(sdk: OpenAI) -> None:
    assert sdk.models.retrieve("tiny-chat-1m")._request_id.startswith("req_")
    with pytest.raises(NotFoundError) as refusal:
        sdk.models.retrieve("gpt-4o")
    assert refusal.value.request_id.startswith("req_")


@pytest.mark.parametrize(
    ("method", "path", "options", "status", "code"),
    [
        ("GET", "/nothing/here", {}, 404, "unknown_url"),
        ("GET", "/files/%00", {}, 400, None),
        ("GET", "/fine_tuning/jobs?metadata[k]=%00", {}, 400, None),
        ("PUT", "/files", {}, 405, "method_not_supported"),
        ("POST", "/files", {"json": {}}, 415, "unsupported_content_type"),
        ("POST", "/chat/completions", {"data": {"a": "b"}}, 415, "unsupported_content_type"),
        ("POST", "/fine_tuning/jobs", {"content": b"{"}, 400, None),
        ("POST", "/fine_tuning/jobs", {"content": b"[]"}, 400, None),
        ("POST", "/fine_tuning/jobs", {"content": b" " * 3_000_000}, 413, "request_too_large"),
    ],
)
def test_a_request_that_makes_no_sense_is_answered_with_openais_error_body(
    engine: Engine, method: str, path: str, options: dict[str, object], status: int, code: str
) -> None:
    headers = {"Authorization": f"Bearer {engine.token()}"}
    if "content" in options:
        headers["Content-Type"] = "application/json"
    answer = httpx2.request(method, f"{engine.url}{path}", headers=headers, **options)
    assert answer.status_code == status
    error = answer.json()["error"]
    assert (error["type"], error["param"], error["code"]) == ("invalid_request_error", None, code)
    assert error["message"]
    assert answer.headers["x-request-id"]


def test_the_engine_says_that_it_is_well(engine: Engine) -> None:
    answer = httpx2.get(engine.url.replace("/v1", "/healthz"))
    told = {"status": "ok", "trainer_heartbeat_seconds": None}
    assert (answer.status_code, answer.json()) == (200, told)


def test_the_engine_tells_when_its_trainer_was_last_heard(engine: Engine) -> None:
    engine.trainer()
    health = engine.url.replace("/v1", "/healthz")
    wait_until(lambda: httpx2.get(health).json()["trainer_heartbeat_seconds"], "a trainer")
    assert 0 < httpx2.get(health).json()["trainer_heartbeat_seconds"] < 5
