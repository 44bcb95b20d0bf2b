"""The first page: what runs, what is new, what to do next."""

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apps.core import heartbeat
from apps.datasets.models import Version
from apps.home import health
from apps.home.tasks import note_heartbeat
from apps.playground.models import Conversation, Turn
from apps.providers.types import JobStatus
from tests.factories import make_job, make_version

URL = reverse("home:overview")
PARTIAL = {"HX-Request": "true"}


def page(browser: Client, **headers: str) -> str:
    return browser.get(URL, headers=headers).content.decode()


def make_finished_job(workspace, **fields):
    finished = {"status": JobStatus.SUCCEEDED, "finished_at": timezone.now()}
    return make_job(workspace=workspace, **{**finished, **fields})


def test_the_guide_starts_with_a_dataset(client):
    html = page(client)
    assert html.count('aria-current="step"') == 1
    assert "Add a dataset" in html
    assert "Start a job" not in html


def test_a_dataset_that_is_ready_makes_the_job_the_next_step(client, owner):
    make_version(workspace=owner.workspace)
    html = page(client)
    assert "Start a job" in html
    assert "Add a dataset" not in html


def test_a_dataset_with_problems_is_not_a_step_forward(client, owner):
    make_version(workspace=owner.workspace, status=Version.Status.INVALID, problem_row_count=2)
    assert "Add a dataset" in page(client)


def test_a_tuned_model_makes_the_comparison_the_next_step(client, owner):
    make_finished_job(owner.workspace, fine_tuned_model="ft:tiny")
    html = page(client)
    assert "Compare models" in html
    assert "Compare with base" in html


def test_the_guide_leaves_when_all_is_done(client, owner):
    make_finished_job(owner.workspace)
    conversation = Conversation.objects.create(workspace=owner.workspace, title="Hi")
    Turn.objects.create(
        conversation=conversation, position=0, text="Hi", form_token=conversation.public_id
    )
    html = page(client)
    assert 'aria-current="step"' not in html
    assert "New job" in html


def test_a_viewer_sees_the_steps_and_has_nothing_to_press(client_of, viewer):
    make_finished_job(viewer.workspace, fine_tuned_model="ft:tiny")
    html = page(client_of(viewer))
    assert 'aria-current="step"' in html
    assert "Compare models" not in html
    assert "Compare with base" not in html


def test_what_runs_is_shown_with_its_progress_and_asked_for_often(client, owner):
    make_job(
        workspace=owner.workspace,
        name="Pirate",
        status=JobStatus.RUNNING,
        step=412,
        total_steps=1200,
    )
    html = page(client, **PARTIAL)
    assert "Pirate" in html
    assert "step 412 of 1,200" in html
    assert 'hx-trigger="every 2s"' in html
    assert "<html" not in html


def test_a_dataset_being_checked_counts_its_rows(client, owner):
    checking = {"status": Version.Status.CHECKING, "row_count": None, "rows_checked": 34_000}
    make_version(workspace=owner.workspace, **checking)
    assert "34,000 rows read" in page(client)


def test_an_idle_page_asks_seldom(client):
    assert 'hx-trigger="every 15s"' in page(client)


def test_other_workspaces_are_not_there(client, stranger):
    make_job(workspace=stranger.workspace, name="Secret plan")
    make_version(workspace=stranger.workspace, name="Secret data")
    assert "Secret" not in page(client)


def test_the_page_costs_the_same_with_much_as_with_little(client, owner, django_assert_num_queries):
    make_job(workspace=owner.workspace)
    client.get(URL)
    with django_assert_num_queries(12):
        client.get(URL)
    for _ in range(4):
        make_job(workspace=owner.workspace)
        make_finished_job(owner.workspace)
    with django_assert_num_queries(12):
        client.get(URL)


def test_a_silent_worker_is_said_in_words(client):
    assert "Not heard from yet" in page(client)
    note_heartbeat.delay()
    assert "Carries checks and jobs forward" in page(client)
    heartbeat.leave("worker", at=timezone.now() - 2 * health.SILENT_AFTER)
    assert "Silent for 1 min" in page(client)


def test_a_trainer_that_does_not_run_is_said_in_words(client, monkeypatch):
    monkeypatch.setattr(health, "is_engine_reachable", lambda: True)
    assert "trainer was not heard from yet" in page(client)
    heartbeat.leave("trainer", at=timezone.now())
    assert "Jobs can train on this machine" in page(client)
    heartbeat.leave("trainer", at=timezone.now() - 2 * health.SILENT_AFTER)
    assert "trainer has been silent for 1 min" in page(client)


def test_an_engine_that_does_not_answer_is_said_in_words(client, settings):
    settings.ENGINE_URL = "http://127.0.0.1:1/v1"
    assert "Does not answer" in page(client)


def test_names_are_escaped(client, owner):
    make_job(workspace=owner.workspace, name="<script>alert(1)</script>")
    assert "<script>alert" not in page(client)
