"""Curves of several jobs in the same plots, over steps, epochs or tokens (pure)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from apps.jobs.curves import drawing, layout, metrics
from apps.jobs.curves.chunks import Series
from apps.jobs.curves.layout import Name, Plot
from apps.jobs.models import Job

Unit = Literal["step", "epoch", "tokens"]
UNITS: tuple[Unit, ...] = ("step", "epoch", "tokens")


@dataclass(frozen=True, slots=True)
class Lane:
    """One job in the plots: its number and colour, and how far a step is on the x axis."""

    job: Job
    number: int
    per_step: float

    def steps_between(self, first: float, last: float) -> tuple[int, int]:
        """Return the steps from one place of the x axis to another."""
        most = metrics.LARGEST_STEP
        low, high = first / self.per_step, last / self.per_step
        return int(min(max(low, 0), most)), int(min(np.ceil(high), most))


def lanes_of(jobs: Sequence[Job], unit: Unit) -> list[Lane]:
    """Return the jobs that can be drawn over this unit; a number stays with its job."""
    lengths = [(job, number, per_step(job, unit)) for number, job in enumerate(jobs, 1)]
    return [Lane(job, number, length) for job, number, length in lengths if length]


def per_step(job: Job, unit: Unit) -> float | None:
    """Return how many epochs or tokens a step is, as far as the job tells; None else."""
    if unit == "step":
        return 1.0
    if unit == "epoch":
        return _epochs_per_step(job)
    return job.trained_tokens / job.step if job.trained_tokens and job.step else None


def _epochs_per_step(job: Job) -> float | None:
    """Trust the provider's own count of epochs first, then the number it was to train."""
    step, epoch = job.latest_metrics.get("epoch", (0, 0))
    if step and epoch:
        return float(epoch / step)
    asked = (job.resolved_hyperparameters, job.hyperparameters, job.estimate)
    told = (metrics.finite_number(each.get("n_epochs")) for each in asked)
    epochs = next((number for number in told if number), None)
    return epochs / job.total_steps if epochs and job.total_steps else None


def plots_of(lanes: Sequence[Lane]) -> list[Plot]:
    """Return the plots of all series that any of the jobs has."""
    return layout.plots_of({name for lane in lanes for name in lane.job.latest_metrics})


def plot_words(plot: Plot, lanes: Sequence[Lane]) -> dict[str, Any]:
    """Describe a plot in which each job has a colour, and what is not training is dashed."""
    told = [
        _curve_words(lane, name)
        for lane in lanes
        for name in plot.curves
        if name.name in lane.job.latest_metrics
    ]
    return drawing.plot_words(plot, told)


def _curve_words(lane: Lane, name: Name) -> dict[str, Any]:
    words = drawing.curve_words(name, lane.number)
    return words | {
        "series": key(lane, name.name),
        "label": f"{lane.number} · {name.label}",
        "hue": drawing.hue(lane.number),
    }


def key(lane: Lane, name: str) -> str:
    """Return how a series of a job is called among those of all jobs."""
    return f"{lane.number}:{name}"


def placed(lane: Lane, found: Mapping[str, Series]) -> dict[str, Series]:
    """Put the points of a job onto the x axis."""
    return {
        key(lane, name): Series(_over(lane, series), series.numbers)
        for name, series in found.items()
    }


def _over(lane: Lane, series: Series) -> Any:
    return series.steps if lane.per_step == 1 else np.round(series.steps * lane.per_step, 6)
