"""Models become rows: those of jobs by themselves, those made elsewhere when asked for."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from apps.jobs.models import Checkpoint, Job
from apps.library import names, tasks
from apps.library.inventory.endings import day_of
from apps.library.models import EndToldBy, ModelList, TunedModel
from apps.providers import overrides
from apps.providers.models import Connection, Override
from apps.providers.types import JobStatus, ModelInfo, ProviderError, ProviderUnavailable
from tests.factories import make_connection
from tests.library.conftest import TUNED, make_done_job, save_checkpoint


def test_a_job_that_ended_well_gives_its_model_and_checkpoints_once(done_job):
    for step in (10, 20):
        save_checkpoint(done_job, step)
    for _tick in range(3):
        tasks.collect_models()
    model = TunedModel.objects.get(is_checkpoint=False)
    assert (model.name, model.title, model.job) == (TUNED, "Persona", done_job)
    assert model.made_at == done_job.finished_at
    assert list(TunedModel.objects.filter(is_checkpoint=True).values_list("step", flat=True)) == [
        10,
        20,
    ]


def test_a_last_checkpoint_that_is_the_model_is_one_row(done_job):
    save_checkpoint(done_job, 30)
    Checkpoint.objects.update(model=TUNED)
    tasks.collect_models()
    assert TunedModel.objects.get().is_checkpoint is False


def test_a_job_without_a_model_gives_none(owner, connection):
    make_done_job(owner, connection, fine_tuned_model="")
    make_done_job(
        owner, connection, status=JobStatus.FAILED, fine_tuned_model="x", provider_job_id=""
    )
    tasks.collect_models()
    assert not TunedModel.objects.exists()


def test_a_job_made_elsewhere_gives_its_model_too(owner, connection):
    job = make_done_job(owner, connection, is_imported=True)
    Job.objects.filter(pk=job.pk).update(training_data=None)
    tasks.collect_models()
    assert TunedModel.objects.get().job == job


def test_what_people_noted_outlives_the_next_tick(client, done_job):
    tasks.collect_models()
    model = TunedModel.objects.get()
    url = reverse("library:note", args=[model.public_id])
    client.post(url, {"title": "Best", "tags": "a,  a, good one ", "notes": "Keep."})
    tasks.collect_models()
    model.refresh_from_db()
    assert (model.title, model.tags, model.notes) == ("Best", ["a", "good one"], "Keep.")


def test_models_made_elsewhere_are_added_when_somebody_asks(client, connection, provider):
    provider.models = [
        "tiny-chat-1m",
        "ft:tiny-chat-1m:us::x1",
        "ft:tiny-chat-1m:us::x1:ckpt-step-7",
    ]
    url = reverse("library:look_elsewhere", args=[connection.public_id])
    for _press in range(2):
        assert client.post(url).status_code == 302
    found = TunedModel.objects.get(is_checkpoint=False)
    assert (found.name, found.base_model, found.job) == (
        "ft:tiny-chat-1m:us::x1",
        "tiny-chat-1m",
        None,
    )
    assert TunedModel.objects.get(is_checkpoint=True).step == 7


def test_a_provider_that_cannot_be_asked_says_why(client, connection, provider):
    provider.fail("list_models", ProviderError("The key is wrong.", status=401))
    url = reverse("library:look_elsewhere", args=[connection.public_id])
    page = client.post(url, follow=True).content.decode()
    assert "The key is wrong." in page


def test_a_model_made_elsewhere_gets_its_job_once_that_is_imported(
    client, owner, connection, provider
):
    provider.models = [TUNED, f"{TUNED}x:ckpt-step-10"]
    client.post(reverse("library:look_elsewhere", args=[connection.public_id]))
    job = make_done_job(owner, connection, base_model="other-base")
    saved = save_checkpoint(job, 10)
    tasks.collect_models()
    assert TunedModel.objects.get(is_checkpoint=False).job == job
    assert TunedModel.objects.get(is_checkpoint=True).checkpoint == saved
    assert set(TunedModel.objects.values_list("base_model", flat=True)) == {"other-base"}


@pytest.mark.parametrize(
    ("own", "of_base", "told_by", "ends_on"),
    [
        ("2027-01-14", "2027-02-01", EndToldBy.MODEL, date(2027, 1, 14)),
        (None, "2027-02-01", EndToldBy.BASE, date(2027, 2, 1)),
        ("nonsense", None, "", None),
    ],
)
def test_the_end_is_what_the_provider_lists(
    done_job, provider, monkeypatch, own, of_base, told_by, ends_on
):
    models = [ModelInfo(TUNED, shutdown_date=own), ModelInfo("tiny-chat-1m", shutdown_date=of_base)]

    async def list_models() -> list[ModelInfo]:
        return models

    monkeypatch.setattr(provider, "list_models", list_models)
    tasks.collect_models()
    tasks.read_due_lists()
    model = TunedModel.objects.get()
    assert (model.end_told_by, model.ends_on) == (told_by, ends_on)


def test_without_a_listed_date_the_announcement_counts(owner, providers):
    connection = make_connection(workspace=owner.workspace, profile=Connection.Profile.OPENAI)
    make_done_job(owner, connection)
    tasks.collect_models()
    tasks.read_due_lists()
    model = TunedModel.objects.get()
    assert model.end_told_by == EndToldBy.ANNOUNCEMENT
    assert model.ends_on == date(2027, 1, 14)


def test_a_list_is_read_once_and_again_tomorrow(done_job, provider):
    tasks.collect_models()
    for _tick in range(3):
        tasks.read_due_lists()
    assert provider.calls["list_models"] == 1
    reading = ModelList.objects.get()
    assert reading.next_read_at - reading.read_at == timedelta(hours=24)


def test_many_new_models_do_not_have_the_list_read_for_each(owner, connection, done_job, provider):
    tasks.collect_models()
    tasks.read_due_lists()
    make_done_job(owner, connection, fine_tuned_model="ft:other", provider_job_id="ftjob-10")
    tasks.collect_models()
    tasks.read_due_lists()
    assert provider.calls["list_models"] == 1
    wait = ModelList.objects.get().next_read_at - timezone.now()
    assert timedelta(minutes=8) < wait <= timedelta(minutes=10)


def test_a_silent_provider_is_asked_again_later(done_job, provider):
    provider.fail("list_models", ProviderUnavailable("Slow down", retry_after=120))
    tasks.collect_models()
    tasks.read_due_lists()
    tasks.read_due_lists()
    reading = ModelList.objects.get()
    assert provider.calls["list_models"] == 1
    assert reading.trouble == "Slow down"
    assert reading.next_read_at - timezone.now() > timedelta(seconds=100)


@pytest.mark.parametrize(
    ("name", "base"),
    [
        ("ft:gpt-4.1-2025-04-14:org:suffix:id", "gpt-4.1-2025-04-14"),
        ("gpt-4o-mini-2024-07-18.ft-0f1e", "gpt-4o-mini-2024-07-18"),
        (
            "meta-llama/Meta-Llama-3.1-8B-Instruct-LoRa:ours-a1b2",
            "meta-llama/Meta-Llama-3.1-8B-Instruct",
        ),
        ("gpt-4.1", ""),
        ("my-ft-notes", ""),
    ],
)
def test_names_tell_the_base(name, base):
    assert names.base_of(name) == base
    assert names.is_tuned(name) is bool(base)


def test_a_date_with_a_time_is_its_day():
    assert day_of("2027-01-14T00:00:00Z") == date(2027, 1, 14)
    assert day_of("soon") is day_of(None) is None


def test_a_model_that_is_only_named_by_its_job_is_there_to_be_deployed(owner, providers):
    """Nebius and Crusoe deploy `job:checkpoint`; what a job made has no other name."""
    connection = make_connection(workspace=owner.workspace, profile=Connection.Profile.NEBIUS)
    job = make_done_job(owner, connection, fine_tuned_model="")
    saved = save_checkpoint(job, 10)
    Checkpoint.objects.update(model="")
    for _tick in range(2):
        tasks.collect_models()
    names = TunedModel.objects.order_by("is_checkpoint").values_list("name", "checkpoint")
    assert list(names) == [("ftjob-9", None), ("ftjob-9:ftckpt-10", saved.pk)]


def test_an_announced_end_is_that_of_the_base(owner, providers):
    connection = make_connection(workspace=owner.workspace, profile=Connection.Profile.AZURE)
    make_done_job(owner, connection, base_model="gpt-4.1-2025-04-14.ft-0f1e")
    tasks.collect_models()
    model = TunedModel.objects.get()
    assert (model.ends_on, model.end_told_by) == (date(2027, 10, 14), EndToldBy.ANNOUNCEMENT)


def test_an_end_follows_what_the_workspace_knows_better(client, owner, providers):
    connection = make_connection(workspace=owner.workspace, profile=Connection.Profile.GENERIC)
    make_done_job(owner, connection)
    listed = make_done_job(owner, connection, fine_tuned_model="ft:listed", provider_job_id="j")
    tasks.collect_models()
    told = {"shutdown_date": date(2027, 5, 5), "ends_on": date(2027, 5, 5)}
    TunedModel.objects.filter(job=listed).update(**told, end_told_by=EndToldBy.MODEL)
    Override.objects.create(
        workspace=owner.workspace,
        profile=connection.profile,
        name="last_answers_date",
        value="2027-03-01",
        as_of=date(2026, 11, 21),
        source="a letter",
    )
    overrides.forget(owner.workspace.pk)
    tasks.refresh_announced_ends()
    tasks.refresh_announced_ends()
    ends = dict(TunedModel.objects.values_list("name", "ends_on"))
    assert ends == {TUNED: date(2027, 3, 1), "ft:listed": date(2027, 5, 5)}
    page = client.get(TunedModel.objects.get(name=TUNED).get_absolute_url()).content.decode()
    assert "Read on 2026-11-21: a letter" in page
