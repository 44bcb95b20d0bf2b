"""Whatever goes wrong at a provider: every adapter raises one of our two errors, never another."""

import asyncio
from typing import Any

import pytest
import pytest_asyncio

from apps.providers.adapters import rest
from apps.providers.adapters.openai import adapter as openai_adapter
from apps.providers.types import JobSnapshot, ProviderError, ProviderUnavailable
from tests.providers.dialects import CLIENT_KEY, Spoken, every_call
from tests.providers.scripted import KEY

NO, NOT_NOW = ProviderError, ProviderUnavailable


@pytest_asyncio.fixture
async def spoken(spoken_shape: Spoken) -> Spoken:
    await spoken_shape.adapter.list_jobs()  # whatever is looked up once is known now
    return spoken_shape


def break_job(spoken: Spoken, **fault: Any) -> str:
    job_id = spoken.running_job()
    spoken.script.break_next("GET", spoken.dialect.JOB, **fault)
    return job_id


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (400, "bad_request", NO),
        (401, "invalid_api_key", NO),
        (403, "forbidden", NO),
        (404, "not_found", NO),
        (408, "timeout", NOT_NOW),
        (409, "locked", NOT_NOW),
        (422, "unprocessable", NO),
        (429, "rate_limit_exceeded", NOT_NOW),
        (500, "server_error", NOT_NOW),
        (502, "bad_gateway", NOT_NOW),
        (503, "slow_down", NOT_NOW),
        (504, "timeout", NOT_NOW),
    ],
)
async def test_a_refusal_is_a_no_or_a_not_now_with_the_providers_words(spoken, status, code, kind):
    body = spoken.dialect.refusal(spoken.script, status, f"Because of {KEY}.", code)
    job_id = break_job(spoken, status=status, body=body)
    with pytest.raises((NO, NOT_NOW)) as caught:
        await spoken.adapter.get_job(job_id)
    assert type(caught.value) is kind
    assert caught.value.status == status
    assert "Because of •••." in str(caught.value)


async def test_training_that_is_not_available_is_said_in_the_providers_own_words(spoken):
    words = "Fine-tuning is not available to your organisation."
    body = {"error": {"message": words, "code": "training_not_available"}}
    spoken.script.break_next("POST", spoken.dialect.JOBS, status=403, body=body)
    with pytest.raises(NO) as caught:
        await spoken.adapter.create_job(spoken.dialect.spec())
    assert (str(caught.value), caught.value.code) == (words, "training_not_available")


async def test_an_empty_account_is_told_from_a_busy_provider(spoken):
    status, code = spoken.dialect.NO_CREDIT
    body = spoken.dialect.refusal(spoken.script, status, "You have no credit left.", code)
    job_id = break_job(spoken, status=status, body=body)
    with pytest.raises(NO) as caught:
        await spoken.adapter.get_job(job_id)
    assert "has no credit left" in str(caught.value)
    slow = spoken.dialect.refusal(spoken.script, 429, "Too many.", "rate_limit_exceeded")
    headers = {"Retry-After": "17"}
    spoken.script.break_next("GET", spoken.dialect.JOB, status=429, body=slow, headers=headers)
    with pytest.raises(NOT_NOW) as busy:
        await spoken.adapter.get_job(job_id)
    assert (busy.value.retry_after, busy.value.status) == (17.0, 429)


async def test_a_redirect_is_not_followed(spoken):
    elsewhere = {"Location": f"{spoken.script.url}/elsewhere"}
    job_id = break_job(spoken, status=307, headers=elsewhere)
    with pytest.raises(NO):
        await spoken.adapter.get_job(job_id)
    assert not spoken.script.count("GET", f"{spoken.script.PREFIX}/elsewhere")


NAMELESS = {"filename": "a.jsonl", "bytes": 3}
FAULTS: dict[str, dict[str, Any]] = {
    "an error": {"status": 500},
    "a reset": {"reset": True},
    "a cut answer": {"cut": True, "body": b'{"data": [{"id": "a'},
    "a half-closed answer": {"half_closed": True, "body": b'{"id": "a"'},
    "nothing": {"status": 200, "body": b""},
    "half an object": {"status": 200, "body": b'{"id": "ftjob-1", '},
    "a page": {"status": 200, "body": b"<html><title>Welcome</title></html>"},
    "a list": {"status": 200, "body": b'[1, null, {"id": 1}]'},
    "null": {"status": 200, "body": b"null"},
    "an empty object": {"status": 200, "body": b"{}"},
    "bytes": {"status": 200, "body": b"\xff\xfe\x00\x01"},
    "a deep list": {"status": 200, "body": b"[" * 50_000},
    "strange lists": {
        "status": 200,
        "body": {
            name: [None, 3, "x", {}, {"id": None, "name": 4, "metadata": 7}, NAMELESS]
            for name in ("data", "models", "datasets", "dpoJobs", "metrics", "accounts")
        },
    },
    "lists that are none": {
        "status": 200,
        "body": {"data": {"a": 1}, "id": [], "name": {}, "metrics": 7, "models": "x", "file": 1},
    },
    "a page of another": {"status": 502, "body": b"<html><title>Bad Gateway</title></html>"},
}


@pytest.mark.parametrize("what", FAULTS)
async def test_no_call_raises_anything_else(spoken, rows, what):
    job_id = spoken.running_job()
    for name, call in every_call(spoken, rows, job_id).items():
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
            spoken.script.break_next(method, ".*", **FAULTS[what], times=20)
        answer = await answer_or_refusal(call)
        assert not isinstance(answer, JobSnapshot) or answer.provider_job_id, name
        spoken.script.forget_faults()


async def answer_or_refusal(call: Any) -> Any:
    """Return the answer, or the words of the refusal; anything else that is raised goes on."""
    try:
        return await call()
    except (ProviderError, ProviderUnavailable) as refusal:
        return str(refusal)


async def test_a_provider_that_never_answers_is_left(spoken, rows, monkeypatch):
    monkeypatch.setattr(rest, "SECONDS", 0.05)
    monkeypatch.setattr(openai_adapter, "CONTROL_SECONDS", 0.05)
    job_id = spoken.running_job()
    quick = ("list_models", "find_job", "create_job", "get_job", "list_jobs", "cancel_job")
    for name in quick:
        for method in ("GET", "POST"):
            spoken.script.break_next(method, ".*", hang=True, times=5)
        with pytest.raises(ProviderUnavailable):
            async with asyncio.timeout(5):
                await every_call(spoken, rows, job_id)[name]()
        spoken.script.forget_faults()


async def test_a_create_that_fails_is_sent_once(spoken):
    spoken.script.break_next("POST", spoken.dialect.JOBS, status=500, times=3)
    with pytest.raises(ProviderUnavailable):
        await spoken.adapter.create_job(spoken.dialect.spec())
    posts = [seen for seen in spoken.script.requests if seen.method == "POST"]
    assert len(posts) == 1


@pytest.mark.parametrize("name", ["", ".", "..", "../models", "secrets/mine", "dpoJobs/.."])
async def test_a_name_that_a_person_typed_leads_nowhere_else(spoken, name):
    before = len(spoken.script.requests)
    with pytest.raises(ProviderError) as caught:
        await spoken.adapter.get_job(name)
    assert caught.value.status == 404
    told = [seen.target for seen in spoken.script.requests[before:]]
    assert not [target for target in told if "/.." in target or "secrets/" in target]


async def test_a_job_that_is_not_there_is_not_found(spoken):
    with pytest.raises(ProviderError) as caught:
        await spoken.adapter.get_job(spoken.running_job() + "-no")
    assert caught.value.status == 404
    assert await spoken.adapter.find_job(CLIENT_KEY) is None
