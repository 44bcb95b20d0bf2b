"""/v1/fine_tuning/jobs without a trainer: what is taken in, and what is refused."""

from typing import Any

import pytest
from openai import BadRequestError, NotFoundError, OpenAI

from tests.engine.jobs import messages, start_job


def test_a_new_job_says_what_was_asked_for(sdk: OpenAI, training_file: str) -> None:
    job = sdk.fine_tuning.jobs.create(
        model="tiny-chat-1m",
        training_file=training_file,
        hyperparameters={"n_epochs": 3},
        metadata={"retune_job": "1"},
        suffix="pirate",
    )
    assert job.id.startswith("ftjob-")
    assert (job.object, job.status, job.model) == (
        "fine_tuning.job",
        "validating_files",
        "tiny-chat-1m",
    )
    assert job.organization_id.startswith("org-")
    assert (job.training_file, job.validation_file) == (training_file, None)
    assert (job.result_files, job.trained_tokens, job.finished_at) == ([], None, None)
    assert (job.error, job.estimated_finish, job.fine_tuned_model) == (None, None, None)
    assert 0 <= job.seed < 2**31
    assert job.metadata == {"retune_job": "1"}
    expected = {"n_epochs": 3, "batch_size": "auto", "learning_rate_multiplier": "auto"}
    assert job.hyperparameters.to_dict() == expected
    assert job.method.supervised.hyperparameters.to_dict() == expected
    assert sdk.fine_tuning.jobs.retrieve(job.id) == job
    assert messages(sdk, job.id)[0] == f"Created fine-tuning job: {job.id}"


REFUSED: list[tuple[dict[str, Any], str, str]] = [
    ({"model": "gpt-4.1-mini"}, "model", "not available for fine-tuning"),
    ({"model": ""}, "model", "Missing required parameter"),
    ({"training_file": "file-none"}, "training_file", "Cannot find file file-none"),
    ({"validation_file": "file-none"}, "validation_file", "Cannot find file file-none"),
    ({"method": {"type": "dpo"}}, "method.type", "'supervised' only"),
    ({"hyperparameters": {"n_epochs": 51}}, "hyperparameters.n_epochs", "from 1 to 50"),
    ({"hyperparameters": {"batch_size": 1.5}}, "hyperparameters.batch_size", "whole number"),
    (
        {"hyperparameters": {"learning_rate_multiplier": 0}},
        "hyperparameters.learning_rate_multiplier",
        "above 0",
    ),
    ({"hyperparameters": {"beta": 1}}, "hyperparameters.beta", "Unknown parameter"),
    ({"suffix": "x" * 65}, "suffix", "maximum length 64"),
    ({"suffix": "…"}, "suffix", "a letter"),
    ({"seed": -1}, "seed", ">= 0"),
    ({"seed": 2**31}, "seed", "<= 2147483647"),
    ({"metadata": {str(n): "" for n in range(17)}}, "metadata", "at most 16"),
    ({"metadata": {"k" * 65: ""}}, "metadata", "maximum length 64"),
    ({"metadata": {"k": "v" * 513}}, "metadata.k", "maximum length 512"),
    ({"metadata": {"k": "\0"}}, "metadata.k", "NUL"),
    ({"suffix": "a\0"}, "suffix", "NUL"),
    ({"training_file": "file-\0"}, "training_file", "NUL"),
    ({"metadata": {"k": 1}}, "metadata.k", "expected a string"),
    ({"integrations": [{"type": "wandb"}]}, "integrations", "no integrations"),
    ({"extra_body": {"colour": "red"}}, "colour", "Unknown parameter: 'colour'"),
]


@pytest.mark.parametrize(("wanted", "param", "words"), REFUSED)
def test_what_cannot_be_done_is_refused_in_words(
    sdk: OpenAI, training_file: str, wanted: dict[str, Any], param: str, words: str
) -> None:
    defaults = {"model": "tiny-chat-1m", "training_file": training_file}
    with pytest.raises(BadRequestError, match=words) as refusal:
        sdk.fine_tuning.jobs.create(**{**defaults, **wanted})
    assert refusal.value.param == param
    assert refusal.value.type == "invalid_request_error"
    assert list(sdk.fine_tuning.jobs.list()) == []


def test_jobs_are_listed_newest_first_page_by_page(sdk: OpenAI, training_file: str) -> None:
    made = [start_job(sdk, training_file).id for _ in range(5)]
    page = sdk.fine_tuning.jobs.list(limit=2)
    assert ([job.id for job in page.data], page.has_more) == ([made[4], made[3]], True)
    last = sdk.fine_tuning.jobs.list(limit=2, after=made[2])
    assert ([job.id for job in last.data], last.has_more) == ([made[1], made[0]], False)
    assert [job.id for job in sdk.fine_tuning.jobs.list(limit=2)] == made[::-1]
    with pytest.raises(BadRequestError, match="'after'"):
        sdk.fine_tuning.jobs.list(after="ftjob-none")


def test_jobs_are_found_by_their_metadata(sdk: OpenAI, training_file: str) -> None:
    plain = start_job(sdk, training_file)
    first = start_job(sdk, training_file, metadata={"retune_job": "a", "team": "x"})
    start_job(sdk, training_file, metadata={"retune_job": "b", "team": "x"})

    def found(**query: Any) -> list[str]:
        return [job.id for job in sdk.fine_tuning.jobs.list(**query)]

    assert found(metadata={"retune_job": "a"}) == [first.id]
    assert found(metadata={"retune_job": "a", "team": "y"}) == []
    assert found(extra_query={"metadata": "null"}) == [plain.id]
    assert len(found()) == 3


def test_events_are_listed_newest_first_page_by_page(sdk: OpenAI, training_file: str) -> None:
    job = start_job(sdk, training_file)
    newest = sdk.fine_tuning.jobs.list_events(job.id, limit=1)
    assert newest.data[0].message == f"Validating training file: {training_file}"
    assert (newest.data[0].level, newest.data[0].type) == ("info", "message")
    assert newest.has_more
    older = sdk.fine_tuning.jobs.list_events(job.id, limit=1, after=newest.data[0].id)
    assert older.data[0].message == f"Created fine-tuning job: {job.id}"
    assert not older.has_more


def test_a_job_that_is_not_there_is_not_found(sdk: OpenAI) -> None:
    for ask in (
        sdk.fine_tuning.jobs.retrieve,
        sdk.fine_tuning.jobs.cancel,
        sdk.fine_tuning.jobs.list_events,
        sdk.fine_tuning.jobs.checkpoints.list,
    ):
        with pytest.raises(NotFoundError):
            ask("ftjob-none")


def test_jobs_cannot_be_paused_and_say_so(sdk: OpenAI, training_file: str) -> None:
    job = start_job(sdk, training_file)
    with pytest.raises(BadRequestError, match="cannot be paused"):
        sdk.fine_tuning.jobs.pause(job.id)
