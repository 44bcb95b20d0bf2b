"""The numbers of a training are kept once, by any name, however they come and however many."""

from importlib import import_module
from itertools import pairwise

import numpy as np
import pytest
from django.db import connection

from apps.jobs.curves import chunks, metrics, points, sealing
from apps.jobs.models import MetricChunk, MetricPoint
from tests.factories import make_job


@pytest.fixture
def job(owner):
    return make_job(workspace=owner.workspace)


def losses(job, **options) -> list[tuple[int, float]]:
    told = points.series(job.pk, ["train_loss"], **options)["train_loss"]
    return list(zip(told.steps.tolist(), told.numbers.tolist(), strict=True))


def keep(job, told: dict[int, float], **options) -> None:
    points.keep(((job.pk, step, {"train_loss": loss}) for step, loss in told.items()), **options)


def test_numbers_of_any_name_are_merged_by_step_and_told_twice_change_nothing(job):
    reward = "scores.graders.exact.train_reward_mean"
    told = [(job.pk, 5, {"train_loss": 1.5}), (job.pk, 5, {reward: 0.25})]
    points.keep(told)
    points.keep(told)
    points.keep([(job.pk, 5, {"valid_loss": 1.8}), (job.pk, 6, {"train_loss": 1.25})])
    names = ["train_loss", "valid_loss", reward]
    assert points.rows(job.pk, names) == [(5, 1.5, 1.8, 0.25), (6, 1.25, None, None)]


def test_what_no_chart_can_show_is_left_out(job):
    points.keep([(job.pk, -1, {"train_loss": 1.0}), (job.pk, 2**31, {"train_loss": 1.0})])
    points.keep([(job.pk, 1, {"train_loss": float("nan"), "valid_loss": float("inf")})])
    assert not MetricPoint.objects.exists()


def test_the_numbers_of_an_ended_job_are_sealed_and_read_the_same(job):
    told = {step: 1 / step for step in range(1, 301)}
    keep(job, told)
    before = losses(job)
    points.keep([], ended=[job.pk])
    assert (MetricPoint.objects.count(), MetricChunk.objects.count()) == (0, 1)
    assert losses(job) == before == list(told.items())
    assert losses(job, first=10, last=11) == [(10, 0.1), (11, 1 / 11)]


def test_what_is_told_after_the_sealing_wins_and_finds_its_place(job):
    keep(job, {10: 1.0, 20: 2.0}, ended=[job.pk])
    for _again in range(2):
        keep(job, {20: 2.5, 5: 0.5})
        points.keep([(job.pk, 10, {"valid_loss": 9.0})])
        assert losses(job) == [(5, 0.5), (10, 1.0), (20, 2.5)]
        sealing.seal(job.pk, {})
        assert losses(job) == [(5, 0.5), (10, 1.0), (20, 2.5)]
    assert points.rows(job.pk, ["valid_loss"]) == [(10, 9.0)]


def test_a_long_tail_is_sealed_by_itself_while_the_job_runs(job):
    for first in range(0, 3 * sealing.LONG_TAIL, points.LOOK_EVERY):
        keep(job, dict.fromkeys(range(first, first + points.LOOK_EVERY), 1.0))
    assert MetricPoint.objects.count() <= sealing.LONG_TAIL
    assert len(losses(job)) == 3 * sealing.LONG_TAIL


def test_very_many_steps_at_once_are_sealed_at_once_over_what_was_known(job, owner):
    other = make_job(workspace=owner.workspace)
    keep(job, {3: 9.0, 4000: 9.0})
    told = [(each.pk, step, {"train_loss": 1.0}) for step in range(3000) for each in (job, other)]
    points.keep(told)
    assert not MetricPoint.objects.exists()
    assert losses(job) == [*((step, 1.0) for step in range(3000)), (4000, 9.0)]
    assert losses(other) == [(step, 1.0) for step in range(3000)]


def test_single_steps_are_sealed_too_and_not_all_jobs_at_once():
    looked = [
        {job for job in range(50) if points._to_look_at({(job, step): {}})} for step in range(2000)
    ]
    assert set.union(*looked) == set(range(50))
    assert max(map(len, looked)) < 10


def test_a_late_number_rewrites_only_the_chunk_that_owns_its_step(job, monkeypatch):
    monkeypatch.setattr(chunks, "SIZE", 10)
    keep(job, dict.fromkeys(range(0, 60, 2), 1.0), ended=[job.pk])
    kept = set(MetricChunk.objects.values_list("pk", flat=True))
    keep(job, {25: 7.0, 60: 8.0}, ended=[job.pk])
    now = MetricChunk.objects.order_by("first_step")
    assert len(kept & set(now.values_list("pk", flat=True))) == 1
    ranges = list(now.values_list("first_step", "last_step"))
    assert all(end < begin for (_, end), (begin, _) in pairwise(ranges))
    assert [pair for pair in losses(job) if pair[1] != 1.0] == [(25, 7.0), (60, 8.0)]
    assert len(losses(job)) == 32


def test_a_very_long_series_comes_as_its_peaks_or_in_full(job, monkeypatch):
    monkeypatch.setattr(chunks, "SIZE", 1000)
    told = {step: float(np.sin(step)) for step in range(9500)} | {4321: 50.0}
    keep(job, told, ended=[job.pk])
    seen = losses(job)
    assert len(seen) <= 10 * chunks.PEAKS
    assert {(4321, 50.0), (0, 0.0), (9499, told[9499])} <= set(seen) <= set(told.items())
    assert losses(job, in_full=True) == list(told.items())
    assert len(losses(job, first=4000, last=4500)) == 501


def test_a_provider_cannot_fill_the_database_with_names(job):
    many = {f"n{n}": 1.0 for n in range(metrics.MOST_SERIES + 50)}
    points.keep([(job.pk, 1, many)], ended=[job.pk])
    points.keep([(job.pk, 2, {"train_loss": 1.0, "n1": 2.0})], ended=[job.pk])
    assert MetricChunk.objects.values("name").distinct().count() == metrics.MOST_SERIES
    latest = metrics.latest({}, {1: many, 2: {"late": 1.0, "n1": 2.0}})
    assert (len(latest), latest["n1"], "late" in latest) == (metrics.MOST_SERIES, [2, 2.0], False)


def test_peaks_are_points_of_the_series_and_hold_its_ends():
    steps = np.arange(100_000, dtype=chunks.STEP)
    series = chunks.Series(steps, np.random.default_rng(1).normal(size=len(steps)))
    thin = chunks.peaks(series, 2000)
    assert len(thin.steps) <= 2000
    assert (thin.steps[0], thin.steps[-1]) == (0, 99_999)
    assert (thin.numbers == series.numbers[thin.steps]).all()
    assert (thin.numbers.min(), thin.numbers.max()) == (series.numbers.min(), series.numbers.max())


NESTED = {
    "step": 3,
    "total_steps": 9,
    "train_mean_reward": 0.5,
    "is_last": True,
    "note": "fine",
    "scores": {"train_reward_mean": 0.5, "graders": [{"name": "exact", "train_reward_mean": 1}]},
    "usage": {"samples": [{"mean": 12}, {"mean": 14}]},
    "timing": {"a": {"b": {"c": {"d": {"e": 1}}}}},
    "x" * 101: 1,
    "": 1,
    "nul\x00": 1,
}


def test_nested_numbers_get_dotted_names_within_bounds():
    assert metrics.numbers_in(NESTED) == {
        "train_mean_reward": 0.5,
        "scores.train_reward_mean": 0.5,
        "scores.graders.exact.train_reward_mean": 1.0,
        "usage.samples.0.mean": 12.0,
        "usage.samples.1.mean": 14.0,
    }
    wide = {f"n{n}": n for n in range(10_000)}
    assert len(metrics.numbers_in(wide)) == metrics.MOST_SERIES


def test_points_of_before_are_kept_by_the_migration(job):
    migration = import_module("apps.jobs.migrations.0007_points_of_any_series")
    columns = ", ".join(f"ADD COLUMN {name} float8" for name in migration.NAMES)
    old = "INSERT INTO jobs_metricpoint (job_id, step, numbers, train_loss, valid_loss)"
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE jobs_metricpoint {columns}")
        cursor.execute(f"{old} VALUES (%s, 3, '{{}}', 1.5, 'NaN')", [job.pk])
        cursor.execute(migration.INTO_NUMBERS)
        assert points.rows(job.pk, ["train_loss", "valid_loss"]) == [(3, 1.5, None)]
        cursor.execute("UPDATE jobs_metricpoint SET train_loss = NULL")
        cursor.execute(migration.INTO_COLUMNS)
        cursor.execute("SELECT train_loss, valid_loss FROM jobs_metricpoint")
        assert cursor.fetchall() == [(1.5, None)]
