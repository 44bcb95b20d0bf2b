"""The pages of jobs, through their addresses."""

import json
from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from apps.jobs import admission, schedule, tasks
from apps.jobs.models import Checkpoint, Job, JobEvent, MetricPoint
from apps.providers.models import Connection
from apps.providers.types import JobStatus, ProviderUnavailable
from tests.factories import make_connection, make_dataset, make_job
from tests.jobs.conftest import later

HTMX = {"HX-Request": "true"}


def ended(job: Job, status: JobStatus, **fields: object) -> Job:
    Job.objects.filter(pk=job.pk).update(status=status, finished_at=timezone.now(), **fields)
    job.refresh_from_db()
    return job


def page(client, job: Job) -> str:
    return client.get(job.get_absolute_url()).content.decode()


def live(client, job: Job, seen: str = ""):
    return client.get(f"{job.get_absolute_url()}?seen={seen}", headers=HTMX)


# --- the list -----------------------------------------------------------------------------------


def test_an_empty_list_explains_what_a_job_is(client):
    response = client.get(reverse("jobs:list"))
    assert "shows a model your examples" in response.content.decode()
    assert reverse("jobs:create") in response.content.decode()


def test_the_list_shows_status_progress_curve_and_data(client, running_job):
    line = [[1, 2.0], [50, 1.0]]
    Job.objects.update(step=50, total_steps=100, sparkline=line)
    text = client.get(reverse("jobs:list")).content.decode()
    for expected in ("Running", "step 50 / 100", "polyline", running_job.dataset.name):
        assert expected in text


def test_the_list_costs_the_same_for_few_and_for_many(client, owner, connection):
    def cost() -> int:
        with CaptureQueriesContext(
            database,
        ) as queries:
            client.get(reverse("jobs:list"))
        return len(queries)

    make_job(workspace=owner.workspace, connection=connection)
    few = cost()
    for _number in range(20):
        make_job(workspace=owner.workspace, connection=make_connection(workspace=owner.workspace))
    assert cost() == few <= 7


def test_the_list_reads_its_page_from_an_index(client, owner, connection):
    dataset = make_dataset(workspace=owner.workspace)
    shared = {"workspace": owner.workspace, "connection": connection, "dataset": dataset}
    Job.objects.bulk_create(Job(name=f"Job {n}", base_model="x", **shared) for n in range(3000))
    with database.cursor() as cursor:
        cursor.execute("ANALYZE jobs_job")
    newest = Job.objects.visible_to(owner).order_by("-created_at", "-pk")[:50]
    assert "job_newest" in newest.explain()


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("status=failed", {"broken"}),
        ("status=active", {"alive"}),
        ("q=BROK", {"broken"}),
        ("q=special-model", {"alive"}),
        ("status=nonsense&connection=nonsense", {"broken", "alive"}),
        ("q=nothing-like-it", set()),
    ],
)
def test_filters_stand_in_the_address(client, owner, connection, query, found):
    shared = {"workspace": owner.workspace, "connection": connection}
    make_job(name="alive", base_model="special-model", **shared)
    ended(make_job(name="broken", **shared), JobStatus.FAILED)
    response = client.get(f"{reverse('jobs:list')}?{query}")
    assert {job.name for job in response.context["found"].jobs} == found


def test_the_list_filters_by_connection(client, owner, connection):
    make_job(name="other", workspace=owner.workspace)
    make_job(name="mine", workspace=owner.workspace, connection=connection)
    response = client.get(f"{reverse('jobs:list')}?connection={connection.public_id}")
    assert [job.name for job in response.context["found"].jobs] == ["mine"]


def test_the_list_asks_again_only_while_a_job_is_active(client, running_job):
    assert 'hx-trigger="every' in client.get(reverse("jobs:list")).content.decode()
    ended(running_job, JobStatus.SUCCEEDED)
    assert 'hx-trigger="every' not in client.get(reverse("jobs:list")).content.decode()


def test_a_list_that_has_not_changed_is_not_sent_again(client, running_job):
    version = client.get(reverse("jobs:list")).context["found"].version
    url = f"{reverse('jobs:list')}?seen={version}"
    assert client.get(url, headers=HTMX).status_code == 204
    Job.objects.update(updated_at=timezone.now())
    assert client.get(url, headers=HTMX).status_code == 200


# --- the form -----------------------------------------------------------------------------------


def form_data(dataset, connection, **fields):
    return {
        "form_token": str(uuid4()),
        "dataset": str(dataset.public_id),
        "connection": str(connection.public_id),
        "base_model": "tiny-chat-1m",
        **fields,
    }


@pytest.fixture
def dataset(owner):
    return make_dataset(workspace=owner.workspace)


def test_starting_a_job_brings_it_to_the_provider(
    client, dataset, connection, provider, django_capture_on_commit_callbacks
):
    data = form_data(dataset, connection, suffix="my-bot", seed=7, n_epochs=3)
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
    client, dataset, connection, provider, django_capture_on_commit_callbacks
):
    data = form_data(dataset, connection)
    with django_capture_on_commit_callbacks(execute=True):
        first = client.post(reverse("jobs:create"), data)
        second = client.post(reverse("jobs:create"), data)
    assert first.url == second.url
    assert (Job.objects.count(), len(provider.specs)) == (1, 1)


def test_a_token_of_another_workspace_starts_nothing(client, dataset, connection, stranger):
    other = make_job(workspace=stranger.workspace)
    data = form_data(dataset, connection, form_token=str(other.public_id))
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
        ("dataset", "not-a-uuid"),
    ],
)
def test_a_value_out_of_range_is_explained_at_its_field(client, dataset, connection, field, value):
    data = form_data(dataset, connection) | {field: value}
    response = client.post(reverse("jobs:create"), data)
    assert response.status_code == 422
    assert response.context["form"].errors[field]
    assert not Job.objects.exists()


def test_training_and_validation_on_the_same_file_is_refused(client, dataset, connection):
    data = form_data(dataset, connection, validation_dataset=str(dataset.public_id))
    response = client.post(reverse("jobs:create"), data)
    assert "proves nothing" in response.content.decode()


def test_a_dataset_that_is_too_small_for_the_provider_is_refused(client, owner, dataset):
    openai = make_connection(workspace=owner.workspace, profile=Connection.Profile.OPENAI)
    dataset.row_count = 9
    dataset.save(update_fields=["row_count"])
    data = form_data(dataset, openai, base_model="gpt-4.1-mini-2025-04-14")
    response = client.post(reverse("jobs:create"), data)
    assert "at least 10 examples" in response.content.decode()


def test_a_provider_that_has_closed_is_refused_before_anything_is_sent(
    client, owner, dataset, monkeypatch
):
    openai = make_connection(workspace=owner.workspace, profile=Connection.Profile.OPENAI)
    monkeypatch.setattr(admission.timezone, "localdate", lambda: date(2027, 2, 1))
    data = form_data(dataset, openai, base_model="gpt-4.1-mini-2025-04-14")
    response = client.post(reverse("jobs:create"), data)
    assert "no longer starts new jobs" in response.content.decode()
    assert not Job.objects.exists()


def test_only_ready_datasets_of_ones_own_are_offered(client, owner, stranger, dataset):
    make_dataset(workspace=owner.workspace, name="unready", status="checking")
    make_dataset(workspace=stranger.workspace, name="foreign")
    text = client.get(reverse("jobs:create")).content.decode()
    assert dataset.name in text
    assert "unready" not in text
    assert "foreign" not in text


def test_a_link_from_a_dataset_preselects_it(client, dataset):
    text = client.get(f"{reverse('jobs:create')}?dataset={dataset.public_id}").content.decode()
    assert f'value="{dataset.public_id}" selected' in text


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
    assert '<input class="input" id="id_base_model"' in text


def test_the_estimate_stands_beside_the_button(client, owner, dataset):
    openai = make_connection(workspace=owner.workspace, profile=Connection.Profile.OPENAI)
    query = {
        "dataset": dataset.public_id,
        "connection": openai.public_id,
        "base_model": "gpt-4.1-2025-04-14",
        "n_epochs": 3,
    }
    text = client.get(reverse("jobs:estimate"), query, headers=HTMX).content.decode()
    assert "720" in text
    assert "$0.02" in text
    assert "stop answering" in text


def test_the_estimate_says_that_this_machine_is_free(client, owner, dataset):
    engine = make_connection(workspace=owner.workspace, profile=Connection.Profile.ENGINE)
    earlier = make_job(workspace=owner.workspace, connection=engine, trained_tokens=720)
    started = timezone.now() - timedelta(seconds=60)
    ended(earlier, JobStatus.SUCCEEDED, started_at=started)
    query = {
        "dataset": dataset.public_id,
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


def test_a_viewer_cannot_start_a_job(client_of, viewer, dataset, connection):
    response = client_of(viewer).post(reverse("jobs:create"), form_data(dataset, connection))
    assert (response.status_code, Job.objects.count()) == (403, 0)


# --- one job ------------------------------------------------------------------------------------


def test_the_page_shows_progress_and_figures_and_dashes_for_the_rest(client, running_job, provider):
    provider.add_step("ftjob-1", 34, train_loss=1.234, train_mean_token_accuracy=0.5)
    tasks.poll_due_jobs()
    text = page(client, running_job)
    for expected in ("step 34 / 100", "34 %", "1.234", "0.500", "–"):
        assert expected in text
    assert "0.000" not in text


def test_a_job_without_steps_shows_its_phases(client, owner, connection):
    job = make_job(workspace=owner.workspace, connection=connection)
    text = page(client, job)
    assert "Wait for a free machine" in text
    assert "%</span>" not in text


def test_the_page_says_who_estimated_the_end(client, running_job):
    soon = timezone.now() + timedelta(minutes=2)
    Job.objects.update(estimated_finish_at=soon)
    assert "from provider" in page(client, running_job)
    started = timezone.now() - timedelta(seconds=60)
    Job.objects.update(
        estimated_finish_at=None,
        started_at=started,
        last_news_at=timezone.now(),
        step=30,
        total_steps=90,
    )
    text = page(client, running_job)
    assert "from pace" in text
    assert "2 min 0 s" in text or "1 min 59 s" in text


def test_news_that_are_old_are_marked(client, running_job):
    Job.objects.update(last_news_at=timezone.now() - timedelta(minutes=3))
    text = page(client, running_job)
    assert "3 min ago" in text
    assert "text-warning" in text


def test_a_live_page_that_knows_everything_gets_nothing(client, running_job):
    version = live(client, running_job).context["version"]
    assert live(client, running_job, version).status_code == 204
    Job.objects.update(step=3, updated_at=timezone.now())
    response = live(client, running_job, version)
    assert response.status_code == 200
    assert "<html" not in response.content.decode()


def test_a_finished_job_no_longer_asks(client, running_job):
    assert 'hx-trigger="every 1s"' in page(client, running_job)
    ended(running_job, JobStatus.SUCCEEDED, fine_tuned_model="ft:x")
    text = page(client, running_job)
    assert "hx-trigger" not in text
    assert f"{reverse('playground:create')}?job={running_job.public_id}" in text


def test_looking_at_a_job_brings_its_news_sooner(client, running_job, provider):
    Job.objects.update(next_poll_at=timezone.now() + timedelta(seconds=15))
    page(client, running_job)
    tasks.poll_due_jobs()
    running_job.refresh_from_db()
    wait = running_job.next_poll_at - running_job.last_polled_at
    assert (provider.calls["get_job"], wait) == (1, schedule.WATCHED)


def test_looking_does_not_hurry_a_provider_in_trouble(client, running_job):
    later_on = timezone.now() + timedelta(minutes=5)
    Job.objects.update(next_poll_at=later_on, attempts=3, trouble="Connection refused")
    text = page(client, running_job)
    running_job.refresh_from_db()
    assert running_job.next_poll_at == later_on
    assert "Connection refused" in text


def test_a_live_page_writes_only_now_and_then(client, running_job):
    live(client, running_job)
    Job.objects.update(next_poll_at=timezone.now())
    with CaptureQueriesContext(database) as queries:
        live(client, running_job)
    assert not [query for query in queries if query["sql"].startswith("UPDATE")]


def test_a_failed_job_shows_the_providers_words_and_what_to_do(client, running_job):
    ended(
        running_job,
        JobStatus.FAILED,
        error="Example 3 <script>alert(1)</script>",
        error_code="invalid_training_file",
    )
    text = page(client, running_job)
    assert "Example 3 &lt;script&gt;" in text
    assert "correct the file" in text


def test_what_a_provider_says_is_escaped(client, running_job):
    words = "<img src=x onerror=alert(1)>"
    fields = {"level": "info", "type": "message", "created_at": timezone.now()}
    JobEvent.objects.create(job=running_job, provider_event_id="1", message=words, **fields)
    Job.objects.update(raw={"note": words}, trouble=words)
    assert words not in page(client, running_job)


def test_cancelling_asks_first_and_says_that_it_is_stopping(client, running_job, provider):
    assert "what was trained until now may be billed" in page(client, running_job)
    client.post(reverse("jobs:cancel", args=[running_job.public_id]))
    assert "Stopping…" in page(client, running_job)
    tasks.advance_due_jobs()
    later(running_job)
    tasks.poll_due_jobs()
    running_job.refresh_from_db()
    assert running_job.status == JobStatus.CANCELLED


def test_a_viewer_may_look_but_not_stop(client_of, viewer, running_job):
    browser = client_of(viewer)
    assert 'data-dialog="cancel"' not in page(browser, running_job)
    url = reverse("jobs:cancel", args=[running_job.public_id])
    assert browser.post(url).status_code == 404


@pytest.mark.parametrize("name", ["detail", "metrics", "metrics_csv", "numbers", "events"])
def test_a_stranger_finds_nothing(client_of, stranger, running_job, name):
    url = reverse(f"jobs:{name}", args=[running_job.public_id])
    assert client_of(stranger).get(url).status_code == 404


def test_checkpoints_can_be_chatted_with(client, running_job):
    Checkpoint.objects.create(
        job=running_job,
        provider_checkpoint_id="1",
        model="ft:x:ckpt-step-12",
        step=12,
        created_at=timezone.now(),
        metrics={"train_loss": 0.5},
    )
    text = page(client, running_job)
    assert "model=ft%3Ax%3Ackpt-step-12" in text


def points(job: Job, count: int, **numbers: float) -> None:
    rows = (MetricPoint(job=job, step=n, train_loss=1 / n, **numbers) for n in range(1, count + 1))
    MetricPoint.objects.bulk_create(rows)


def test_the_chart_gets_columns_and_later_only_what_is_new(client, running_job):
    points(running_job, 4)
    url = reverse("jobs:metrics", args=[running_job.public_id])
    told = client.get(url).json()
    assert (told["step"], told["train_loss"][1], told["valid_loss"][0]) == ([1, 2, 3, 4], 0.5, None)
    assert client.get(f"{url}?after=3").json()["step"] == [4]
    assert client.get(f"{url}?after=nonsense").json()["step"] == [1, 2, 3, 4]


def test_a_long_chart_is_thinned_without_losing_its_peaks(client, running_job):
    points(running_job, 6000)
    MetricPoint.objects.filter(step=3000).update(train_loss=99.0)
    MetricPoint.objects.filter(step=4000).update(full_valid_loss=0.7)
    told = client.get(reverse("jobs:metrics", args=[running_job.public_id])).json()
    assert len(told["step"]) <= 2000
    assert 99.0 in told["train_loss"]
    assert 0.7 in told["full_valid_loss"]


def test_the_numbers_are_there_as_a_table_and_as_a_file(client, running_job):
    points(running_job, 3)
    table = client.get(reverse("jobs:numbers", args=[running_job.public_id])).content.decode()
    assert "0.333" in table
    response = client.get(reverse("jobs:metrics_csv", args=[running_job.public_id]))
    lines = b"".join(response.streaming_content).decode().splitlines()
    assert (lines[0].split(",")[:2], lines[1].split(",")[:3]) == (
        ["step", "train_loss"],
        ["1", "1.0", ""],
    )


def test_the_page_costs_the_same_for_few_and_for_many_events(client, running_job):
    def cost() -> int:
        with CaptureQueriesContext(database) as queries:
            page(client, running_job)
        return len(queries)

    cost()
    few = cost()
    fields = {"job": running_job, "level": "info", "type": "message", "message": "x"}
    JobEvent.objects.bulk_create(
        JobEvent(provider_event_id=str(n), created_at=timezone.now(), **fields) for n in range(200)
    )
    points(running_job, 200)
    assert cost() == few
    text = client.get(reverse("jobs:events", args=[running_job.public_id])).content.decode()
    assert "1 to 100 of 200" in text


def test_an_unknown_status_is_shown_in_the_providers_word(client, running_job):
    Job.objects.update(status=JobStatus.UNKNOWN, provider_status="warming_up", raw={"a": 1})
    text = page(client, running_job)
    assert "the provider says “warming_up”" in text
    assert json.dumps({"a": 1}, indent=2).replace('"', "&quot;") in text
