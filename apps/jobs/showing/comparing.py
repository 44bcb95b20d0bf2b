"""Several jobs beside each other: what they were told, what they learned from, what came out."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

from django.contrib.humanize.templatetags.humanize import intcomma
from django.urls import reverse
from django.utils.translation import gettext as _

from apps.core.templatetags.ui import MISSING, duration, usd
from apps.jobs import selectors
from apps.jobs.curves import figures, observations
from apps.jobs.curves.chunks import Series
from apps.jobs.models import Job
from apps.jobs.money import costs
from apps.jobs.templatetags.job_charts import measure

if TYPE_CHECKING:
    from apps.datasets.models import Version

FEWEST, MOST = 2, 8

Better = Literal["lower", ""]


@dataclass(frozen=True, slots=True)
class Cell:
    """What one job has in a row; `link` leads to it, `diff` to what is new in it."""

    text: str
    link: str = ""
    diff: str = ""
    is_best: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One setting or result of all the jobs, in their order."""

    label: str
    cells: Sequence[Cell]
    is_code: bool = False

    @property
    def differs(self) -> bool:
        return len({cell.text for cell in self.cells}) > 1


def settings_rows(jobs: Sequence[Job]) -> list[Row]:
    """Return what the jobs were told, a row per setting that any of them has."""
    return [
        _row(_("Connection"), (job.connection.name for job in jobs)),
        _row(_("Base model"), (job.base_model for job in jobs)),
        _row(_("Method"), (job.get_method_display() for job in jobs)),
        *_hyperparameters(jobs),
        _row(_("Seed"), (job.seed for job in jobs)),
        _row(_("Suffix"), (job.suffix for job in jobs)),
        *_keyed(_("Label “%(name)s”"), jobs, lambda job: job.metadata),
        _row(_("Grader"), (job.grader.get("type") for job in jobs)),
    ]


def _row(label: str, values: Iterable[object]) -> Row:
    return Row(label, [Cell(_text(value)) for value in values])


def _text(value: object) -> str:
    return MISSING if value is None or value == "" else str(value)


def _hyperparameters(jobs: Sequence[Job]) -> list[Row]:
    """Return what was asked for, and what the provider chose where that was left to it."""
    names = list(dict.fromkeys(name for job in jobs for name in _both(job)))
    return [Row(name, [Cell(_chosen(job, name)) for job in jobs], is_code=True) for name in names]


def _both(job: Job) -> dict[str, Any]:
    return {**job.resolved_hyperparameters, **job.hyperparameters}


def _chosen(job: Job, name: str) -> str:
    asked, told = job.hyperparameters.get(name), job.resolved_hyperparameters.get(name)
    if asked in (None, "auto") and told not in (None, "auto"):
        return _("%(value)s (chosen by the provider)") % {"value": told}
    return _text(asked)


def _keyed(words: str, jobs: Sequence[Job], of: Callable[[Job], Mapping[str, object]]) -> list[Row]:
    names = dict.fromkeys(name for job in jobs for name in of(job))
    return [_row(words % {"name": name}, (of(job).get(name) for job in jobs)) for name in names]


def data_rows(jobs: Sequence[Job]) -> list[Row]:
    """Return the versions that the jobs learned from, each with the way to what is new in it."""
    training = [job.training_data for job in jobs]
    validation = [job.validation_data for job in jobs]
    return [
        Row(_("Training dataset"), [_version(each, training[0]) for each in training]),
        _row(_("Rows"), (_count(each.row_count if each else None) for each in training)),
        Row(_("Validation dataset"), [_version(each, validation[0]) for each in validation]),
    ]


def _version(version: "Version | None", first: "Version | None") -> Cell:
    if version is None:
        return Cell(MISSING)
    is_other = first is not None and first.dataset_id == version.dataset_id and first != version
    diff = (
        reverse("datasets:diff", args=[*version.address, first.number])
        if first and is_other
        else ""
    )
    name = _("%(name)s, version %(number)d") % {"name": version.name, "number": version.number}
    return Cell(name, version.get_absolute_url(), diff)


def _count(number: int | None) -> str:
    return MISSING if number is None else str(intcomma(number))


def result_rows(jobs: Sequence[Job], curves: Sequence[Mapping[str, Series]]) -> list[Row]:
    """Return what came of the jobs; what can be ranked is marked where it is best.

    A training loss cannot: who learns by heart has the lowest. Nor can numbers of different
    validation files.
    """
    return [
        _row(_("Status"), (job.get_status_display() for job in jobs)),
        _row(_("Steps"), (_count(job.step) for job in jobs)),
        *_measures(jobs),
        _numbers(
            _("Lowest validation loss"),
            [lowest_loss(each) for each in curves],
            "lower" if _is_same_file(jobs) else "",
        ),
        _row(_("What stands out"), _observed(jobs, curves)),
        _row(_("Trained tokens"), (_count(job.trained_tokens) for job in jobs)),
        _durations(jobs),
        _costs(jobs),
        _row(_("Tuned model"), (job.fine_tuned_model for job in jobs)),
    ]


def _is_same_file(jobs: Sequence[Job]) -> bool:
    files = {job.validation_data_id or job.validation_file_id for job in jobs}
    return len(files) == 1 and "" not in files


def lowest_loss(curves: Mapping[str, Series]) -> float | None:
    """Return the lowest loss on the whole validation file, else on a batch of it."""
    names = (*observations.WHOLE_LOSSES, *observations.BATCH_LOSSES)
    known = (curves[name].numbers for name in names if name in curves)
    return next((float(numbers.min()) for numbers in known if len(numbers)), None)


def _numbers(label: str, values: Sequence[float | None], better: Better) -> Row:
    best = _best(values, better)
    return Row(
        label, [Cell(measure(value), is_best=place in best) for place, value in enumerate(values)]
    )


def _best(values: Sequence[float | Decimal | None], better: Better) -> set[int]:
    """Return the places of the best values, none where there is nothing to choose."""
    known = [value for value in values if value is not None]
    if not better or len(set(known)) < FEWEST:
        return set()
    return {place for place, value in enumerate(values) if value == min(known)}


def _measures(jobs: Sequence[Job]) -> list[Row]:
    """Return the newest numbers of all the methods at hand."""
    lists = [{str(each.label): each.value for each in figures.measures_of(job)} for job in jobs]
    labels = dict.fromkeys(label for told in lists for label in told)
    return [_numbers(label, [told.get(label) for told in lists], "") for label in labels]


def _observed(jobs: Sequence[Job], curves: Sequence[Mapping[str, Series]]) -> list[str]:
    found = [selectors.observed_in(job, each) for job, each in zip(jobs, curves, strict=True)]
    return [each.title if each else "" for each in found]


def _durations(jobs: Sequence[Job]) -> Row:
    taken = [_seconds(job) for job in jobs]
    best = _best(taken, "lower")
    cells = [Cell(duration(each), is_best=place in best) for place, each in enumerate(taken)]
    return Row(_("Duration"), cells)


def _seconds(job: Job) -> float | None:
    if job.started_at is None or job.finished_at is None:
        return None
    return (job.finished_at - job.started_at).total_seconds()


def _costs(jobs: Sequence[Job]) -> Row:
    told = [figures.figures_of(job) for job in jobs]
    best = _best([each.usd if not each.is_usd_estimated else None for each in told], "lower")
    cells = [
        Cell(_cost(job, each), is_best=place in best)
        for place, (job, each) in enumerate(zip(jobs, told, strict=True))
    ]
    return Row(_("Cost"), cells)


def _cost(job: Job, told: figures.Figures) -> str:
    if not costs.costs_money(job):
        return _("Free")
    amount = usd(None if told.usd is None else float(told.usd))
    return f"≈ {amount}" if told.usd is not None and told.is_usd_estimated else amount
