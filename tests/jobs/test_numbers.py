"""The arithmetic behind curves, estimates of the end, and how numbers look."""

from datetime import timedelta
from itertools import pairwise

import pytest
from django.utils import timezone

from apps.jobs import metrics, progress
from apps.jobs.models import Job
from apps.jobs.templatetags.job_charts import measure, polyline
from apps.providers.types import JobStatus


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
    figures = progress.progress_of(job(latest_metrics=latest), at=timezone.now()).figures
    assert figures.valid_loss == 0.8
