"""An earlier job as the beginning of a new one: what is kept, and what nobody can know."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from apps.datasets.models import Version
from apps.jobs.forms.grader_input import of_shape
from apps.jobs.forms.settings import as_typed
from apps.jobs.graders.shape import MULTI, Kind
from apps.jobs.models import Job
from apps.jobs.starting import wandb
from apps.providers.models import Connection
from apps.providers.types import Method


@dataclass(frozen=True, slots=True)
class Clone:
    """What the form begins with, and sentences about what is missing."""

    job: Job
    connection: Connection
    initial: dict[str, Any]
    notes: tuple[str, ...]

    @property
    def is_elsewhere(self) -> bool:
        return self.connection != self.job.connection


def clone_of(job: Job, connection: Connection | None = None) -> Clone:
    """Begin with an earlier job, at its own connection or at another one."""
    at = connection or job.connection
    return Clone(job, at, {**_initial(job), "connection": at}, tuple(_notes(job)))


def _initial(job: Job) -> dict[str, Any]:
    asked = (
        job.hyperparameters or job.resolved_hyperparameters
    )  # the latter of a job from elsewhere
    reports = wandb.told_of(job.integrations)
    return {
        **{name: as_typed(value) for name, value in asked.items()},
        "cloned_from": job.public_id,
        "training_data": _ready(job.training_data),
        "validation_data": _ready(job.validation_data),
        "method": job.method,
        "base_model": job.base_model,
        "name": (_("Clone of %(name)s") % {"name": job.name})[:200],
        "suffix": job.suffix,
        "seed": job.seed,
        "metadata": list(job.metadata.items()),
        "graders": of_shape(job.grader),
        "wandb_project": reports.get("project", ""),
        "wandb_name": reports.get("name", ""),
        "wandb_entity": reports.get("entity", ""),
        "wandb_tags": ", ".join(reports.get("tags", ())),
    }


def _notes(job: Job) -> Iterator[str]:
    for version in (job.training_data, job.validation_data):
        if version is not None and _ready(version) is None:
            words = _("“%(name)s” is not ready any more, and left out.")
            yield words % {"name": version.title}
    if job.training_data is None:
        yield _("Its training data is not in Retune: the job was made elsewhere. Choose a dataset.")
    if job.is_imported and job.validation_file_id and job.validation_data is None:
        yield _("It was validated with data that is not in Retune.")
    if not job.hyperparameters and job.resolved_hyperparameters:
        yield _("What was asked for is not known; these settings are those the provider tells.")
    if job.is_imported and job.method == Method.REINFORCEMENT and not job.grader:
        yield _("Its grader is not known here. Build one.")
    if foreign := sorted(_foreign_kinds(job.grader)):
        words = _(
            "Its grader is left out as far as it is of a kind that Retune does not take: %(kinds)s."
        )
        yield words % {"kinds": ", ".join(foreign)}


def _ready(version: Version | None) -> Version | None:
    return version if version and version.status == Version.Status.READY else None


def _foreign_kinds(grader: dict[str, Any]) -> set[str]:
    """Return the kinds of graders that are not ours."""
    several = grader.get("graders") if grader.get("type") == MULTI else None
    parts = several.values() if isinstance(several, dict) else [grader] if grader else []
    kinds = {str(part.get("type", "")) if isinstance(part, dict) else "" for part in parts}
    return kinds.difference(Kind.values) - {""}
