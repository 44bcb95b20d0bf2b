"""What stands in the request that starts a job: each provider reads it in its own place."""

from typing import Any

import pytest

from apps.core.sentences import Sentence
from apps.providers.adapters.openai.adapter import OpenAIProvider
from apps.providers.adapters.openai.client import Account
from apps.providers.adapters.openai.requests import job_fields
from apps.providers.profiles import profile_for
from apps.providers.types import JobSpec, Method, ProviderError, ProviderUnavailable
from tests.providers.fake_server import KEY, error

KEY_OF_JOB = "6f1c2a3b-0d4e-4c5f-8a9b-0c1d2e3f4a5b"
GRADER = {"type": "string_check", "name": "same", "operation": "eq"}


def asked(profile: str, *, model: str = "m", **facts: Any) -> dict[str, Any]:
    spec = JobSpec(client_key=KEY_OF_JOB, base_model=model, training_file="file-1", **facts)
    return job_fields(spec, profile_for(profile))


@pytest.mark.parametrize(
    ("profile", "method", "chosen", "fields"),
    [
        ("openai", "supervised", {"n_epochs": 3}, {"method": "supervised"}),
        ("openai", "dpo", {"beta": 0.1}, {"method": "dpo"}),
        ("generic", "supervised", {"n_epochs": 3}, {"top": True}),
        ("generic", "dpo", {"beta": 0.1}, {"method": "dpo"}),
        ("nebius", "supervised", {"learning_rate": 1e-5, "lora": True}, {"top": True}),
        ("crusoe", "supervised", {"batch_size": 4}, {"method": "supervised"}),
    ],
)
def test_settings_travel_where_each_server_reads_them(profile, method, chosen, fields):
    sent = asked(profile, method=Method(method), hyperparameters=chosen)
    if fields.get("top"):
        assert sent["hyperparameters"] == chosen
        assert "method" not in sent
    else:
        assert sent["method"] == {"type": method, method: {"hyperparameters": chosen}}
        assert "hyperparameters" not in sent


def test_what_nobody_chose_is_not_sent():
    sent = asked("generic")
    assert sent == {
        "model": "m",
        "training_file": "file-1",
        "metadata": {"retune_job": KEY_OF_JOB},
    }


@pytest.mark.parametrize("profile", ["nebius", "crusoe"])
async def test_a_job_is_found_even_where_metadata_is_lost(fake_server, trusted_network, profile):
    adapter = OpenAIProvider(Account(fake_server.url, KEY), profile_for(profile))
    spec = JobSpec(client_key=KEY_OF_JOB, base_model="m", training_file="f", suffix="parrot")
    made = await adapter.create_job(spec)
    fake_server.jobs[made.provider_job_id]["metadata"] = None
    fake_server.honours_metadata_filter = False
    found = await adapter.find_job(KEY_OF_JOB)
    assert found
    assert (found.provider_job_id, found.suffix) == (made.provider_job_id, "parrot")
    assert await adapter.find_job(KEY_OF_JOB.replace("6f1c", "0000")) is None
    await adapter.close()


def test_elsewhere_the_suffix_is_what_was_typed():
    assert asked("openai", suffix="parrot")["suffix"] == "parrot"
    assert asked("nebius", suffix="parrot")["suffix"].startswith("parrot-")


def test_a_grader_travels_with_its_method():
    chosen = {"reasoning_effort": "low", "eval_samples": 2}
    sent = asked(
        "azure", model="o4-mini", method=Method.REINFORCEMENT, hyperparameters=chosen, grader=GRADER
    )
    inner = {"hyperparameters": chosen, "grader": GRADER}
    assert sent["method"] == {"type": "reinforcement", "reinforcement": inner}


def test_our_mark_wins_over_the_notes_of_a_person():
    sent = asked("openai", metadata={"team": "docs", "retune_job": "mine"})
    assert sent["metadata"] == {"team": "docs", "retune_job": KEY_OF_JOB}


def test_integrations_are_passed_on():
    wandb = {"type": "wandb", "wandb": {"project": "p"}}
    assert asked("openai", integrations=[wandb])["integrations"] == [wandb]


@pytest.mark.parametrize(
    ("model", "chosen", "beside"),
    [
        ("gpt-4.1-mini-2025-04-14", {}, None),
        ("gpt-4.1-mini-2025-04-14", {"training_type": "Developer"}, "Developer"),
        ("gpt-4.1-mini.ft-123", {}, None),
        ("gpt-oss-20b", {}, "globalStandard"),
        ("Ministral-3B", {}, "globalStandard"),
        ("Ministral-3B", {"training_type": "Standard"}, "Standard"),
    ],
)
def test_azure_is_told_the_training_type_that_open_models_need(model, chosen, beside):
    sent = asked("azure", model=model, hyperparameters=chosen)
    assert sent.get("extra_body") == (beside and {"trainingType": beside})
    assert "training_type" not in sent["method"]["supervised"]["hyperparameters"]


@pytest.mark.parametrize(
    ("profile", "chosen"),
    [
        ("nebius", {"learning_rate_multiplier": 1.8}),  # would be read as a rate of 1.8
        ("openai", {"learning_rate": 1e-5}),
        ("openai", {"beta": 0.1}),  # of another method
    ],
)
def test_a_setting_that_would_be_misread_is_never_sent(profile, chosen):
    with pytest.raises(ProviderError) as refusal:
        asked(profile, hyperparameters=chosen)
    assert refusal.value.code == "unknown_setting"
    assert isinstance(refusal.value.words, Sentence)
    assert next(iter(chosen)) in str(refusal.value)


@pytest.mark.parametrize(
    ("profile", "call"),
    [
        ("openai", "delete_job"),
        ("nebius", "pause_job"),
        ("nebius", "resume_job"),
        ("nebius", "delete_model"),
    ],
)
async def test_what_a_provider_does_not_offer_is_not_asked_for(
    fake_server, trusted_network, profile, call
):
    adapter = OpenAIProvider(Account(fake_server.url, KEY), profile_for(profile))
    with pytest.raises(ProviderError) as refusal:
        await getattr(adapter, call)("x")
    assert refusal.value.code == "not_offered"
    assert fake_server.requests == []
    await adapter.close()


async def test_a_job_is_deleted_where_that_is_offered(fake_server, trusted_network):
    adapter = OpenAIProvider(Account(fake_server.url, KEY), profile_for("azure"))
    fake_server.break_next("DELETE", "/v1/fine_tuning/jobs/ftjob-1", status=204)
    await adapter.delete_job("ftjob-1")
    assert fake_server.count("DELETE", "/v1/fine_tuning/jobs/ftjob-1") == 1
    with pytest.raises(ProviderError) as refusal:
        await adapter.delete_job("ftjob-2")
    assert refusal.value.status == 404
    await adapter.close()


async def test_a_full_line_and_an_empty_account_are_told_apart(provider, fake_server):
    slow = error("Slow down.", code="rate_limit_exceeded")
    fake_server.break_next("GET", "/v1/models", status=429, body=slow, headers={"Retry-After": "7"})
    with pytest.raises(ProviderUnavailable) as wait:
        await provider.list_models()
    assert (wait.value.code, wait.value.status, wait.value.retry_after) == (
        "rate_limit_exceeded",
        429,
        7.0,
    )
    broke = error("You exceeded your current quota.", code="insufficient_quota")
    fake_server.break_next("GET", "/v1/models", status=429, body=broke)
    with pytest.raises(ProviderError) as refusal:
        await provider.list_models()
    assert refusal.value.code == "insufficient_quota"


async def test_an_account_that_may_not_train_says_so_in_its_own_words(provider, fake_server):
    words = "Fine-tuning is not available for your organization."
    body = error(words, code="training_not_available")
    fake_server.break_next("POST", "/v1/fine_tuning/jobs", status=403, body=body)
    with pytest.raises(ProviderError, match=words) as refusal:
        await provider.create_job(JobSpec(client_key="k", base_model="m", training_file="file-1"))
    assert (refusal.value.code, refusal.value.status) == ("training_not_available", 403)
