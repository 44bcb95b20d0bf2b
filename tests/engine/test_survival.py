"""What a training survives: its process killed, its trainer stopped or killed, a change of mind."""

import os
import signal
import subprocess
from pathlib import Path

import pytest
from django.db import connection
from openai import BadRequestError, OpenAI

from tests.engine.jobs import (
    LONG,
    messages,
    metrics,
    start_job,
    steps_told,
    wait_for,
    wait_for_event,
)
from tests.engine_server import Engine, wait_until

pytestmark = pytest.mark.whole


def child_of(trainer: "subprocess.Popen[bytes]") -> int:
    """Return the process that trains, once it is there."""
    children = Path(f"/proc/{trainer.pid}/task/{trainer.pid}/children")
    found: list[str] = []
    wait_until(lambda: found.extend(children.read_text().split()) or found, "a training process")
    return int(found[0])


def has_saved(job_id: str, data_dir: Path) -> bool:
    return (data_dir / "engine" / "states" / f"{job_id}.npz").exists()


def assert_every_step_was_told_once(sdk: OpenAI, job_id: str) -> None:
    told = metrics(sdk, job_id)
    assert [figures["step"] for figures in told] == list(range(1, len(told) + 1))


def test_a_killed_training_goes_on_from_its_last_saved_state(
    engine: Engine, sdk: OpenAI, long_file: str, settings
) -> None:
    trainer = engine.trainer()
    job = start_job(sdk, long_file, hyperparameters=LONG)
    wait_until(lambda: has_saved(job.id, settings.DATA_DIR), "a saved state")
    told = steps_told(job.id)
    wait_until(lambda: steps_told(job.id) > told, "steps beyond the saved state")
    os.kill(child_of(trainer), signal.SIGKILL)

    killed = "Training was interrupted: the training process was killed by SIGKILL."
    wait_for_event(job.id, killed)
    wait_for_event(job.id, "Training goes on from step ")
    told = steps_told(job.id)
    wait_until(lambda: steps_told(job.id) > told, "steps that were not told before")
    sdk.fine_tuning.jobs.cancel(job.id)
    assert_every_step_was_told_once(sdk, job.id)


def test_a_trainer_that_is_stopped_gives_its_job_to_the_next(
    engine: Engine, sdk: OpenAI, long_file: str
) -> None:
    engine.trainer()
    job = start_job(sdk, long_file, hyperparameters=LONG)
    wait_for_event(job.id, "Step ")
    engine.stop_trainers()
    assert sdk.fine_tuning.jobs.retrieve(job.id).status == "running"

    engine.trainer()
    wait_for_event(job.id, "Training goes on from step ")
    assert not any("interrupted" in text for text in messages(sdk, job.id))
    sdk.fine_tuning.jobs.cancel(job.id)


def test_a_killed_trainer_takes_its_training_process_with_it(
    engine: Engine, sdk: OpenAI, long_file: str
) -> None:
    trainer = engine.trainer()
    job = start_job(sdk, long_file, hyperparameters=LONG)
    wait_for_event(job.id, "Step ")
    child = child_of(trainer)
    trainer.kill()
    wait_until(lambda: not Path(f"/proc/{child}").exists(), "the training process to end")

    engine.trainer()
    wait_for_event(job.id, "Training goes on from step ")
    sdk.fine_tuning.jobs.cancel(job.id)


def test_a_training_outlives_a_database_that_drops_every_connection(
    engine: Engine, sdk: OpenAI, training_file: str
) -> None:
    engine.trainer()
    job = start_job(sdk, training_file, hyperparameters={**LONG, "n_epochs": 10})
    wait_for_event(job.id, "Step ")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    wait_for(sdk, job.id, "succeeded")
    assert_every_step_was_told_once(sdk, job.id)
    assert len(metrics(sdk, job.id)) == 120


def test_a_training_that_keeps_dying_fails_with_the_reason(
    engine: Engine, sdk: OpenAI, long_file: str
) -> None:
    trainer = engine.trainer()
    job = start_job(sdk, long_file, hyperparameters=LONG)
    for _ in range(4):
        child = child_of(trainer)
        os.kill(child, signal.SIGKILL)
        wait_until(lambda dead=child: not Path(f"/proc/{dead}").exists(), "the kill")
    job = wait_for(sdk, job.id, "failed")
    assert job.error.code == "training_interrupted"
    assert "killed by SIGKILL" in job.error.message


def test_a_cancelled_job_keeps_what_it_has_learned(
    engine: Engine, sdk: OpenAI, long_file: str
) -> None:
    engine.trainer()
    job = start_job(sdk, long_file, hyperparameters=LONG)
    wait_for_event(job.id, "Step ")
    job = sdk.fine_tuning.jobs.retrieve(job.id)
    assert (job.status, job.estimated_finish >= job.created_at) == ("running", True)
    job = sdk.fine_tuning.jobs.cancel(job.id)

    assert (job.status, job.fine_tuned_model) == ("cancelled", None)
    last = metrics(sdk, job.id)[-1]["step"]
    newest = sdk.fine_tuning.jobs.checkpoints.list(job.id, limit=1).data[0]
    assert newest.step_number == last
    answer = sdk.chat.completions.create(
        model=newest.fine_tuned_model_checkpoint, messages=[{"role": "user", "content": "Hi"}]
    )
    assert answer.choices[0].message.role == "assistant"


def test_a_waiting_job_is_cancelled_at_once_and_a_finished_one_not_at_all(
    sdk: OpenAI, training_file: str
) -> None:
    job = start_job(sdk, training_file)
    assert sdk.fine_tuning.jobs.cancel(job.id).status == "cancelled"
    with pytest.raises(BadRequestError, match="already completed") as refusal:
        sdk.fine_tuning.jobs.cancel(job.id)
    assert refusal.value.code == "job_already_finished"
