"""A job from creation to its tuned model, with a real trainer and a real training."""

import base64
import json

import pytest
from openai import ConflictError, NotFoundError, OpenAI

from tests.engine.jobs import LONG, SHORT, messages, metrics, start_job, wait_for
from tests.engine_server import Engine
from tests.factories import chat_file, chat_row, make_workspace

pytestmark = pytest.mark.usefixtures("trainer")


def test_a_job_trains_a_model_that_answers(engine: Engine, sdk: OpenAI, training_file: str) -> None:
    job = start_job(sdk, training_file, suffix="My Bot!", validation_file=training_file)
    assert (job.status, job.fine_tuned_model, job.seed) == ("validating_files", None, 7)
    job = wait_for(sdk, job.id, "succeeded")

    assert job.fine_tuned_model.startswith("ft:tiny-chat-1m:acme-labs:my-bot:")
    assert job.hyperparameters.learning_rate_multiplier == 1.0
    assert job.trained_tokens > 0
    assert job.finished_at >= job.created_at
    answer = sdk.chat.completions.create(
        model=job.fine_tuned_model, messages=[{"role": "user", "content": "Question 1?"}]
    )
    assert answer.model == job.fine_tuned_model
    assert answer.choices[0].finish_reason in {"stop", "length"}


def test_every_step_is_told_once_and_every_epoch_leaves_a_checkpoint(
    engine: Engine, sdk: OpenAI, training_file: str
) -> None:
    job = wait_for(
        sdk, start_job(sdk, training_file, validation_file=training_file).id, "succeeded"
    )

    told = metrics(sdk, job.id)
    assert [figures["step"] for figures in told] == [1, 2, 3, 4, 5, 6]
    assert {figures["total_steps"] for figures in told} == {6}
    assert [figures["step"] for figures in told if "full_valid_loss" in figures] == [3, 6]

    checkpoints = sdk.fine_tuning.jobs.checkpoints.list(job.id).data
    assert [checkpoint.step_number for checkpoint in checkpoints] == [6, 3]
    first = checkpoints[-1]
    assert first.fine_tuned_model_checkpoint.endswith(":ckpt-step-3")
    assert first.metrics.full_valid_loss == told[2]["full_valid_loss"]
    answer = sdk.chat.completions.create(
        model=first.fine_tuned_model_checkpoint, messages=[{"role": "user", "content": "Hi"}]
    )
    assert answer.usage.completion_tokens > 0


def test_the_result_file_is_base64_csv_with_openais_columns(
    engine: Engine, sdk: OpenAI, training_file: str
) -> None:
    job = wait_for(sdk, start_job(sdk, training_file).id, "succeeded")
    file = sdk.files.retrieve(job.result_files[0])
    assert file.purpose == "fine-tune-results"
    lines = base64.b64decode(sdk.files.content(file.id).content).decode().splitlines()
    assert lines[0] == "step,train_loss,train_accuracy,valid_loss,valid_mean_token_accuracy"
    assert [line.split(",")[0] for line in lines[1:]] == ["1", "2", "3", "4", "5", "6"]


def test_a_tuned_model_can_be_trained_further(
    engine: Engine, sdk: OpenAI, training_file: str
) -> None:
    first = wait_for(sdk, start_job(sdk, training_file).id, "succeeded")
    second = start_job(sdk, training_file, model=first.fine_tuned_model)
    second = wait_for(sdk, second.id, "succeeded")
    assert second.model == first.fine_tuned_model
    assert metrics(sdk, second.id)[0]["train_loss"] < metrics(sdk, first.id)[0]["train_loss"]


def test_a_deleted_model_no_longer_answers(
    engine: Engine, sdk: OpenAI, training_file: str, long_file: str
) -> None:
    job = wait_for(sdk, start_job(sdk, training_file).id, "succeeded")
    name = job.fine_tuned_model
    assert [model.id for model in sdk.models.list()][:2] == ["tiny-chat-1m", name]
    with pytest.raises(NotFoundError):
        engine.client(make_workspace()).models.delete(name)

    next_job = start_job(sdk, long_file, model=name, hyperparameters=LONG)
    with pytest.raises(ConflictError, match=next_job.id):
        sdk.models.delete(name)
    sdk.fine_tuning.jobs.cancel(next_job.id)
    wait_for(sdk, next_job.id, "cancelled")  # whoever has begun with it stops first
    assert sdk.models.delete(name).deleted
    with pytest.raises(NotFoundError):
        sdk.chat.completions.create(model=name, messages=[{"role": "user", "content": "Hi"}])


def test_what_happened_to_examples_is_told(engine: Engine, sdk: OpenAI) -> None:
    silent = chat_row()
    silent["messages"][-1]["weight"] = 0
    rows = [chat_row(f"Question {n}") for n in range(9)]
    rows += [chat_row("Long?", "Very long. " * 60), silent]
    content = "\n".join(json.dumps(row) for row in rows).encode()
    file = sdk.files.create(file=("train.jsonl", content), purpose="fine-tune")
    job = wait_for(sdk, start_job(sdk, file.id).id, "succeeded")
    story = messages(sdk, job.id)
    assert "1 example(s) are too long for this model and were shortened: 10" in story
    assert "1 example(s) are without anything to learn and were left out: 11" in story


def test_a_training_that_diverges_fails_and_says_what_to_try(
    engine: Engine, sdk: OpenAI, training_file: str
) -> None:
    wild = {**SHORT, "learning_rate_multiplier": 1e30}
    job = wait_for(sdk, start_job(sdk, training_file, hyperparameters=wild).id, "failed")
    assert job.error.code == "training_diverged"
    assert "smaller learning_rate_multiplier" in job.error.message


def test_files_that_cannot_be_trained_on_fail_the_job_in_openais_words(
    engine: Engine, sdk: OpenAI
) -> None:
    no_role = b'{"messages": [{"content": "Hi"}]}\n'
    cases = {
        chat_file(9): ("invalid_n_examples", "Training file has 9 example(s), but must have at"),
        chat_file(10) + no_role: (
            "invalid_training_file",
            "Example 11, message 0 Discriminator 'role' is missing in value",
        ),
        chat_file(10) + b'{"prompt": "a", "completion": "b"}\n': (
            "invalid_training_file",
            "Unexpected file format",
        ),
    }
    for content, (code, words) in cases.items():
        file = sdk.files.create(file=("train.jsonl", content), purpose="fine-tune")
        job = wait_for(sdk, start_job(sdk, file.id).id, "failed")
        assert (job.error.code, job.error.param) == (code, "training_file")
        assert words in job.error.message


def test_a_validation_file_is_judged_too(engine: Engine, sdk: OpenAI, training_file: str) -> None:
    content = b'{"messages": [{"role": "user", "content": "Hi", "weight": 1}]}\n'
    file = sdk.files.create(file=("valid.jsonl", content), purpose="fine-tune")
    job = wait_for(sdk, start_job(sdk, training_file, validation_file=file.id).id, "failed")
    assert (job.error.code, job.error.param) == ("invalid_validation_file", "validation_file")
    assert "only assistant messages" in job.error.message
