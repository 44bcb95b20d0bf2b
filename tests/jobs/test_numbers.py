"""The arithmetic behind curves, estimates of the end, and how numbers look."""

from datetime import timedelta
from itertools import pairwise

import pytest
from django.utils import timezone

from apps.jobs.curves import figures, metrics
from apps.jobs.models import Job
from apps.jobs.showing import progress
from apps.jobs.templatetags.job_charts import measure, polyline
from apps.providers.types import JobStatus, Method


@pytest.mark.parametrize(
    ("value", "shown"),
    [(None, "–"), ("", "–"), (0.0, "0.000"), (1.23456, "1.235"), (0.00031, "0.00031")],
)
def test_a_small_number_never_looks_like_nothing(value, shown):
    assert measure(value) == shown


def test_a_line_needs_two_points_and_fills_its_box():
    assert polyline([[1, 2.0]]) == ""
    assert polyline([[1, 2.0], [3, 1.0]]) == "0.0,2.0 100.0,22.0"


def test_the_small_curve_keeps_its_ends_and_stays_small():
    line: metrics.Sparkline = []
    for start in range(0, 1000, 7):
        points = {step: {"train_loss": 1 / (step + 1)} for step in range(start, start + 7)}
        line = metrics.extended_sparkline(line, points)
    steps = [step for step, _loss in line]
    assert (len(line), steps[0], steps[-1]) == (metrics.SPARKLINE_POINTS, 0, 1000)
    gaps = [after - before for before, after in pairwise(steps)]
    assert max(gaps) <= 8 * min(gaps)


@pytest.mark.parametrize("value", [True, "3", None, -1, 2.5, float("nan"), 10**400, 2**31])
def test_what_is_no_step_is_no_step(value):
    assert metrics.whole_number(value) is None


def job(**fields) -> Job:
    now = timezone.now()
    return Job(**{"status": JobStatus.RUNNING, "created_at": now, "started_at": now, **fields})


def test_only_a_job_that_succeeded_is_at_a_hundred_percent():
    now = timezone.now()
    almost = job(step=100, total_steps=100)
    assert progress.progress_of(almost, at=now).percent == 99
    done = job(status=JobStatus.SUCCEEDED, step=100, total_steps=100, finished_at=now)
    assert progress.progress_of(done, at=now).percent == 100


def test_the_cost_is_what_was_trained_once_that_is_known():
    now = timezone.now()
    estimate = {"usd": "3.00", "usd_per_million": "25.00"}
    before = progress.progress_of(job(estimate=estimate), at=now).figures
    after = progress.progress_of(job(estimate=estimate, trained_tokens=100_000), at=now).figures
    assert (str(before.usd), before.is_usd_estimated) == ("3.00", True)
    assert (float(after.usd or 0), after.is_usd_estimated) == (2.5, False)


def test_the_pace_is_not_trusted_when_its_time_is_over():
    now = timezone.now()
    began = now - timedelta(minutes=10)
    stuck = job(started_at=began, last_news_at=began + timedelta(seconds=9), step=9, total_steps=10)
    assert progress.progress_of(stuck, at=now).finish_at is None
    assert progress.progress_of(stuck, at=now).is_stale


def test_the_newer_validation_number_is_shown():
    latest = {"full_valid_loss": [10, 0.9], "valid_loss": [15, 0.8]}
    assert [measure.value for measure in figures.measures_of(job(latest_metrics=latest))] == [
        None,
        0.8,
        None,
    ]


@pytest.mark.parametrize(
    ("method", "latest", "shown"),
    [
        (
            Method.DPO,
            {"rewards/accuracies": [5, 0.9], "train_loss": [5, 0.4]},
            {"Training loss": 0.4, "Validation loss": None, "Reward accuracy": 0.9},
        ),
        (
            Method.REINFORCEMENT,
            {"train_mean_reward": [5, 0.5], "scores.valid_reward_mean": [4, 0.25]},
            {"Training reward": 0.5, "Validation reward": 0.25, "Parse errors": None},
        ),
    ],
)
def test_each_method_is_judged_by_its_own_numbers(method, latest, shown):
    measures = figures.measures_of(job(method=method, latest_metrics=latest))
    assert {str(measure.label): measure.value for measure in measures} == shown
