"""Curves for the charts, the table and the file: every series, thinned only to be drawn."""

import csv

from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from apps.jobs.curves import chunks, drawing, layout, points
from apps.jobs.models import Checkpoint, Job
from apps.jobs.views import curves as views
from tests.jobs.conftest import train

REWARD = "scores.graders.exact.train_reward_mean"
NAMES = [
    "full_valid_loss",
    "grad_norm",
    "rewards/accuracies",
    "eval_rewards/chosen",
    "rewards/rejected",
    "train_loss",
    REWARD,
    "train_mean_token_accuracy",
    "full_valid_mean_reward",
    "mean_unresponsive_rewards",
]


def series(client, job: Job, query: str = "") -> dict:
    return client.get(reverse("jobs:series", args=[job.public_id]) + query).json()


def table(client, job: Job, query: str = "") -> str:
    return client.get(reverse("jobs:numbers", args=[job.public_id]) + query).content.decode()


def test_series_of_one_kind_share_a_plot_and_what_matters_comes_first():
    plots = layout.plots_of(NAMES)
    told = [(plot.title, [curve.label for curve in plot.curves]) for plot in plots if plot.is_main]
    assert told == [
        ("Loss", ["Training", "Whole validation file"]),
        ("Token accuracy", ["Training"]),
        ("Reward accuracy", ["Reward accuracy"]),
        ("Reward", ["Whole validation file"]),
        ("Rewards", ["Other answer", "Validation batch, Preferred answer"]),
    ]
    others = [plot.title for plot in plots if not plot.is_main]
    assert others == ["Reward · scores.graders.exact", "Gradient norm", "mean_unresponsive_rewards"]


def test_never_more_plots_at_once_than_a_page_can_bear():
    plots = layout.plots_of(f"train_loss_{n}.loss" for n in range(100))
    assert sum(plot.is_main for plot in plots) == layout.MOST_MAIN


def test_a_chart_gets_its_plots_and_later_only_what_is_new(client, running_job):
    train(running_job, {n: {"train_loss": 1 / n, "grad_norm": 2.0} for n in range(1, 5)})
    train(running_job, {4: {"valid_loss": 0.75}})
    now = timezone.now()
    Checkpoint.objects.create(job=running_job, model="m", step=3, created_at=now)
    told = series(client, running_job)
    assert told["series"]["valid_loss"] == [[4], [0.75]]
    assert told["series"]["train_loss"][0] == [1, 2, 3, 4]
    assert (told["isWhole"], told["checkpoints"]) == (True, [3])
    assert [plot["title"] for plot in told["plots"]] == ["Loss", "Gradient norm"]
    assert "grad_norm" not in told["series"]
    assert series(client, running_job, "?first=4")["series"]["train_loss"] == [[4], [0.25]]
    assert series(client, running_job, "?first=x&last=-2")["series"]["train_loss"][0][0] == 1
    opened = series(client, running_job, "?plot=grad_norm&plot=nonsense")
    assert opened["series"]["grad_norm"] == [[1, 2, 3, 4], [2.0] * 4]


def test_a_job_without_numbers_has_an_empty_chart_table_and_file(client, running_job):
    assert (series(client, running_job)["plots"], series(client, running_job)["series"]) == ([], {})
    assert "The curves begin with the first training step" in table(client, running_job)
    assert lines(client, running_job) == [["step"]]


def test_a_long_chart_is_thinned_and_who_zooms_in_gets_every_point(client, running_job):
    told = {n: {"train_loss": 1 / n, "train_mean_token_accuracy": 0.5} for n in range(1, 6001)}
    train(running_job, told | {3000: {"train_loss": 99.0}})
    whole = series(client, running_job)
    steps, losses = whole["series"]["train_loss"]
    assert not whole["isWhole"]
    assert len(steps) <= drawing.MOST_POINTS
    assert (steps[0], steps[-1], losses[steps.index(3000)]) == (1, 6000, 99.0)
    part = series(client, running_job, "?first=2990&last=3010")
    assert part["isWhole"]
    assert part["series"]["train_loss"][0] == list(range(2990, 3011))


def test_a_job_of_very_many_steps_is_drawn_from_its_peaks(client, running_job, monkeypatch):
    monkeypatch.setattr(chunks, "SIZE", 500)
    train(running_job, {n: {"train_loss": 1.0} for n in range(1, 10_001)})
    train(running_job, {7777: {"train_loss": 50.0}, 10_001: {"train_loss": 2.0}})
    told = series(client, running_job)
    assert not told["isWhole"]
    peaks = dict(zip(*told["series"]["train_loss"], strict=True))
    assert (peaks[7777], peaks[10_001], len(peaks) <= drawing.MOST_POINTS) == (50.0, 2.0, True)


def lines(client, job: Job) -> list[list[str]]:
    response = client.get(reverse("jobs:metrics_csv", args=[job.public_id]))
    return list(csv.reader(b"".join(response.streaming_content).decode().splitlines()))


def test_the_file_has_every_number_of_every_series(client, running_job, monkeypatch):
    monkeypatch.setattr(chunks, "SIZE", 100)
    told = {n: {"train_loss": 1 / n} for n in range(1, 1001)}
    told |= {n: {**told[n], "=evil()": 0.1} for n in range(50, 1000, 300)}
    train(running_job, told)
    train(running_job, {1200: {"train_loss": 0.3}})
    rows = lines(client, running_job)
    assert rows[0] == ["step", "train_loss", "'=evil()"]
    assert [int(row[0]) for row in rows[1:]] == [*range(1, 1001), 1200]
    assert (rows[50], rows[51]) == (["50", "0.02", "0.1"], ["51", str(1 / 51), ""])


def test_the_table_shows_any_series_and_goes_on_where_it_ended(client, running_job, monkeypatch):
    monkeypatch.setattr(views, "STEPS_PER_PAGE", 3)
    told = {n: {"train_loss": 0.5 + n, "grad_norm": 9.25} for n in range(10, 60, 10)}
    train(running_job, told)
    text = table(client, running_job)
    assert ("10.500" in text, "30.500" in text, "40.500" in text) == (True, True, False)
    assert ("?from=40" in text, "9.250" in text, "First steps" in text) == (True, False, False)
    after = table(client, running_job, "?series=grad_norm&series=nonsense&from=40")
    assert after.count("9.250") == 2
    assert "?series=grad_norm&amp;from=" not in after
    assert "No step from there on" in table(client, running_job, "?from=60")


def test_the_next_rows_cost_the_same_anywhere(owner, running_job, monkeypatch):
    monkeypatch.setattr(chunks, "SIZE", 100)
    train(running_job, {n: {"train_loss": 1.0} for n in range(1, 3001)})

    def read(first: int) -> tuple[int, int]:
        with CaptureQueriesContext(database) as queries:
            rows = points.first_rows(running_job.pk, ["train_loss"], first=first, most=20)
        return len(rows), len(queries)

    assert read(1) == read(2901) == (20, 3)
