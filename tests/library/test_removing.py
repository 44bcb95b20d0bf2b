"""Models and files are deleted at their provider once, after saying what that means."""

import itertools
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from apps.jobs.models import Job
from apps.library import services, tasks
from apps.library.models import Deployment, Removal, TunedModel
from apps.library.removals import removing
from apps.providers.models import Connection
from apps.providers.types import JobStatus, ProviderError, ProviderUnavailable
from tests.factories import make_connection, make_job, make_tuned_model
from tests.jobs.killing import killed_at
from tests.library.conftest import TUNED, make_done_job, save_checkpoint


@pytest.fixture
def model(owner, connection, done_job, provider) -> TunedModel:
    provider.models = [TUNED]
    return make_tuned_model(
        workspace=owner.workspace, connection=connection, job=done_job, name=TUNED
    )


def url_of(model: TunedModel) -> str:
    return reverse("library:delete", args=[model.public_id])


def carry_out() -> Removal:
    past = timezone.now() - timedelta(hours=1)
    Removal.objects.update(next_step_at=past, step_lease_until=None)
    tasks.advance_due_removals()
    return Removal.objects.get()


def test_a_model_is_deleted_when_its_end_is_typed(client, owner, model, provider):
    assert client.post(url_of(model), {"typed": "ab12c"}).status_code == 422
    assert not Removal.objects.exists()
    assert client.post(url_of(model), {"typed": " ab12cd "}).status_code == 302
    removal = carry_out()
    model.refresh_from_db()
    assert provider.deleted == [TUNED]
    assert (bool(removal.done_at), removal.was_gone) == (True, False)
    assert model.deleted_at == removal.done_at
    text = client.get(model.get_absolute_url()).content.decode()
    assert f"Deleted at the provider on {removal.done_at:%Y-%m-%d}" in text
    assert f"{owner.user} asked for it." in text
    assert url_of(model) not in text


def test_what_it_means_is_said_before(client, owner, connection, done_job, model):
    save_checkpoint(done_job, 10)
    ended = make_job(workspace=owner.workspace, connection=connection, base_model=TUNED)
    Job.objects.filter(pk=ended.pk).update(status=JobStatus.SUCCEEDED, finished_at=timezone.now())
    text = client.get(url_of(model)).content.decode()
    for expected in (
        "The model answers no more",
        "1 job was trained further from it",
        "1 checkpoint of the same job",
        "cannot be undone",
        "Type ab12cd to delete this model",
    ):
        assert expected in text


def test_a_model_that_a_job_starts_from_stays(client, owner, connection, model, provider):
    make_job(workspace=owner.workspace, connection=connection, base_model=TUNED, name="Waiting")
    assert "Waiting" in client.get(url_of(model)).content.decode()
    assert client.post(url_of(model), {"typed": "ab12cd"}).status_code == 422
    services.remove(
        membership=owner, connection=connection, kind=Removal.Kind.MODEL, name=TUNED, model=model
    )
    removal = carry_out()  # the job may have come after the wish
    assert removal.refusal == "A job that has not ended needs it."
    assert provider.calls["delete_model"] == 0


def test_a_deployed_model_stays_until_it_is_stopped(client, model):
    Deployment.objects.create(workspace=model.workspace, tuned_model=model, name="served")
    assert "Stop the deployment first" in client.get(url_of(model)).content.decode()
    assert client.post(url_of(model), {"typed": "ab12cd"}).status_code == 422
    assert not Removal.objects.exists()


def test_a_provider_that_cannot_delete_is_not_asked(client, owner, providers):
    connection = make_connection(workspace=owner.workspace, profile=Connection.Profile.NEBIUS)
    model = make_tuned_model(workspace=owner.workspace, connection=connection)
    text = client.get(url_of(model)).content.decode()
    assert "documents no way to delete a model" in text
    assert client.post(url_of(model), {"typed": model.name}).status_code == 422


def test_a_refusal_is_told_in_the_providers_words_and_can_be_tried_again(client, model, provider):
    provider.fail("delete_model", ProviderError("You need the Owner role.", status=403))
    client.post(url_of(model), {"typed": "ab12cd"})
    assert carry_out().refusal == "You need the Owner role."
    text = client.get(model.get_absolute_url()).content.decode()
    assert "The provider did not delete it: You need the Owner role." in text
    provider.failures.clear()
    client.post(url_of(model), {"typed": "ab12cd"})
    assert carry_out().done_at


def test_what_is_gone_already_is_done(client, model, provider):
    provider.models = []
    client.post(url_of(model), {"typed": "ab12cd"})
    assert carry_out().was_gone
    model.refresh_from_db()
    assert model.deleted_at


def test_a_worker_that_dies_after_the_provider_deleted_is_followed_by_one_that_records_it(
    client, model, provider
):
    client.post(url_of(model), {"typed": "ab12cd"})

    class Killed(BaseException):
        pass

    delete = provider.delete_model

    async def delete_and_die(name: str) -> None:
        await delete(name)
        raise Killed

    provider.delete_model = delete_and_die
    with pytest.raises(Killed):
        removing.advance(Removal.objects.get().pk)
    provider.delete_model = delete
    removal = carry_out()
    assert (bool(removal.done_at), removal.was_gone) == (True, False)
    assert provider.deleted == [TUNED]


def test_a_worker_killed_at_any_line_deletes_once_and_records_it(owner, connection, provider):
    for line in itertools.count(1):
        name = f"ft:tiny-chat-1m:us::{line}"
        provider.models = [name]
        model = make_tuned_model(workspace=owner.workspace, connection=connection, name=name)
        wish = {"membership": owner, "connection": connection, "kind": Removal.Kind.MODEL}
        removal = services.remove(**wish, name=name, model=model)
        was_killed = killed_at(line, lambda: removing.advance(removal.pk), removing)  # noqa: B023
        removal = carry_out()
        model.refresh_from_db()
        assert provider.deleted == [name], f"killed at line {line}"
        assert (bool(removal.done_at), removal.was_gone) == (True, False), f"killed at line {line}"
        assert model.deleted_at == removal.done_at, f"killed at line {line}"
        if not was_killed:
            break
        provider.deleted.clear()
        removal.delete()
    assert line > 15


def test_a_silent_provider_is_asked_again(client, model, provider):
    provider.fail("delete_model", ProviderUnavailable("busy", retry_after=60))
    client.post(url_of(model), {"typed": "ab12cd"})
    removal = carry_out()
    assert (removal.trouble, removal.is_open) == ("busy", True)
    assert removal.next_step_at - timezone.now() > timedelta(seconds=50)
    assert "busy" in client.get(model.get_absolute_url()).content.decode()


def test_the_same_wish_twice_is_one(owner, connection, model, provider):
    wish = {"membership": owner, "connection": connection, "kind": Removal.Kind.MODEL}
    first = services.remove(**wish, name=TUNED, model=model)
    assert services.remove(**wish, name=TUNED, model=model) == first
    carry_out()
    services.remove(**wish, name=TUNED, model=model)
    carry_out()
    assert provider.calls["delete_model"] == 1


def test_files_of_a_job_are_deleted_one_by_one(client, owner, connection, provider):
    job = make_done_job(owner, connection, training_file_id="file-1", validation_file_id="file-2")
    make_done_job(owner, connection, training_file_id="file-1", provider_job_id="ftjob-10")
    provider.file_ids = ["file-1", "file-2"]
    page = reverse("library:files", args=[job.public_id])
    assert "1 other job used the same file" in client.get(page).content.decode()
    url = reverse("library:delete_file", args=[job.public_id])
    assert client.post(url, {"file": "file-9"}).status_code == 404
    assert client.post(url, {"file": "file-2"}).status_code == 302
    carry_out()
    assert provider.deleted == ["file-2"]
    assert "Deleted at the provider on" in client.get(page).content.decode()


def test_a_file_that_a_job_needs_stays(client, owner, connection, provider):
    job = make_done_job(owner, connection, training_file_id="file-1")
    make_job(
        workspace=owner.workspace, connection=connection, training_file_id="file-1", name="Waiting"
    )
    page = client.get(reverse("library:files", args=[job.public_id])).content.decode()
    assert "a job that has not ended needs it" in page
    assert "Waiting" in page
    client.post(reverse("library:delete_file", args=[job.public_id]), {"file": "file-1"})
    assert not Removal.objects.exists()


def test_the_page_of_a_job_leads_to_its_model(client, done_job, model):
    url = reverse("library:of_job", args=[done_job.public_id])
    assert url in client.get(done_job.get_absolute_url()).content.decode()
    assert client.get(url).url == model.get_absolute_url()
    TunedModel.objects.all().delete()
    assert client.get(url).url == reverse("library:list")
