"""How the training went: curves thin enough for a file, and the saved states."""

from typing import Any

from apps.jobs.curves import chunks, layout, points
from apps.jobs.models import Job

MOST_POINTS = 300  # of one curve
MOST_PLOTS = 6
MOST_CHECKPOINTS = 20


def curves_of(job: Job) -> list[dict[str, Any]]:
    """Return the main plots, each with its curves as pairs of step and number."""
    plots = [plot for plot in layout.plots_of(job.latest_metrics) if plot.is_main][:MOST_PLOTS]
    names = [curve.name for plot in plots for curve in plot.curves]
    series = points.series(job.pk, names) if names else {}
    found = [
        {
            "title": plot.title,
            "curves": [
                {"name": curve.name, "label": curve.label, "points": _pairs(series[curve.name])}
                for curve in plot.curves
                if len(series[curve.name].steps)
            ],
        }
        for plot in plots
    ]
    return [plot for plot in found if plot["curves"]]


def checkpoints_of(job: Job) -> list[dict[str, Any]]:
    """Return the newest saved states, in the order of their steps."""
    newest = list(job.checkpoints.order_by("-step", "-pk")[:MOST_CHECKPOINTS])
    return [
        {"step": each.step, "model": each.model, "metrics": each.metrics}
        for each in reversed(newest)
    ]


def _pairs(series: chunks.Series) -> list[tuple[int, float]]:
    thin = chunks.peaks(series, MOST_POINTS)
    return list(zip(thin.steps.tolist(), thin.numbers.tolist(), strict=True))
