"""A job reaches its provider exactly once, whatever dies on the way."""

import pytest
from django.utils import timezone

from apps.jobs import tasks, wishes
from apps.jobs.models import FileTransfer, Job
from apps.jobs.sending import lease
from apps.providers.types import JobStatus, ProviderError, ProviderUnavailable
from tests.factories import make_connection, make_job, make_version
from tests.jobs.conftest import later
from tests.jobs.killing import killed_at

MANY_LINES = 400
AZURE = "https://harbour.openai.azure.com/openai/v1"
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def advance(job: Job) -> Job:
    tasks.advance_job(job_id=job.pk)
    job.refresh_from_db()
    return job


@pytest.fixture
def job(owner, connection) -> Job:
    validation = make_version(workspace=owner.workspace)
    return make_job(workspace=owner.workspace, connection=connection, validation_data=validation)


def test_a_new_job_is_sent_with_its_files_and_its_own_key(job, provider):
    advance(job)
    spec = provider.specs[0]
    assert (job.provider_job_id, job.status) == ("ftjob-1", JobStatus.QUEUED)
    assert spec.client_key == str(job.public_id)
    assert {spec.training_file, spec.validation_file} == {"file-1", "file-2"}
    assert job.step_lease_until is None


def test_a_file_that_is_already_there_is_not_sent_again(job, provider):
    advance(job)
    second = make_job(
        workspace=job.workspace, connection=job.connection, training_data=job.training_data
    )
    advance(second)
    assert provider.calls["upload_file"] == 2
    assert second.training_file_id == job.training_file_id


def test_jobs_that_start_at_the_same_moment_send_their_file_once(job, provider):
    rival = make_job(
        workspace=job.workspace, connection=job.connection, training_data=job.training_data
    )

    def rival_comes(call: str) -> None:
        if call == "upload_file" and provider.calls["upload_file"] == 1:
            tasks.advance_job(job_id=rival.pk)

    provider.before = rival_comes
    advance(job)
    rival.refresh_from_db()
    assert (rival.training_file_id, rival.attempts, rival.trouble) == ("", 0, "")
    assert rival.next_step_at > timezone.now()
    later(rival)
    advance(rival)
    assert provider.calls["upload_file"] == 2  # one of them is the validation file
    assert rival.training_file_id == job.training_file_id
    assert not FileTransfer.objects.exists()


def test_a_file_that_a_dead_worker_was_sending_is_sent_by_another_job(job, provider):
    dead = make_job(
        workspace=job.workspace, connection=job.connection, training_data=job.training_data
    )
    claimed = {"job": dead, "version": job.training_data, "at": timezone.now()}
    assert FileTransfer.objects.claim(**claimed)
    Job.objects.filter(pk=dead.pk).update(step_lease_until=timezone.now() + lease.LEASE)
    assert advance(job).training_file_id == ""
    later(job)
    Job.objects.filter(pk=dead.pk).update(step_lease_until=timezone.now())
    assert advance(job).training_file_id


def test_a_worker_killed_at_any_line_leaves_exactly_one_job(db, owner, providers):
    training_data = make_version(workspace=owner.workspace)
    beside = sorted(training_data.path.parent.iterdir())
    for line in range(1, MANY_LINES):
        connection = make_connection(workspace=owner.workspace, base_url=AZURE)
        job = make_job(
            workspace=owner.workspace, connection=connection, training_data=training_data
        )
        was_killed = killed_at(line, lambda job=job: tasks.advance_job(job_id=job.pk))
        later(job)
        advance(job)
        assert len(providers.of(connection).specs) == 1, f"killed at line {line}"
        assert len(providers.of(connection).files) == 1, f"killed at line {line}"
        assert Job.objects.get(pk=job.pk).provider_job_id == "ftjob-1"
        if not was_killed:
            break
    assert 50 < line < MANY_LINES - 1, f"{line} lines ran"
    left = [path for path in training_data.path.parent.iterdir() if path not in beside]
    assert {path.suffix for path in left} <= {".part"}  # swept away a day later


def test_a_provider_gets_the_file_as_it_wants_it(owner, providers):
    connection = make_connection(workspace=owner.workspace, base_url=AZURE)
    job = make_job(workspace=owner.workspace, connection=connection)
    advance(job)
    ((filename, size),) = providers.of(connection).files
    assert filename == f"retune-{job.training_data.public_id}.jsonl"
    assert size == job.training_data.size_bytes + len(BYTE_ORDER_MARK)


def test_a_file_that_is_gone_cannot_be_written_anew_either(owner, providers):
    connection = make_connection(workspace=owner.workspace, base_url=AZURE)
    job = make_job(workspace=owner.workspace, connection=connection)
    job.training_data.path.unlink()
    assert advance(job).error_code == "file_missing"


def test_two_workers_with_the_same_message_send_one_job(job, provider):
    assert Job.objects.claim_step(job.pk, at=timezone.now(), lease=lease.LEASE)
    advance(job)
    assert provider.calls.total() == 0


def test_a_worker_that_lost_its_lease_writes_nothing(job, provider):
    def rival_takes_over(call: str) -> None:
        if call == "find_job":
            Job.objects.filter(pk=job.pk).update(step_lease_until=timezone.now())

    provider.before = rival_takes_over
    advance(job)
    assert (job.provider_job_id, provider.specs) == ("", [])


def test_a_provider_that_is_down_is_asked_again_later(job, provider):
    provider.fail("upload_file", ProviderUnavailable("Connection refused", retry_after=120))
    advance(job)
    assert (job.status, job.attempts, job.trouble) == (JobStatus.PENDING, 1, "Connection refused")
    assert (job.next_step_at - timezone.now()).total_seconds() > 110
    provider.failures.clear()
    later(job)
    advance(job)
    assert (job.provider_job_id, job.attempts, job.trouble) == ("ftjob-1", 0, "")


def test_an_unanswered_creation_is_looked_for_before_it_is_repeated(job, provider):
    original = provider.create_job

    async def made_but_not_heard(spec):
        await original(spec)
        raise ProviderUnavailable("The connection broke")

    provider.create_job = made_but_not_heard
    advance(job)
    assert (job.next_step_at - timezone.now()).total_seconds() > 10
    later(job)
    advance(job)
    assert (job.provider_job_id, len(provider.specs)) == ("ftjob-1", 1)


def test_a_refusal_ends_the_job_in_the_providers_words(job, provider):
    provider.fail("create_job", ProviderError("Model x does not exist", code="model_not_found"))
    advance(job)
    assert (job.status, job.error) == (JobStatus.FAILED, "Model x does not exist")
    assert job.error_code == "model_not_found"


def test_an_account_that_may_not_train_is_remembered_until_a_job_begins(owner, job, provider):
    words = "Fine-tuning is not available for your organization."
    refusal = ProviderError(words, code="training_not_available", status=403)
    provider.fail("create_job", refusal)
    advance(job)
    connection = job.connection
    connection.refresh_from_db()
    assert (connection.training_refusal, job.error) == (words, words)
    provider.failures.clear()
    advance(make_job(workspace=owner.workspace, connection=connection))
    connection.refresh_from_db()
    assert (connection.training_refusal, connection.training_refused_at) == ("", None)


def test_a_file_that_is_gone_from_disk_ends_the_job_in_words(job, provider):
    job.training_data.path.unlink()
    advance(job)
    assert (job.status, job.error_code) == (JobStatus.FAILED, "file_missing")


def test_a_job_nobody_has_sent_is_cancelled_at_once(job, provider):
    wishes.cancel_job(job=job)
    advance(job)
    assert (job.status, provider.calls.total()) == (JobStatus.CANCELLED, 0)


def test_a_cancelled_job_that_was_made_unnoticed_is_found_and_cancelled(job, provider):
    Job.objects.filter(pk=job.pk).update(training_file_id="file-1")
    provider.add_job("ftjob-7", status=JobStatus.QUEUED, client_key=str(job.public_id))
    wishes.cancel_job(job=job)
    advance(job)
    assert (job.provider_job_id, provider.calls["cancel_job"]) == ("ftjob-7", 1)
    assert job.wish_sent_at is not None


def test_a_wish_to_cancel_that_comes_while_files_are_sent_stops_the_creation(job, provider):
    def cancel(call: str) -> None:
        if call == "find_job":
            wishes.cancel_job(job=Job.objects.get(pk=job.pk))

    provider.before = cancel
    advance(job)
    assert (job.status, provider.specs) == (JobStatus.CANCELLED, [])


def test_cancelling_is_sent_once(running_job, provider):
    wishes.cancel_job(job=running_job)
    advance(running_job)
    advance(running_job)
    assert provider.calls["cancel_job"] == 1
    assert running_job.is_stopping


def test_a_refused_cancellation_says_so_and_can_be_tried_again(running_job, provider):
    provider.fail("cancel_job", ProviderError("Job has already completed"))
    wishes.cancel_job(job=running_job)
    advance(running_job)
    assert running_job.wish_refusal == "Job has already completed"
    assert not running_job.is_stopping
    assert running_job.status == JobStatus.RUNNING
