"""A job from creation to its tuned model, with a real trainer and a real training."""

import base64

from openai import OpenAI

from tests.engine.jobs import metrics, start_job, wait_for
from tests.engine_server import Engine


def test_a_job_trains_a_model_that_answers(engine: Engine, sdk: OpenAI, training_file: str) -> None:
    job = start_job(sdk, training_file, suffix="My Bot!", validation_file=training_file)
    assert (job.status, job.fine_tuned_model, job.seed) == ("validating_files", None, 7)
    engine.trainer()
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
    engine.trainer()
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
    engine.trainer()
    job = wait_for(sdk, start_job(sdk, training_file).id, "succeeded")
    file = sdk.files.retrieve(job.result_files[0])
    assert file.purpose == "fine-tune-results"
    lines = base64.b64decode(sdk.files.content(file.id).content).decode().splitlines()
    assert lines[0] == "step,train_loss,train_accuracy,valid_loss,valid_mean_token_accuracy"
    assert [line.split(",")[0] for line in lines[1:]] == ["1", "2", "3", "4", "5", "6"]
