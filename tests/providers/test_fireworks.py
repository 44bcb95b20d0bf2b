"""What only Fireworks has: names that we choose, three lists of jobs, LoRA as the beginning."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from apps.providers.adapters.fireworks import files, names
from apps.providers.types import NOT_OFFERED, JobStatus, Method, ProviderError
from tests.providers.dialects import CLIENT_KEY, FireworksDialect
from tests.providers.scripted import FireworksScript
from tests.providers.scripted.fireworks import ACCOUNT, ID, model

DIALECT = FireworksDialect("fireworks")
BASE = "accounts/fireworks/models/llama-v3p1-8b-instruct"
MINE = f"retune-{CLIENT_KEY}"


@pytest.fixture
def script() -> FireworksScript:
    return DIALECT.script()


@pytest_asyncio.fixture
async def fireworks(script: FireworksScript, trusted_network: None) -> AsyncIterator[Any]:
    adapter = DIALECT.adapter(script)
    yield adapter
    await adapter.close()


@pytest.mark.parametrize("words", ["a.jsonl", "Ünï cödé", "x" * 99 + ".jsonl", "9", "", "--"])
def test_an_id_of_a_dataset_is_one_that_fireworks_takes(words):
    assert ID.fullmatch(names.dataset_id(words, 10**11))
    assert ID.fullmatch(names.model_id(words, CLIENT_KEY))
    assert names.dataset_id(words, 1) != names.dataset_id(words, 2)


async def test_a_supervised_job_in_fireworks_own_words(fireworks, script):
    chosen = {"n_epochs": 2, "learning_rate": 1e-4, "lora_r": 16, "early_stopping": True}
    spec = DIALECT.spec(hyperparameters=chosen, suffix="My Bot", validation_file="ds-2")
    made = await fireworks.create_job(spec)
    sent = script.requests[-1]
    assert sent.path == "/v1/accounts/test/supervisedFineTuningJobs"
    assert sent.asked("supervisedFineTuningJobId") == MINE
    assert sent.json() == {
        "displayName": "My Bot",
        "dataset": "accounts/test/datasets/file-1",
        "evaluationDataset": "accounts/test/datasets/ds-2",
        "baseModel": BASE,
        "outputModel": "my-bot-6f1c0f5e",
        "epochs": 2,
        "learningRate": 1e-4,
        "loraRank": 16,
        "earlyStop": True,
    }
    assert made.provider_job_id == f"supervisedFineTuningJobs/{MINE}"


async def test_a_preference_job_keeps_its_settings_together(fireworks, script):
    spec = DIALECT.spec(method=Method.DPO, hyperparameters={"n_epochs": 2, "beta": 0.2})
    made = await fireworks.create_job(spec)
    assert script.requests[-1].json() == {
        "dataset": "accounts/test/datasets/file-1",
        "trainingConfig": {"baseModel": BASE, "epochs": 2},
        "lossConfig": {"method": "DPO", "dpo": {"beta": 0.2}},
    }
    assert (made.method, made.base_model) == (Method.DPO, BASE)


async def test_the_same_job_asked_for_twice_is_one(fireworks, script):
    first = await fireworks.create_job(DIALECT.spec())
    assert await fireworks.create_job(DIALECT.spec()) == first
    assert len(script.jobs) == 1


async def test_a_job_by_reinforcement_is_followed_but_not_started(fireworks, script):
    script.add_job(kind="reinforcementFineTuningJobs", name=f"{ACCOUNT}/{RFT}")
    assert (await fireworks.get_job(RFT)).method == Method.REINFORCEMENT
    assert [job.provider_job_id for job in await fireworks.list_jobs()] == [RFT]
    with pytest.raises(ProviderError) as caught:
        await fireworks.create_job(DIALECT.spec(method=Method.REINFORCEMENT))
    assert caught.value.code == NOT_OFFERED


RFT = "reinforcementFineTuningJobs/rft-1"


@pytest.mark.parametrize(
    ("kind", "field"), [("HF_PEFT_ADDON", "warmStartFrom"), ("HF_BASE_MODEL", "baseModel")]
)
async def test_a_lora_adapter_is_named_in_a_field_of_its_own(fireworks, script, kind, field):
    mine = f"{ACCOUNT}/models/my-bot"
    script.models.append(model(mine, kind=kind))
    await fireworks.create_job(DIALECT.spec(base_model=mine))
    asked = script.requests[-1].json()
    assert asked[field] == mine
    assert {"warmStartFrom", "baseModel"} & asked.keys() == {field}


async def test_a_job_that_names_no_model_gives_it_its_own_name(fireworks, script):
    facts = {"state": "JOB_STATE_COMPLETED", "outputModel": ""}
    job = await fireworks.get_job(DIALECT.add_job(script, **facts))
    own = job.provider_job_id.partition("/")[2]
    assert job.fine_tuned_model == f"{ACCOUNT}/models/{own}"


async def test_a_job_that_fireworks_paused_can_go_on(fireworks, script):
    job_id = DIALECT.add_job(script, state="JOB_STATE_PAUSED")
    assert (await fireworks.resume_job(job_id)).status == JobStatus.QUEUED


async def test_a_large_file_goes_to_the_storage_without_the_key(
    fireworks, script, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(files, "IN_ONE_CALL", 3)
    path = tmp_path / "a"
    path.write_bytes(b'{"a": 1}\n{"a": 2}\n')
    file_id = await fireworks.upload_file(path, "a.jsonl")
    assert await fireworks.find_file("a.jsonl", path.stat().st_size) == file_id
    (sent,) = [seen for seen in script.requests if seen.method == "PUT"]
    assert sent.body == path.read_bytes()
    assert "authorization" not in sent.headers
    assert sent.headers["x-goog-content-length-range"] == "18,18"
    (dataset,) = script.files.values()
    assert dataset["exampleCount"] == "2"


async def test_a_model_has_the_day_it_ends_and_whether_it_can_be_trained(fireworks, script):
    ends = {"year": 2027, "month": 1, "day": 5}
    script.models = [model(BASE, deprecationDate=ends), model(f"{ACCOUNT}/models/x", tunable=None)]
    told = {each.id: (each.shutdown_date, each.can_tune) for each in await fireworks.list_models()}
    assert told == {BASE: ("2027-01-05", True), f"{ACCOUNT}/models/x": (None, None)}


async def test_a_served_model_is_asked_by_its_own_name_and_the_deployments(fireworks, script):
    spec = DIALECT.deployment("supervisedFineTuningJobs/x")
    options = {"accelerator_type": "NVIDIA_H100_80GB", "min_replica_count": 0}
    tuned = f"{ACCOUNT}/models/my-bot"
    made = await fireworks.deploy(type(spec)("retune-1", tuned, "b", options=options))
    asked = next(seen for seen in script.requests if seen.path.endswith("/deployments")).json()
    assert asked == {
        "baseModel": tuned,
        "displayName": "retune-1",
        "acceleratorType": "NVIDIA_H100_80GB",
        "minReplicaCount": 0,
    }
    assert made.model == f"{tuned}#{ACCOUNT}/deployments/retune-1"


async def test_a_key_that_sees_two_accounts_is_asked_which_one(fireworks, script):
    script.accounts.append({"name": "accounts/second"})
    with pytest.raises(ProviderError, match="several accounts"):
        await fireworks.list_jobs()
