"""The form that starts a job, and what changes while it is filled in."""

import re
from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from apps.jobs.models import Job
from apps.jobs.starting import admission
from apps.providers.models import Connection
from apps.providers.types import JobStatus, ProviderUnavailable
from tests.factories import make_connection, make_job, make_version
from tests.jobs.conftest import ended

HTMX = {"HX-Request": "true"}


def form_data(training_data, connection, **fields):
    return {
        "form_token": str(uuid4()),
        "training_data": str(training_data.public_id),
        "connection": str(connection.public_id),
        "base_model": "tiny-chat-1m",
        **fields,
    }


@pytest.fixture
def training_data(owner):
    return make_version(workspace=owner.workspace)


def test_starting_a_job_brings_it_to_the_provider(
    client, training_data, connection, provider, django_capture_on_commit_callbacks
):
    data = form_data(training_data, connection, suffix="my-bot", seed=7, n_epochs=3)
    with django_capture_on_commit_callbacks(execute=True):
        response = client.post(reverse("jobs:create"), data)
    job = Job.objects.get()
    spec = provider.specs[0]
    assert response.url == job.get_absolute_url()
    assert (job.status, job.provider_job_id) == (JobStatus.QUEUED, "ftjob-1")
    assert (spec.suffix, spec.seed, spec.hyperparameters) == ("my-bot", 7, {"n_epochs": 3})
    assert job.hyperparameters["batch_size"] == "auto"
    assert job.estimate["n_epochs"] == 3


def test_a_double_click_starts_one_job(
    client, training_data, connection, provider, django_capture_on_commit_callbacks
):
    data = form_data(training_data, connection)
    with django_capture_on_commit_callbacks(execute=True):
        first = client.post(reverse("jobs:create"), data)
        second = client.post(reverse("jobs:create"), data)
    assert first.url == second.url
    assert (Job.objects.count(), len(provider.specs)) == (1, 1)


def test_jobs_of_the_same_data_that_nobody_names_are_told_apart(client, training_data, connection):
    for _ in range(2):
        client.post(reverse("jobs:create"), form_data(training_data, connection))
    title = f"{training_data.name} · tiny-chat-1m"
    assert set(Job.objects.values_list("name", flat=True)) == {title, f"{title} (2)"}


def test_a_token_of_another_workspace_starts_nothing(client, training_data, connection, stranger):
    other = make_job(workspace=stranger.workspace)
    data = form_data(training_data, connection, form_token=str(other.public_id))
    response = client.post(reverse("jobs:create"), data)
    assert (response.status_code, Job.objects.count()) == (422, 1)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("suffix", "with space"),
        ("suffix", "x" * 65),
        ("seed", "-1"),
        ("seed", "2147483648"),
        ("n_epochs", "0"),
        ("n_epochs", "51"),
        ("n_epochs", "1.5"),
        ("learning_rate_multiplier", "0"),
        ("learning_rate_multiplier", "nan"),
        ("base_model", ""),
        ("training_data", "not-a-uuid"),
    ],
)
def test_a_value_out_of_range_is_explained_at_its_field(
    client, training_data, connection, field, value
):
    data = form_data(training_data, connection) | {field: value}
    response = client.post(reverse("jobs:create"), data)
    assert response.status_code == 422
    assert response.context["form"].errors[field]
    assert not Job.objects.exists()


def test_training_and_validation_on_the_same_file_is_refused(client, training_data, connection):
    data = form_data(training_data, connection, validation_data=str(training_data.public_id))
    response = client.post(reverse("jobs:create"), data)
    assert "proves nothing" in response.content.decode()


def test_a_dataset_that_is_too_small_for_the_provider_is_refused(client, owner, training_data):
    openai = make_connection(workspace=owner.workspace, profile=Connection.Profile.OPENAI)
    training_data.row_count = 9
    training_data.save(update_fields=["row_count"])
    data = form_data(training_data, openai, base_model="gpt-4.1-mini-2025-04-14")
    response = client.post(reverse("jobs:create"), data)
    assert "There are 9 examples; at least 10 are asked for here." in response.content.decode()


def test_a_provider_that_has_closed_is_refused_before_anything_is_sent(
    client, owner, training_data, monkeypatch
):
    openai = make_connection(workspace=owner.workspace, profile=Connection.Profile.OPENAI)
    monkeypatch.setattr(admission.timezone, "localdate", lambda: date(2027, 2, 1))
    data = form_data(training_data, openai, base_model="gpt-4.1-mini-2025-04-14")
    response = client.post(reverse("jobs:create"), data)
    assert "no longer starts new jobs" in response.content.decode()
    assert not Job.objects.exists()


def test_only_ready_datasets_of_ones_own_are_offered(client, owner, stranger, training_data):
    make_version(workspace=owner.workspace, name="unready", status="checking")
    make_version(workspace=stranger.workspace, name="foreign")
    text = client.get(reverse("jobs:create")).content.decode()
    assert training_data.name in text
    assert "unready" not in text
    assert "foreign" not in text


def test_a_link_from_a_dataset_preselects_it(client, training_data):
    text = client.get(
        f"{reverse('jobs:create')}?training_data={training_data.public_id}"
    ).content.decode()
    assert f'value="{training_data.public_id}" selected' in text


def test_the_base_models_come_from_the_provider(client, owner, providers, monkeypatch):
    engine = make_connection(workspace=owner.workspace, profile=Connection.Profile.ENGINE)
    provider = providers.of(engine)
    provider.models = ["tiny-chat-1m", "embedder"]
    url = f"{reverse('jobs:base_models')}?connection={engine.public_id}"
    text = client.get(url, headers=HTMX).content.decode()
    assert '<option value="tiny-chat-1m"' in text
    assert "embedder" not in text


def test_a_server_that_cannot_list_says_so_and_takes_a_typed_name(client, connection, provider):
    provider.fail("list_models", ProviderUnavailable("Connection refused"))
    url = f"{reverse('jobs:base_models')}?connection={connection.public_id}"
    text = client.get(url, headers=HTMX).content.decode()
    assert "Connection refused" in text
    assert re.search(r'<input[^>]+name="base_model"', text)


def test_the_form_offers_base_models_before_anybody_was_asked(client, owner, providers):
    engine = make_connection(workspace=owner.workspace, profile=Connection.Profile.ENGINE)
    text = client.get(reverse("jobs:create")).content.decode()
    assert '<option value="tiny-chat-1m"' in text
    assert not providers.of(engine).calls


def test_the_form_offers_what_the_provider_listed_a_moment_ago(client, connection, provider):
    provider.models = ["llama-small"]
    url = f"{reverse('jobs:base_models')}?connection={connection.public_id}"
    client.get(url, headers=HTMX)
    text = client.get(reverse("jobs:create")).content.decode()
    assert '<option value="llama-small"' in text
    assert provider.calls["list_models"] == 1


def test_a_refresh_that_fails_leaves_the_models_that_are_known(client, owner, providers):
    engine = make_connection(workspace=owner.workspace, profile=Connection.Profile.ENGINE)
    providers.of(engine).fail("list_models", ProviderUnavailable("Connection refused"))
    url = f"{reverse('jobs:base_models')}?connection={engine.public_id}"
    text = client.get(url, headers=HTMX).content.decode()
    assert "Connection refused" in text
    assert '<select name="base_model"' in text
    assert '<option value="tiny-chat-1m"' in text


def test_a_base_model_that_the_provider_cannot_train_is_refused_at_its_field(
    client, owner, training_data
):
    engine = make_connection(workspace=owner.workspace, profile=Connection.Profile.ENGINE)
    data = form_data(training_data, engine, base_model="gpt-4.1-2025-04-14")
    response = client.post(reverse("jobs:create"), data)
    assert response.status_code == 422
    assert "does not train" in str(response.context["form"].errors["base_model"])


@pytest.mark.parametrize(("field", "value"), [("n_epochs", "0"), ("base_model", "")])
def test_a_refused_form_points_at_its_first_wrong_field(
    client, training_data, connection, field, value
):
    data = form_data(training_data, connection, seed="-1") | {field: value}
    text = client.post(reverse("jobs:create"), data).content.decode()
    (focused,) = re.findall(r"<[^>]+ autofocus[^>]*>", text)
    assert f'name="{field}"' in focused
    assert 'aria-invalid="true"' in focused
    assert f"id_{field}_error" in focused


def test_a_validation_file_of_the_same_name_is_guessed_and_said_to_be_a_guess(client, owner):
    train = make_version(workspace=owner.workspace, name="parrot.train")
    fitting = make_version(workspace=owner.workspace, name="parrot.validation")
    text = client.get(f"{reverse('jobs:create')}?training_data={train.public_id}").content.decode()
    assert f'value="{fitting.public_id}" selected' in text
    assert "Chosen by its name" in text


def test_another_training_file_brings_another_guess_but_never_overrules_a_choice(client, owner):
    space = {"workspace": owner.workspace}
    train = make_version(name="parrot.train", **space)
    guess = make_version(name="parrot.validation", **space)
    other = make_version(name="letters", **space)

    def chosen_after(training_data, **query):
        url = reverse("jobs:validation_choice")
        answer = client.get(url, {"training_data": training_data.public_id, **query}, headers=HTMX)
        return answer.context["form"]["validation_data"].value()

    assert chosen_after(train) == guess.public_id
    assert chosen_after(train, validation_data=other.public_id) == other.public_id
    forgotten = {"validation_data": guess.public_id, "guessed": guess.public_id}
    assert chosen_after(other, **forgotten) is None


@pytest.mark.parametrize("change", [{"status": "checking"}, {"name": "parrots.validation"}])
def test_nothing_is_guessed_that_is_unready_or_named_otherwise(client, owner, stranger, change):
    train = make_version(workspace=owner.workspace, name="parrot.train")
    fields = {"name": "parrot.validation", **change}
    make_version(workspace=owner.workspace, **fields)
    make_version(workspace=stranger.workspace, name="parrot.validation")
    text = client.get(f"{reverse('jobs:create')}?training_data={train.public_id}").content.decode()
    assert "Chosen by its name" not in text


def test_the_estimate_stands_beside_the_button(client, owner, training_data):
    openai = make_connection(workspace=owner.workspace, profile=Connection.Profile.OPENAI)
    query = {
        "training_data": training_data.public_id,
        "connection": openai.public_id,
        "base_model": "gpt-4.1-2025-04-14",
        "n_epochs": 3,
    }
    text = client.get(reverse("jobs:estimate"), query, headers=HTMX).content.decode()
    assert "720" in text
    assert "$0.02" in text
    assert "stop answering" in text


def test_the_estimate_says_that_this_machine_is_free(client, owner, training_data):
    engine = make_connection(workspace=owner.workspace, profile=Connection.Profile.ENGINE)
    earlier = make_job(workspace=owner.workspace, connection=engine, trained_tokens=720)
    started = timezone.now() - timedelta(seconds=60)
    ended(earlier, JobStatus.SUCCEEDED, started_at=started)
    query = {
        "training_data": training_data.public_id,
        "connection": engine.public_id,
        "base_model": "tiny-chat-1m",
        "n_epochs": 3,
    }
    text = client.get(reverse("jobs:estimate"), query, headers=HTMX).content.decode()
    assert "Runs on this machine" in text
    assert "1 min 0 s" in text


def test_an_estimate_of_an_empty_form_asks_for_the_rest(client):
    text = client.get(reverse("jobs:estimate"), headers=HTMX).content.decode()
    assert "to see what the job would take" in text


def test_a_viewer_cannot_start_a_job(client_of, viewer, training_data, connection):
    response = client_of(viewer).post(reverse("jobs:create"), form_data(training_data, connection))
    assert (response.status_code, Job.objects.count()) == (403, 0)
