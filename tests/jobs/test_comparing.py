"""Jobs beside each other: curves over one axis, what differs, and nothing of strangers."""

from datetime import timedelta
from html import unescape

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from apps.jobs.curves import overlays
from apps.jobs.models import Job
from apps.jobs.showing import comparing
from tests.factories import make_job, make_version
from tests.jobs.conftest import train


def made(owner, connection, **fields) -> Job:
    job = make_job(workspace=owner.workspace, connection=connection, **fields)
    train(job, {n: {"train_loss": 1 / n, "full_valid_loss": 2 / n} for n in range(1, 21)})
    return job


@pytest.fixture
def data(owner):
    return make_version(workspace=owner.workspace, name="Support answers")


@pytest.fixture
def jobs(owner, connection, data) -> list[Job]:
    """Two jobs that differ in their epochs, their data and what they cost."""
    now = timezone.now()
    later = make_version(workspace=owner.workspace, dataset=data.dataset, row_count=14)
    shared = {"status": "succeeded", "started_at": now - timedelta(minutes=5), "finished_at": now}
    shared["validation_data"] = make_version(workspace=owner.workspace, name="Held back")
    price = {"estimate": {"usd_per_million": "10"}, "total_steps": 20}
    short = {"hyperparameters": {"n_epochs": 2, "batch_size": 4}, "trained_tokens": 100_000}
    long = {"hyperparameters": {"n_epochs": "auto", "batch_size": 4}, "trained_tokens": 300_000}
    first = made(owner, connection, name="Short", training_data=data, **shared, **price, **short)
    told = {"resolved_hyperparameters": {"n_epochs": 5}}
    second = made(
        owner, connection, name="Long", training_data=later, **shared, **price, **long, **told
    )
    return [first, second]


def url(jobs: list[Job], more: str = "", name: str = "compare") -> str:
    chosen = "&".join(f"jobs={job.public_id}" for job in jobs)
    return f"{reverse(f'jobs:{name}')}?{chosen}{more}"


def page(client, jobs: list[Job], more: str = "") -> str:
    return unescape(client.get(url(jobs, more)).content.decode())


def rows(told: list[comparing.Row]) -> dict[str, list[str]]:
    return {row.label: [cell.text for cell in row.cells] for row in told if row.differs}


def test_only_what_differs_is_shown_until_someone_asks_for_everything(client, jobs):
    text = page(client, jobs)
    assert ("n_epochs" in text, "batch_size" in text) == (True, False)
    assert "5 (chosen by the provider)" in text
    assert "batch_size" in page(client, jobs, "&equal=show")


def test_versions_of_one_dataset_lead_to_what_is_new(client, jobs, owner, connection):
    first, second = jobs
    diff = reverse("datasets:diff", args=[*second.training_data.address, 1])
    assert f'href="{diff}"' in page(client, jobs)
    other = made(owner, connection, name="Other data")
    assert "/diff/" not in page(client, [first, other])


def test_results_are_told_and_the_best_marked(jobs):
    train(jobs[1], {20: {"train_loss": 0.01, "full_valid_loss": 0.05}})
    told = comparing.result_rows(jobs, [{}, {}])
    assert rows(told)["Cost"] == ["$1.00", "$3.00"]
    cost = next(row for row in told if row.label == "Cost")
    assert [cell.is_best for cell in cost.cells] == [True, False]
    loss = next(row for row in told if row.label == "Training loss")
    assert [cell.is_best for cell in loss.cells] == [False, False]


def test_losses_on_different_validation_files_are_not_ranked(client, jobs, owner):
    train(jobs[1], {20: {"full_valid_loss": 0.05}})
    assert "0.050" in page(client, jobs)
    assert page(client, jobs).count(">best<") == 2
    jobs[1].validation_data = make_version(workspace=owner.workspace)
    jobs[1].save()
    assert page(client, jobs).count(">best<") == 1
    Job.objects.update(validation_data=None)
    assert page(client, jobs).count(">best<") == 1


def test_curves_of_all_jobs_share_their_plots(client, jobs):
    told = client.get(url(jobs, name="compare_series")).json()
    loss = told["plots"][0]
    assert [(each["label"], each["hue"], each["isDashed"]) for each in loss["curves"]] == [
        ("1 · Training", 1, False),
        ("1 · Whole validation file", 1, True),
        ("2 · Training", 2, False),
        ("2 · Whole validation file", 2, True),
    ]
    assert told["series"]["2:train_loss"][0] == list(range(1, 21))


def test_curves_can_run_over_epochs_and_tokens(client, jobs):
    epochs = client.get(url(jobs, "&x=epoch", "compare_series")).json()["series"]
    assert epochs["1:train_loss"][0][:2] == [0.1, 0.2]
    assert epochs["2:train_loss"][0][-1] == 5.0
    part = client.get(url(jobs, "&x=epoch&first=0.5&last=1", "compare_series")).json()["series"]
    assert (part["1:train_loss"][0][0], part["2:train_loss"][0]) == (0.5, [0.5, 0.75, 1.0])
    tokens = client.get(url(jobs, "&x=tokens", "compare_series")).json()["series"]
    assert [tokens[f"{n}:train_loss"][0][-1] for n in (1, 2)] == [100_000, 300_000]


def test_a_job_that_does_not_tell_its_tokens_is_left_out_and_it_is_said(client, jobs):
    Job.objects.filter(pk=jobs[0].pk).update(trained_tokens=None)
    assert "The curves of Short are left out" in page(client, jobs, "&x=tokens")
    told = client.get(url(jobs, "&x=tokens", "compare_series")).json()
    assert {name.split(":")[0] for name in told["series"]} == {"2"}


def test_the_providers_own_count_of_epochs_is_trusted_first(jobs):
    train(jobs[0], {20: {"epoch": 4.0}})
    assert overlays.per_step(jobs[0], "epoch") == 0.2


def test_jobs_of_any_method_and_from_elsewhere_can_be_compared(client, jobs, owner, connection):
    other = made(owner, connection, name="Elsewhere", method="reinforcement", is_imported=True)
    Job.objects.filter(pk=other.pk).update(training_data=None)
    assert "Reinforcement" in page(client, [*jobs, other])
    assert "Training reward" in page(client, [*jobs, other], "&equal=show")


def test_fewer_than_two_jobs_say_what_to_do_and_more_than_eight_are_cut(client, jobs, owner):
    assert "Choose two to eight jobs" in page(client, jobs[:1])
    assert "Choose two to eight jobs" in page(client, [])
    many = [make_job(workspace=owner.workspace, name=f"Job number {n}") for n in range(9)]
    text = page(client, many)
    assert ("Job number 7" in text, "Job number 8" in text) == (True, False)
    assert "These are the first eight" in text
    assert "These are the first eight" not in page(client, many[:8])


def test_the_address_is_the_same_with_commas(client, jobs):
    joined = ",".join(str(job.public_id) for job in jobs)
    text = client.get(f"{reverse('jobs:compare')}?jobs={joined}").content.decode()
    assert "Short" in text
    assert "Long" in text


@pytest.mark.parametrize("name", ["compare", "compare_series"])
def test_jobs_of_strangers_are_not_there(client_of, stranger, client, jobs, name):
    assert client_of(stranger).get(url(jobs, name=name)).status_code == 404
    foreign = make_job(workspace=stranger.workspace)
    assert client.get(url([*jobs, foreign], name=name)).status_code == 404
    assert client.get(f"{reverse(f'jobs:{name}')}?jobs=nonsense").status_code == 404


def test_a_comparison_costs_so_many_queries_per_job_however_long_they_ran(client, jobs):
    def cost() -> int:
        with CaptureQueriesContext(database) as queries:
            page(client, jobs)
        return len(queries)

    cost()
    few = cost()
    train(jobs[0], {n: {"train_loss": 1 / n} for n in range(1, 3000)})
    assert cost() == few


def test_the_list_offers_each_job(client, jobs):
    text = client.get(reverse("jobs:list")).content.decode()
    assert text.count('form="compare-jobs"') == 2
    assert f'action="{reverse("jobs:compare")}"' in text
