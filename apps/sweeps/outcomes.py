"""What came of the trials: one line each, and which one is best (pure)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from apps.jobs.models import Job
from apps.jobs.money import costs
from apps.providers.types import JobStatus
from apps.sweeps.models import Trial

LOSSES = ("full_valid_loss", "valid_loss", "train_loss")  # the first that all have decides
REWARDS = ("full_valid_mean_reward", "valid_reward_mean", "train_mean_reward")
MEASURES = (*REWARDS, *LOSSES)
ON_TRAINING_DATA = {"train_loss", "train_mean_reward"}  # more training always betters these


@dataclass(frozen=True, slots=True)
class Outcome:
    """One line of the table. What is not known is None."""

    trial: Trial
    values: Sequence[tuple[str, object]]  # of the settings that differ, in the order of the grid
    numbers: Sequence[tuple[str, float | None]]  # of the shown measures
    duration: timedelta | None
    usd: Decimal | None
    is_best: bool


@dataclass(frozen=True, slots=True)
class Table:
    """The outcomes, and what stands above them."""

    settings: Sequence[str]
    measures: Sequence[str]
    decides: str  # the measure by which the best is chosen; "" when none can be
    rows: Sequence[Outcome]


def table_of(trials: Sequence[Trial], settings: Sequence[str]) -> Table:
    """Return the table of a sweep. Only jobs that succeeded compete."""
    jobs = [trial.job for trial in trials if trial.job]
    measures = [name for name in MEASURES if any(_number(job, name) is not None for job in jobs)]
    finished = [job for job in jobs if job.status == JobStatus.SUCCEEDED]
    decides = _deciding(finished)
    best = _best(finished, decides)
    rows = [_outcome(trial, settings, measures, best) for trial in trials]
    return Table(settings, measures, decides, rows)


def _deciding(jobs: Sequence[Job]) -> str:
    """Return the first measure on other data that every finished job has; the rest misleads."""
    if len(jobs) < 2:
        return ""
    honest = (name for name in MEASURES if name not in ON_TRAINING_DATA)
    shared = (name for name in honest if all(_number(job, name) is not None for job in jobs))
    return next(shared, "")


def _best(jobs: Sequence[Job], decides: str) -> Job | None:
    if not decides:
        return None
    sign = -1 if decides in REWARDS else 1
    return min(jobs, key=lambda job: sign * (_number(job, decides) or 0.0))


def _outcome(
    trial: Trial, settings: Sequence[str], measures: Sequence[str], best: Job | None
) -> Outcome:
    job = trial.job
    return Outcome(
        trial=trial,
        values=[(name, trial.settings.get(name)) for name in settings],
        numbers=[(name, _number(job, name) if job else None) for name in measures],
        duration=_duration(job) if job else None,
        usd=costs.actual(job) if job and not job.is_active else None,
        is_best=job is not None and job == best,
    )


def _duration(job: Job) -> timedelta | None:
    """Return how long it trained; queues and uploads are not the settings' fault."""
    return job.finished_at - job.started_at if job.finished_at and job.started_at else None


def _number(job: Job, name: str) -> float | None:
    """Return the newest value of a series, as the job's row keeps it."""
    told = job.latest_metrics.get(name)
    return float(told[1]) if told and told[1] is not None else None
