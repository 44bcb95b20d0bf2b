"""A sweep from its form to its table, a few jobs at a time, each of them made once."""

import re
from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from apps.accounts.models import Membership
from apps.jobs import services as job_services
from apps.jobs.models import Job
from apps.providers.models import Connection
from apps.providers.types import JobStatus
from apps.sweeps import advancing
from apps.sweeps.models import Sweep, Trial
from tests.factories import make_connection, make_job, make_membership, make_version

MODEL = "gpt-4o-mini-2024-07-18"  # $3.00 per million tokens
MILLION = {"total": 1_000_000, "min": 20, "median": 20, "p95": 20, "max": 20, "over_limit": 0}


@pytest.fixture
def version(owner):
    """A million tokens: three dollars an epoch at OpenAI."""
    tokens = {"o200k_base": MILLION, "bytes": MILLION}
    return make_version(workspace=owner.workspace, statistics={"rows": 12, "tokens": tokens})


@pytest.fixture
def form_data(version, connection):
    return {
        "form_token": str(uuid4()),
        "training_data": str(version.public_id),
        "connection": str(connection.public_id),
        "base_model": "some-model",
        "n_epochs": "1, 2",
        "learning_rate_multiplier": "0.5 1 2",
        "batch_size": "4",
        "at_once": "2",
    }


@pytest.fixture
def start(client, form_data, provider, django_capture_on_commit_callbacks):
    def send(**fields) -> Sweep:
        with django_capture_on_commit_callbacks(execute=True):
            answer = client.post(reverse("sweeps:create"), form_data | fields)
        assert answer.status_code == 302, answer.context["form"].errors
        return Sweep.objects.get()

    return send


@pytest.fixture
def tick(django_capture_on_commit_callbacks):
    def advance(sweep: Sweep) -> None:
        long_ago = timezone.now() - timedelta(minutes=5)
        Sweep.objects.filter(pk=sweep.pk).update(next_look_at=long_ago)
        with django_capture_on_commit_callbacks(execute=True):
            advancing.advance(sweep.pk)
        sweep.refresh_from_db()

    return advance


def end(job: Job, status=JobStatus.SUCCEEDED, **fields) -> None:
    Job.objects.filter(pk=job.pk).update(status=status, finished_at=timezone.now(), **fields)


def page_of(client, sweep) -> str:
    return client.get(sweep.get_absolute_url()).content.decode()


def test_every_combination_becomes_a_trial_and_so_many_begin_as_may_at_once(start, provider):
    sweep = start()
    assert sweep.trials.count() == 6
    assert [spec.hyperparameters for spec in provider.specs] == [
        {"n_epochs": 1, "learning_rate_multiplier": 0.5, "batch_size": 4},
        {"n_epochs": 1, "learning_rate_multiplier": 1.0, "batch_size": 4},
    ]


def test_the_next_begins_when_one_has_ended_until_all_have_run(start, tick, provider):
    sweep = start()
    for expected in (3, 4, 5, 6, 6, 6, 6):
        end(Job.objects.active().order_by("pk").first() or Job.objects.first())
        tick(sweep)
        assert len(provider.specs) == expected
        assert len(set(map(repr, provider.specs))) == expected
    assert (sweep.ended_at is not None, sweep.end_reason) == (True, "")


def test_a_double_click_makes_one_sweep(client, form_data, start):
    start()
    again = client.post(reverse("sweeps:create"), form_data)
    assert again.url == Sweep.objects.get().get_absolute_url()
    assert (Sweep.objects.count(), Trial.objects.count(), Job.objects.count()) == (1, 6, 2)


def test_a_worker_that_died_after_making_a_job_leaves_nothing_to_make_twice(
    start, tick, monkeypatch, provider
):
    made = job_services.create_job

    def create_and_die(**wanted):
        made(**wanted)
        raise KeyboardInterrupt

    sweep = start()
    for job in list(Job.objects.active()):
        end(job)
    monkeypatch.setattr(job_services, "create_job", create_and_die)
    with pytest.raises(KeyboardInterrupt):
        tick(sweep)
    monkeypatch.setattr(job_services, "create_job", made)
    assert Job.objects.count() == 2
    Sweep.objects.update(lease_until=None)
    tick(sweep)
    assert Job.objects.count() == 4
    assert Trial.objects.exclude(job=None).count() == 4


def test_two_workers_start_no_trial_twice(start, provider):
    sweep = start()
    end(Job.objects.first())
    now = timezone.now() + timedelta(minutes=1)
    assert Sweep.objects.claim(sweep.pk, at=now, lease=advancing.LEASE)
    assert Sweep.objects.claim(sweep.pk, at=now, lease=advancing.LEASE) is None


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"n_epochs": "2", "learning_rate_multiplier": ""}, "several values"),
        ({"n_epochs": "1, two"}, "“two” is not a whole number"),
        ({"n_epochs": "0, 1"}, "0 is not between"),
        ({"n_epochs": ",".join(map(str, range(1, 40)))}, "These are 117 jobs"),
        ({"at_once": "0"}, "greater than or equal to 1"),
        ({"budget_usd": "-1"}, "greater than or equal to 0"),
        ({"training_data": str(uuid4())}, "Select a valid choice"),
    ],
)
def test_what_cannot_be_tried_is_said_and_nothing_begins(client, form_data, fields, words):
    answer = client.post(reverse("sweeps:create"), form_data | fields)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not Sweep.objects.exists()
    assert not Job.objects.exists()


def test_the_budget_of_a_sweep_ends_it_before_it_is_passed(owner, start, tick, providers, version):
    openai = make_connection(workspace=owner.workspace, profile=Connection.Profile.OPENAI)
    fields = {"connection": str(openai.public_id), "base_model": MODEL, "at_once": "1"}
    sweep = start(**fields, n_epochs="1", budget_usd="7")  # three jobs of three dollars
    end(Job.objects.get(), trained_tokens=1_000_000)
    tick(sweep)
    end(Job.objects.active().get(), trained_tokens=1_000_000)
    tick(sweep)
    assert Job.objects.count() == 2
    assert "budget of $7.00" in sweep.end_reason


def test_a_job_that_cost_less_than_feared_makes_room_for_another(owner, start, tick, providers):
    openai = make_connection(workspace=owner.workspace, profile=Connection.Profile.OPENAI)
    fields = {"connection": str(openai.public_id), "base_model": MODEL, "at_once": "2"}
    sweep = start(**fields, n_epochs="1", budget_usd="7")
    for job in Job.objects.active():
        end(job, JobStatus.CANCELLED, trained_tokens=100_000)
    tick(sweep)
    assert Job.objects.count() == 3


def test_the_form_tells_the_sum_before_anything_begins(client, owner, form_data):
    openai = make_connection(workspace=owner.workspace, profile=Connection.Profile.OPENAI)
    fields = {"connection": str(openai.public_id), "base_model": MODEL}
    answer = client.post(reverse("sweeps:estimate"), form_data | fields).content.decode()
    assert "<dd>6</dd>" in answer  # jobs
    assert "≈ $27.00" in answer  # three of one epoch, three of two


def test_stopping_starts_nothing_more_and_stops_what_runs(client, start, tick, provider):
    sweep = start()
    client.post(reverse("sweeps:stop", args=[sweep.public_id]))
    tick(sweep)
    assert Job.objects.count() == 2
    assert {job.wish for job in Job.objects.all()} == {"cancel"}
    page = page_of(client, sweep)
    assert "It was stopped" in page
    assert page.count("Left out") == 4


def test_the_table_shows_what_came_of_each_and_marks_the_best(client, start, tick, provider):
    sweep = start(n_epochs="1,2", learning_rate_multiplier="")
    worse, better = Job.objects.order_by("pk")
    end(worse, latest_metrics={"full_valid_loss": [10, 1.5], "train_loss": [10, 0.2]})
    end(better, latest_metrics={"full_valid_loss": [20, 1.25], "train_loss": [20, 0.4]})
    tick(sweep)
    page = page_of(client, sweep)
    assert "1.500" in page
    assert "1.250" in page
    row = page[page.index("1.250") - 2500 : page.index("1.250")]
    assert ">best<" in row
    assert page.count(">best<") == 1


def test_the_training_loss_makes_nothing_the_best(client, start, tick, provider):
    sweep = start(n_epochs="1,2", learning_rate_multiplier="")
    for loss, job in enumerate(Job.objects.all(), 1):
        end(job, latest_metrics={"train_loss": [10, float(loss)]})
    tick(sweep)
    page = page_of(client, sweep)
    assert ">best<" not in page
    assert "nothing here tells which is best" in page


def test_the_curves_of_its_jobs_are_laid_over_each_other(client, start, provider):
    page = page_of(client, start())
    address = re.search(r'href="(/jobs/compare/[^"]+)"', page)
    assert address
    compared = client.get(address.group(1))
    assert [job for _hue, _number, job in compared.context["runs"]] == list(
        Job.objects.order_by("pk")
    )


def test_one_finished_job_is_not_called_the_best(client, start, provider):
    sweep = start()
    end(Job.objects.first(), latest_metrics={"train_loss": [10, 0.2]})
    assert ">best<" not in page_of(client, sweep)


def test_a_page_that_knows_the_state_is_told_nothing(client, start, provider):
    sweep = start()
    version = client.get(sweep.get_absolute_url()).context["version"]
    htmx = {"HX-Request": "true"}
    address = f"{sweep.get_absolute_url()}?seen={version}"
    assert client.get(address, headers=htmx).status_code == 204
    end(Job.objects.first(), updated_at=timezone.now())
    assert client.get(address, headers=htmx).status_code == 200


def test_a_sweep_begins_with_the_settings_of_a_job(client, owner, connection, version):
    job = make_job(
        workspace=owner.workspace,
        connection=connection,
        training_data=version,
        hyperparameters={"n_epochs": 3, "batch_size": "auto"},
    )
    form = client.get(f"{reverse('sweeps:create')}?job={job.public_id}").context["form"]
    assert str(form["n_epochs"].value()) == "3"
    assert form["training_data"].value() == version.public_id
    assert not form["batch_size"].value()


def test_a_link_that_names_no_job_of_this_workspace_leads_nowhere(client, owner):
    strangers = make_job(workspace=make_membership().workspace)
    for name in ("x", "", strangers.public_id):
        assert client.get(reverse("sweeps:create"), {"job": name}).status_code == 404


def test_whoever_left_the_workspace_starts_nothing_more(owner, editor, start, tick, provider):
    sweep = start()
    Sweep.objects.update(created_by=editor.user)
    Membership.objects.filter(pk=editor.pk).delete()
    for job in Job.objects.active():
        end(job)
    tick(sweep)
    assert Job.objects.count() == 2
    assert "not in this workspace any more" in sweep.end_reason


def test_a_viewer_and_a_stranger_start_nothing(client_of, viewer, stranger, form_data):
    assert client_of(viewer).post(reverse("sweeps:create"), form_data).status_code == 403
    assert client_of(stranger).post(reverse("sweeps:create"), form_data).status_code == 422
    assert not Sweep.objects.exists()


def test_amounts_are_exact(start, tick, owner, providers):
    openai = make_connection(workspace=owner.workspace, profile=Connection.Profile.OPENAI)
    fields = {"connection": str(openai.public_id), "base_model": MODEL, "at_once": "8"}
    sweep = start(**fields)
    trials = list(sweep.trials.select_related("job"))
    assert advancing.committed(trials) == Decimal("27")
