"""Serving a tuned model where that is a step of its own: Azure and Nebius, over real HTTP."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
import pytest_asyncio

from apps.providers.adapters.openai.adapter import OpenAIProvider
from apps.providers.adapters.openai.client import Account
from apps.providers.profiles import Profile, profile_for
from apps.providers.types import (
    DeploymentSpec,
    DeploymentStatus,
    ProviderError,
    ProviderUnavailable,
)
from tests.providers.fake_server import KEY
from tests.providers.scripted import fresh
from tests.providers.serving import RESOURCE, SECRET, TOKEN, AzureScript, NebiusScript

ACTIVE, STARTING = DeploymentStatus.ACTIVE, DeploymentStatus.STARTING
STOPPED, STOPPING = DeploymentStatus.STOPPED, DeploymentStatus.STOPPING
GPT = "gpt-4.1-mini-2025-04-14"
LLAMA = "meta-llama/Llama-3.1-8B-Instruct"
SPEC = DeploymentSpec(name="retune-1", model=f"{GPT}.ft-1-parrot", base_model=GPT)
ADAPTER = DeploymentSpec(
    name="retune-1", model="", base_model=LLAMA, provider_job_id="ftjob-1", checkpoint_id="ck-2"
)


@pytest.fixture
def azure_script() -> AzureScript:
    return fresh(AzureScript)


@pytest.fixture
def nebius_script() -> NebiusScript:
    return fresh(NebiusScript)


def pointed_at(script: AzureScript) -> Profile:
    """Return Azure's profile with the addresses of the script in place of Microsoft's."""
    profile = profile_for("azure")
    here = {"login_url": script.origin, "management_url": script.origin}
    facts = {**profile.deployment.facts, **here}
    return replace(profile, deployment=replace(profile.deployment, facts=facts))


@pytest_asyncio.fixture
async def azure(azure_script: AzureScript, trusted_network: None) -> AsyncIterator[OpenAIProvider]:
    account = Account(azure_script.url, KEY, details=RESOURCE, deploy_secret=SECRET)
    adapter = OpenAIProvider(account, pointed_at(azure_script))
    yield adapter
    await adapter.close()


@pytest_asyncio.fixture
async def nebius(
    nebius_script: NebiusScript, trusted_network: None
) -> AsyncIterator[OpenAIProvider]:
    adapter = OpenAIProvider(Account(nebius_script.url, KEY), profile_for("nebius"))
    yield adapter
    await adapter.close()


async def test_azure_serves_a_model_under_the_name_of_its_deployment(azure, azure_script):
    asked = await azure.deploy(SPEC)
    seen = azure_script.requests[-1]
    assert seen.query["api-version"] == ["2024-10-01"]
    assert seen.json() == {
        "sku": {"name": "Standard", "capacity": 100},
        "properties": {"model": {"format": "OpenAI", "name": SPEC.model, "version": "1"}},
    }
    assert (asked.provider_deployment_id, asked.model, asked.status) == (
        "retune-1",
        "retune-1",
        STARTING,
    )
    looks = [(await azure.get_deployment("retune-1")).status for _ in range(3)]
    assert looks == [STARTING, ACTIVE, ACTIVE]


async def test_azure_asked_twice_serves_once(azure, azure_script):
    await azure.deploy(SPEC)
    await azure.deploy(SPEC)
    assert list(azure_script.deployments) == ["retune-1"]
    assert azure_script.calls["give_token"] == 1  # it lasts an hour


@pytest.mark.parametrize(
    ("model", "form", "sku"),
    [
        ("gpt-4.1-nano-2025-04-14", "OpenAI", "Standard"),
        ("o4-mini-2025-04-16", "OpenAI", "Standard"),
        ("gpt-oss-20b", "Microsoft", "GlobalStandard"),
        ("Ministral-3B", "Mistral AI", "GlobalStandard"),
        ("Llama-3.3-70B-Instruct", "Meta", "GlobalStandard"),
        ("Qwen3-32B", "Alibaba", "GlobalStandard"),
    ],
)
async def test_azure_is_told_the_family_in_its_own_words(azure, azure_script, model, form, sku):
    await azure.deploy(replace(SPEC, model=f"{model}.ft-1", base_model=model))
    asked = azure_script.requests[-1].json()
    assert asked["properties"]["model"]["format"] == form
    assert asked["sku"]["name"] == sku


@pytest.mark.parametrize(
    ("model", "chosen", "form"),
    [
        ("Phi-4", "Microsoft", "Microsoft"),
        ("Phi-4", "", "OpenAI"),
        ("Ministral-3B", "OpenAI", "Mistral AI"),
    ],
)
async def test_a_family_that_nobody_knows_is_the_one_that_was_chosen(
    azure, azure_script, model, chosen, form
):
    options = {"model_format": chosen}
    await azure.deploy(replace(SPEC, model=f"{model}.ft-1", base_model=model, options=options))
    assert azure_script.requests[-1].json()["properties"]["model"]["format"] == form


async def test_the_developer_tier_of_azure_ends_after_a_day(azure):
    options = {"sku": "DeveloperTier", "capacity": 50}
    asked = await azure.deploy(replace(SPEC, options=options))
    assert asked.expires_at == datetime(2026, 11, 22, 10, 0, 0, 500_000, UTC)
    assert asked.raw["sku"] == {"name": "DeveloperTier", "capacity": 50}
    assert (await azure.deploy(SPEC)).expires_at is None


async def test_a_deployment_of_azure_is_deleted_and_then_gone(azure):
    await azure.deploy(SPEC)
    assert (await azure.stop_deployment("retune-1")).status == STOPPING
    assert (await azure.get_deployment("retune-1")).status == STOPPED
    assert (await azure.stop_deployment("retune-1")).status == STOPPED


@pytest.mark.parametrize(
    ("state", "status"),
    [
        ("Failed", DeploymentStatus.FAILED),
        ("Canceled", STOPPED),
        ("Deleting", STOPPING),
        ("Resting", DeploymentStatus.UNKNOWN),
    ],
)
async def test_each_state_of_azure_is_one_of_ours(azure, azure_script, state, status):
    await azure.deploy(SPEC)
    azure_script.states = [state]
    seen = await azure.get_deployment("retune-1")
    assert (seen.status, seen.provider_status) == (status, state)


async def test_only_a_404_says_that_a_deployment_is_gone(azure, azure_script):
    await azure.deploy(SPEC)
    for method in ("GET", "DELETE"):
        body = {"error": {"code": "AuthorizationFailed", "message": "No."}}
        azure_script.break_next(method, "/subscriptions/.*", status=403, body=body)
    for call in (azure.get_deployment, azure.stop_deployment):
        with pytest.raises(ProviderError) as refusal:
            await call("retune-1")
        assert refusal.value.code == "AuthorizationFailed"


async def test_a_wrong_secret_is_refused_in_words_and_never_repeated(azure_script, trusted_network):
    account = Account(azure_script.url, KEY, details=RESOURCE, deploy_secret="wrong-secret")
    adapter = OpenAIProvider(account, pointed_at(azure_script))
    with pytest.raises(ProviderError, match="AADSTS7000215") as refusal:
        await adapter.deploy(SPEC)
    assert refusal.value.code == "invalid_client"
    assert "wrong-secret" not in str(refusal.value)
    await adapter.close()


async def test_the_test_of_a_connection_tries_the_way_to_deploy_too(azure, azure_script):
    assert (await azure.check()).ok
    assert azure_script.calls["list_deployments"] == 1
    body = {"error": {"code": "AuthorizationFailed", "message": "The client may not read."}}
    azure_script.break_next("GET", "/subscriptions/.*", status=403, body=body)
    result = await azure.check()
    assert (result.ok, result.model_count) == (False, 1)
    assert "The key works. Deploying does not" in str(result.message)
    assert "The client may not read." in str(result.message)


async def test_without_the_details_of_azure_nobody_is_asked(azure_script, trusted_network):
    adapter = OpenAIProvider(Account(azure_script.url, KEY), pointed_at(azure_script))
    with pytest.raises(ProviderError, match="which Azure account") as refusal:
        await adapter.deploy(SPEC)
    assert refusal.value.code == "deploy_details_missing"
    assert azure_script.requests == []
    assert (await adapter.check()).ok  # training works without them
    await adapter.close()


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ({"status": 500}, ProviderUnavailable),
        ({"status": 502, "body": b"<html><title>Bad Gateway</title>"}, ProviderUnavailable),
        ({"status": 403, "body": {"error": {"code": "AuthorizationFailed"}}}, ProviderError),
        ({"status": 200, "body": b"[1]"}, ProviderUnavailable),
        ({"status": 200, "body": b'{"name": '}, ProviderUnavailable),
    ],
)
async def test_the_faults_of_the_management_api_are_our_two_errors(
    azure, azure_script, fault: dict[str, Any], error
):
    azure_script.break_next("PUT", "/subscriptions/.*", **fault)
    with pytest.raises(error) as refusal:
        await azure.deploy(SPEC)
    assert TOKEN not in str(refusal.value)


async def test_the_guard_stands_before_the_management_api_too(azure_script, settings):
    settings.ALLOW_PRIVATE_HOSTS = False
    account = Account(azure_script.url, KEY, details=RESOURCE, deploy_secret=SECRET)
    adapter = OpenAIProvider(account, pointed_at(azure_script))
    with pytest.raises(ProviderError) as refusal:
        await adapter.deploy(SPEC)
    assert refusal.value.code == "address_refused"
    assert azure_script.requests == []
    await adapter.close()


async def test_nebius_serves_an_adapter_under_a_name_of_its_own(nebius, nebius_script):
    asked = await nebius.deploy(ADAPTER)
    assert nebius_script.requests[-1].json() == {
        "source": "ftjob-1:ck-2",
        "base_model": "meta-llama/Meta-Llama-3.1-8B-Instruct",  # served under another name
        "name": "retune-1",
    }
    assert asked.model == "meta-llama/Meta-Llama-3.1-8B-Instruct-LoRa:retune-1-Ab01"
    assert asked.status == STARTING
    for state, status in (("unknown", STARTING), ("active", ACTIVE), ("error", "failed")):
        nebius_script.deployments[asked.model]["status"] = state
        assert (await nebius.get_deployment(asked.provider_deployment_id)).status == status


async def test_nebius_asked_twice_serves_once(nebius, nebius_script):
    await nebius.deploy(replace(ADAPTER, name="retune-12"))  # a longer name is another one
    first = await nebius.deploy(ADAPTER)
    assert (await nebius.deploy(ADAPTER)).model == first.model
    assert len(nebius_script.deployments) == 2


async def test_nebius_without_a_list_is_asked_all_the_same(nebius, nebius_script):
    nebius_script.lists_adapters = False
    assert (await nebius.deploy(ADAPTER)).status == STARTING


async def test_nebius_deploys_the_last_checkpoint_when_none_is_named(nebius, nebius_script):
    for step in (4, 2):
        nebius_script.add_checkpoint("ftjob-1", step, id=f"ck-{step}", result_files=["file-1"])
        del nebius_script.checkpoints["ftjob-1"][-1]["fine_tuned_model_checkpoint"]
    await nebius.deploy(replace(ADAPTER, checkpoint_id=""))
    assert nebius_script.requests[-1].json()["source"] == "ftjob-1:ck-4"
    with pytest.raises(ProviderError, match="no checkpoint"):
        await nebius.deploy(replace(ADAPTER, name="other", checkpoint_id="", provider_job_id="x"))


async def test_a_served_adapter_of_nebius_is_deleted_and_then_gone(nebius):
    name = (await nebius.deploy(ADAPTER)).provider_deployment_id
    assert (await nebius.stop_deployment(name)).status == STOPPED
    assert (await nebius.get_deployment(name)).status == STOPPED
    assert (await nebius.stop_deployment(name)).status == STOPPED


@pytest.mark.parametrize("profile", ["openai", "engine", "generic", "crusoe"])
async def test_who_cannot_deploy_says_so(fake_server, trusted_network, profile):
    adapter = OpenAIProvider(Account(fake_server.url, KEY), profile_for(profile))
    for call in (adapter.deploy(SPEC), adapter.get_deployment("x"), adapter.stop_deployment("x")):
        with pytest.raises(ProviderError) as refusal:
            await call
        assert refusal.value.code == "not_offered"
    assert profile_for(profile).why_not("deploys")
    await adapter.close()
