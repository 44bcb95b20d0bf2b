"""Result files: the curves of jobs whose events carried no numbers."""

import pytest

from apps.jobs import tasks
from apps.jobs.models import Job, MetricPoint
from apps.jobs.news import results
from apps.providers.types import JobStatus, ProviderError, ProviderUnavailable
from tests.jobs.conftest import later

FILE = b"step,train_loss,train_accuracy,valid_loss,valid_mean_token_accuracy\n1,2.5,0.4,,\n2,2.0,0.5,2.2,0.6\n"  # noqa: E501


def test_a_file_is_read_by_its_columns_and_blanks_stay_missing():
    assert results.points_in(FILE) == {
        1: {"train_loss": 2.5, "train_mean_token_accuracy": 0.4},
        2: {
            "train_loss": 2.0,
            "train_mean_token_accuracy": 0.5,
            "valid_loss": 2.2,
            "valid_mean_token_accuracy": 0.6,
        },
    }


@pytest.mark.parametrize(
    "content",
    [b"", b"step\n1\n", b"\x00\xff\xfe", b"a,b\n1,2\n", b"step,x\nnan,1\n", b'step,"x\n1,2', b"{}"],
)
def test_what_is_no_table_of_steps_has_no_numbers(content):
    assert results.points_in(content) == {}


def end_with(provider, content: bytes | Exception) -> Job:
    async def file_content(_file_id: str) -> bytes:
        await provider._called("file_content")
        if isinstance(content, Exception):
            raise content
        return content

    provider.file_content = file_content
    provider.tell("ftjob-1", status=JobStatus.SUCCEEDED, result_files=["file-9"])
    later(Job.objects.get())
    tasks.poll_due_jobs()
    return Job.objects.get()


def test_an_ended_job_without_numbers_gets_those_of_its_file(running_job, provider):
    provider.add_event("ftjob-1", 1, message="Done")
    job = end_with(provider, FILE)
    assert (job.status, job.step, job.sparkline) == (JobStatus.SUCCEEDED, 2, [[1, 2.5], [2, 2.0]])
    assert job.latest_metrics["valid_loss"] == [2, 2.2]
    assert job.results_read_at is not None


def test_numbers_of_events_are_enough(running_job, provider):
    provider.add_step("ftjob-1", 1, train_loss=9.0)
    job = end_with(provider, FILE)
    assert (job.sparkline, provider.calls["file_content"]) == ([[1, 9.0]], 0)


def test_a_file_that_is_gone_does_not_keep_a_job_from_ending(running_job, provider):
    job = end_with(provider, ProviderError("No such file", status=404))
    assert (job.status, MetricPoint.objects.count()) == (JobStatus.SUCCEEDED, 0)
    assert job.results_read_at is None


def test_a_file_that_cannot_be_had_now_is_asked_for_again(running_job, provider):
    assert end_with(provider, ProviderUnavailable("busy")).status == JobStatus.RUNNING
    assert end_with(provider, FILE).status == JobStatus.SUCCEEDED
