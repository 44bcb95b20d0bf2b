"""Jobs made elsewhere: found, imported once, followed, and read to their end."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from asgiref.sync import sync_to_async
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone

from apps.jobs import tasks
from apps.jobs.elsewhere import adoption, importing
from apps.jobs.models import ForgottenJob, Job
from apps.providers.models import Connection
from apps.providers.types import JobStatus, ProviderUnavailable
from tests.factories import make_job
from tests.jobs.conftest import ended
from tests.jobs.killing import killed_at
from tests.jobs.provider import BEGINNING

HTMX = {"HX-Request": "true"}
MADE = datetime(2026, 11, 2, tzinfo=UTC)
MANY_LINES = 300


@pytest.fixture(autouse=True)
def _nothing_kept() -> None:
    cache.clear()


def found(client, connection: Connection, **query: object) -> str:
    query = {"connection": connection.public_id, **query}
    return client.get(reverse("jobs:elsewhere"), query, headers=HTMX).content.decode()


def post(client, name: str, connection: Connection, **fields: str):
    return client.post(reverse(f"jobs:{name}", args=[connection.public_id]), fields, follow=True)


def import_now() -> None:
    """Do what the tick lets a worker do."""
    for connection_id in importing.due(at=timezone.now()):
        tasks.import_jobs(connection_id=connection_id)


def let_workers_work() -> None:
    Connection.objects.exclude(next_import_at=None).update(next_import_at=timezone.now())
    import_now()
    Job.objects.update(next_poll_at=timezone.now(), poll_lease_until=None)
    tasks.poll_due_jobs()


def test_the_page_lists_what_retune_does_not_know(client, running_job, provider, connection):
    provider.add_job("ftjob-other", base_model="gpt-x", suffix="harbour", created_at=MADE)
    text = found(client, connection)
    assert "harbour · gpt-x" in text
    assert "1 of the 2 jobs there" in text
    whole = client.get(reverse("jobs:elsewhere")).content.decode()
    assert "The provider is asked" in whole


def test_a_long_list_has_pages(client, provider, connection):
    for number in range(60):
        provider.add_job(f"ftjob-{number:02}", base_model="gpt-x")
    assert "1 to 50 of 60" in found(client, connection)
    assert "ftjob-05" in found(client, connection, page=2)
    assert provider.calls["list_jobs"] == 1


def test_a_provider_that_lists_nothing_says_why(client, provider, connection):
    provider.fail("list_jobs", ProviderUnavailable("Connection refused"))
    assert "Connection refused" in found(client, connection)


def test_one_job_is_imported_and_read_like_any_other(client, provider, connection):
    provider.add_job("ftjob-7", base_model="gpt-x", created_at=MADE, training_file="file-1")
    provider.add_step("ftjob-7", 3, train_loss=1.5)
    response = post(client, "import", connection, job="ftjob-7")
    job = Job.objects.get()
    assert response.redirect_chain[-1][0] == job.get_absolute_url()
    assert (job.is_imported, job.training_data, job.created_at) == (True, None, MADE)
    let_workers_work()
    job.refresh_from_db()
    assert (job.status, job.step, job.events.count()) == (JobStatus.RUNNING, 3, 1)
    assert post(client, "import", connection, job="ftjob-7").status_code == 200
    assert Job.objects.count() == 1


def test_a_dataset_of_ours_is_recognised_by_its_file(client, running_job, provider, connection):
    Job.objects.update(training_file_id="file-1")
    provider.add_job("ftjob-7", training_file="file-1")
    post(client, "import", connection, job="ftjob-7")
    imported = Job.objects.get(provider_job_id="ftjob-7")
    assert imported.training_data == running_job.training_data


def test_everything_is_imported_once_ended_jobs_included(client, provider, connection):
    provider.add_job("ftjob-1", status=JobStatus.SUCCEEDED, fine_tuned_model="ft:x")
    provider.add_event("ftjob-1", 1, message="Done")
    provider.add_job("ftjob-2", status=JobStatus.QUEUED)
    post(client, "import", connection)
    let_workers_work()
    let_workers_work()
    done = Job.objects.get(provider_job_id="ftjob-1")
    assert (done.status, done.fine_tuned_model, done.events.count()) == ("succeeded", "ft:x", 1)
    assert done.announced_at is not None
    assert Job.objects.count() == 2
    assert provider.calls["list_jobs"] == 1
    assert Connection.objects.get().next_import_at is None


def test_a_followed_account_brings_its_new_jobs(client, provider, connection):
    post(client, "follow", connection, follow="yes")
    let_workers_work()
    provider.add_job("ftjob-9")
    let_workers_work()
    assert Job.objects.get().provider_job_id == "ftjob-9"
    post(client, "follow", connection, follow="no")
    provider.add_job("ftjob-10")
    let_workers_work()
    assert Job.objects.count() == 1


def test_a_provider_that_is_down_is_asked_again_later(client, provider, connection):
    post(client, "follow", connection, follow="yes")
    provider.fail("list_jobs", ProviderUnavailable("busy", retry_after=300))
    import_now()
    wait = Connection.objects.get().next_import_at - timezone.now()
    assert timedelta(minutes=4) < wait < timedelta(minutes=6)


def test_a_job_on_its_way_is_left_to_its_saga(client, owner, provider, connection):
    job = make_job(workspace=owner.workspace, connection=connection)
    provider.add_job("ftjob-1", client_key=str(job.public_id))
    post(client, "import", connection)
    let_workers_work()
    assert Job.objects.get() == job
    tasks.advance_job(job_id=job.pk)
    job.refresh_from_db()
    assert (job.provider_job_id, len(provider.specs)) == ("ftjob-1", 0)


def test_a_saga_takes_over_what_was_imported_before_it_could_say_so(owner, provider, connection):
    """A provider that keeps no metadata: nobody can tell whose job this is until it answers."""
    job = make_job(workspace=owner.workspace, connection=connection)
    original = provider.create_job

    async def create_and_import(spec):
        made = await original(spec)
        await sync_to_async(adoption.adopt)(connection, [replace(made, client_key="")])
        return made

    provider.create_job = create_and_import
    tasks.advance_job(job_id=job.pk)
    assert Job.objects.get().pk == job.pk
    job.refresh_from_db()
    assert job.provider_job_id == "ftjob-1"


def test_an_orphan_of_ours_is_adopted_with_its_name(owner, provider, connection):
    """Our row ended, but its job was made all the same, and trains."""
    job = make_job(workspace=owner.workspace, connection=connection, name="Persona")
    ended(job, JobStatus.FAILED)
    provider.add_job("ftjob-1", client_key=str(job.public_id))
    importing.import_soon(connection)
    let_workers_work()
    adopted = Job.objects.get(provider_job_id="ftjob-1")
    assert (adopted.name, adopted.status) == ("Persona", JobStatus.RUNNING)


def test_what_was_deleted_here_comes_back_only_when_asked_for(client, provider, connection):
    provider.add_job("ftjob-1")
    ForgottenJob.objects.create(connection=connection, provider_job_id="ftjob-1")
    post(client, "import", connection)
    let_workers_work()
    assert not Job.objects.exists()
    assert "deleted here" in found(client, connection)
    post(client, "import", connection, job="ftjob-1")
    assert Job.objects.get().provider_job_id == "ftjob-1"


def test_a_worker_killed_on_the_way_imports_each_job_once(provider, connection):
    provider.add_job("ftjob-0", created_at=BEGINNING)
    for line in range(1, MANY_LINES, 3):
        Job.objects.all().delete()
        importing.import_soon(connection)
        was_killed = killed_at(line, import_now, importing, adoption)
        Connection.objects.exclude(next_import_at=None).update(next_import_at=timezone.now())
        import_now()
        assert Job.objects.get().created_at == BEGINNING, f"killed at line {line}"
        if not was_killed:
            break
    assert 30 < line < MANY_LINES - 3, f"{line} lines ran"


def test_two_workers_import_a_connection_once(provider, connection, monkeypatch):
    importing.import_soon(connection)
    original = provider.list_jobs

    async def and_a_rival_comes(*, limit: int):
        await sync_to_async(import_now)()
        return await original(limit=limit)

    provider.list_jobs = and_a_rival_comes
    import_now()
    assert provider.calls["list_jobs"] == 1


def test_a_viewer_sees_but_does_not_import(client_of, viewer, provider, connection):
    provider.add_job("ftjob-1")
    browser = client_of(viewer)
    assert "Import all" not in found(browser, connection)
    assert post(browser, "import", connection).status_code == 404
