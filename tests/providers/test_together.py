"""What only Together has: our key in the suffix, settings of its own, curves beside the events."""

from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import pytest
import pytest_asyncio

from apps.providers.adapters.suffix_keys import read_suffix, suffix_with_key
from apps.providers.types import Method, ProviderUnavailable
from tests.providers.dialects import CLIENT_KEY, TogetherDialect
from tests.providers.scripted import TogetherScript

DIALECT = TogetherDialect("together")
KEY = suffix_with_key("", CLIENT_KEY)


@pytest.fixture
def script() -> TogetherScript:
    return DIALECT.script()


@pytest_asyncio.fixture
async def together(script: TogetherScript, trusted_network: None) -> AsyncIterator[Any]:
    adapter = DIALECT.adapter(script)
    yield adapter
    await adapter.close()


@pytest.mark.parametrize("words", ["", "bot", "acme-bot", "-", "a" * 64, "with spaces äö"])
def test_the_key_is_read_back_from_any_suffix(words):
    sent = suffix_with_key(words, CLIENT_KEY)
    assert len(sent) <= 40
    kept, key = read_suffix(sent)
    assert key == CLIENT_KEY
    assert words.startswith(kept)


@pytest.mark.parametrize(
    "words", ["", "parrot", "a" * 25, "z" * 25, "my-0123456789abcdefghijklmno"]
)
def test_other_peoples_suffixes_hold_no_key(words):
    assert read_suffix(words) == (words, "")


async def test_a_job_is_asked_for_in_togethers_own_words(together, script):
    chosen = {
        "n_epochs": 3,
        "learning_rate": 2e-5,
        "lr_scheduler": "linear",
        "context_length": 4096,
        "lora_r": 16,
        "train_on_inputs": False,
        "early_stopping": True,
    }
    spec = DIALECT.spec(hyperparameters=chosen, seed=3, suffix="bot", validation_file="file-2")
    await together.create_job(spec)
    assert script.requests[-1].json() == {
        "model": "tiny-chat-1m",
        "training_file": "file-1",
        "validation_file": "file-2",
        "suffix": f"bot-{KEY}",
        "random_seed": 3,
        "n_epochs": 3,
        "learning_rate": 2e-5,
        "max_seq_length": 4096,
        "early_stopping_enabled": True,
        "lr_scheduler": {"lr_scheduler_type": "linear", "lr_scheduler_args": {"min_lr_ratio": 0.0}},
        "training_type": {"type": "Lora", "lora_r": 16, "lora_alpha": 32},
        "training_method": {"method": "sft", "train_on_inputs": False},
    }


async def test_what_nobody_chose_is_left_to_together(together, script):
    await together.create_job(DIALECT.spec(method=Method.DPO, hyperparameters={"beta": 0.2}))
    assert script.requests[-1].json() == {
        "model": "tiny-chat-1m",
        "training_file": "file-1",
        "suffix": KEY,
        "training_method": {"method": "dpo", "dpo_beta": 0.2},
    }
    full = DIALECT.spec(hyperparameters={"lora": False})
    await together.create_job(full)
    assert script.requests[-1].json()["training_type"] == {"type": "Full"}


@pytest.mark.parametrize("tuned", ["ft-9", "ft-9:40", "test/Llama-bot"])
async def test_a_tuned_model_is_named_in_a_field_of_its_own(together, script, tuned):
    script.add_job(status="completed", model_output_name="test/Llama-bot")
    await together.create_job(DIALECT.spec(base_model=tuned))
    asked = script.requests[-1].json()
    assert (asked["from_checkpoint"], "model" in asked) == (tuned, False)


async def test_curves_have_our_names_and_evaluations_are_over_the_whole_file(together, script):
    job_id = script.add_job(status="running")["id"]
    script.metrics[job_id] = [
        {"train/global_step": 7, "train/loss": 0.5, "train/grad/norm": 2},
        {"eval/global_step": 7, "eval/loss": 0.6},
        {"loss": 1},
    ]
    events = await together.list_events(job_id)
    assert {event.provider_event_id: event.data for event in events} == {
        "metrics-train-7": {"step": 7, "train_loss": 0.5, "train_grad_norm": 2.0},
        "metrics-eval-7": {"step": 7, "full_valid_loss": 0.6},
    }
    await together.list_events(job_id, known_ids=frozenset({"metrics-train-7"}))
    assert script.requests[-1].asked("global_step_from") == "7"


async def test_a_job_whose_curves_are_refused_still_has_its_events(together, script):
    job_id = script.add_job(status="running")["id"]
    script.add_event(job_id, message="Hello")
    script.break_next("GET", ".*/metrics", status=404)
    (event,) = await together.list_events(job_id)
    assert event.message == "Hello"


async def test_a_price_is_in_billionths_of_a_dollar_and_nothing_is_not_zero(together, script):
    job = script.add_job(total_price=1_230_000_000, steps_completed=4, total_steps=10)
    told = await together.get_job(job["id"])
    assert (told.usd, told.step, told.total_steps) == (Decimal("1.23"), 4, 10)
    assert (await together.get_job(script.add_job()["id"])).usd is None


async def test_a_file_that_together_found_broken_is_not_found(together, script):
    file = script.add_file("a.jsonl", b"{}")
    assert await together.find_file("a.jsonl", 2) == file["id"]
    file["processing_status"] = "INVALID_FORMAT"
    assert await together.find_file("a.jsonl", 2) is None


async def test_a_file_that_was_sent_but_not_looked_through_is_looked_through(
    together, script, tmp_path
):
    path = tmp_path / "a"
    path.write_bytes(b"{}")
    script.break_next("POST", ".*/preprocess", status=500)
    with pytest.raises(ProviderUnavailable):
        await together.upload_file(path, "a.jsonl")
    assert await together.find_file("a.jsonl", 2) is None
    file_id = await together.upload_file(path, "a.jsonl")
    assert await together.find_file("a.jsonl", 2) == file_id
    assert list(script.files) == [file_id]


async def test_a_deployment_has_its_hardware_copies_price_and_the_endpoints_name(together, script):
    job_id = script.add_job(**DIALECT.success("m"))["id"]
    options = {"hardware": "1x_nvidia_h100_80gb", "min_replicas": 2, "inactive_timeout": 60}
    spec = DIALECT.deployment(job_id)
    made = await together.deploy(type(spec)(spec.name, spec.model, "b", job_id, "", options))
    asked = next(seen for seen in script.requests if seen.path.endswith("/deployments")).json()
    assert asked == {
        "name": "retune",
        "model": "projects/proj_test/models/ml_1",
        "config": "projects/proj_public/configs/cr_1",
        "autoscaling": {"minReplicas": 2, "maxReplicas": 2},
        "inactiveTimeout": 60,
    }
    assert (made.model, made.hourly_usd) == ("test/retune-1", Decimal("3.99"))
    (endpoint,) = script.endpoints.values()
    assert len(endpoint["trafficSplit"]) == 1


async def test_a_key_that_sees_two_projects_is_asked_which_one(together, script):
    script.projects.append({"id": "proj_2"})
    job_id = script.add_job(**DIALECT.success("m"))["id"]
    with pytest.raises(Exception, match="several projects"):
        await together.deploy(DIALECT.deployment(job_id))
