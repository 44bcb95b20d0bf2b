"""What a worker writes about a job is read in the language of whoever opens its page."""

import pytest
from django.conf import settings

from apps.jobs import tasks
from apps.providers.types import JobStatus
from tests.jobs.conftest import later


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "The provider gave no reason."), ("zh-hans", "服务商没有说明原因。")],
)
def test_a_failure_without_a_reason_says_so(client, running_job, provider, language, words):
    provider.tell("ftjob-1", status=JobStatus.FAILED)
    later(running_job)
    tasks.poll_due_jobs()
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    assert words in client.get(running_job.get_absolute_url()).content.decode()


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "is no longer on this server"), ("zh-hans", "此数据集的文件已不在服务器磁盘上。")],
)
def test_a_file_that_is_gone_is_named_when_the_job_fails(
    client, running_job, provider, language, words
):
    running_job.provider_job_id = ""
    running_job.status = JobStatus.PENDING
    running_job.save()
    running_job.training_data.path.unlink()
    tasks.advance_due_jobs()
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    assert words in client.get(running_job.get_absolute_url()).content.decode()
