"""What deleting a thing at its provider means: for jobs, for deployments, for what stays here."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q

from apps.jobs.models import Job, JobQuerySet
from apps.library.models import Deployment, Removal, TunedModel
from apps.providers.models import Connection
from apps.providers.profiles import profile_for


@dataclass(frozen=True, slots=True)
class ModelConsequences:
    """What a person reads before a model is deleted. `why_not` is "" when it can be."""

    why_not: str
    live: Deployment | None
    trained_further: int  # jobs that started from it and have ended
    still_training: Sequence[Job]  # jobs that start from it and have not
    checkpoints: int
    removal: Removal | None

    @property
    def is_possible(self) -> bool:
        return not (self.why_not or self.live or self.still_training)


@dataclass(frozen=True, slots=True)
class FileAtProvider:
    """One file of a job, at its provider."""

    role: str  # "training" or "validation"
    id: str
    other_jobs: int  # that were trained with it, too
    needed_by: Sequence[Job]  # jobs that have not ended
    removal: Removal | None


def of_model(model: TunedModel) -> ModelConsequences:
    """Return what deleting this model at its provider means."""
    started = Job.objects.filter(connection=model.connection_id, base_model=model.name)
    job = model.job
    return ModelConsequences(
        why_not=profile_for(model.connection.profile).why_not("delete_model"),
        live=model.deployments.live().first(),
        trained_further=started.exclude(finished_at=None).count(),
        still_training=list(started.active().order_by("-pk")[:10]),
        checkpoints=job.checkpoints.exclude(model=model.name).count() if job else 0,
        removal=removal_of(model.connection, Removal.Kind.MODEL, model.name),
    )


def files_of(job: Job) -> Sequence[FileAtProvider]:
    """Return the files of this job that were sent to its provider."""
    named = {"training": job.training_file_id, "validation": job.validation_file_id}
    return [_file(job, role, file_id) for role, file_id in named.items() if file_id]


def removal_of(connection: Connection, kind: Removal.Kind, name: str) -> Removal | None:
    """Return the wish to delete this thing, if anybody had it."""
    return Removal.objects.filter(connection=connection, kind=kind, name=name).first()


def needed_by_jobs(removal: Removal) -> bool:
    """Say whether a job that has not ended would fail without this thing."""
    return _jobs_with(removal.connection, removal.kind, removal.name).active().exists()


def _file(job: Job, role: str, file_id: str) -> FileAtProvider:
    same = _jobs_with(job.connection, Removal.Kind.FILE, file_id)
    return FileAtProvider(
        role=role,
        id=file_id,
        other_jobs=same.exclude(pk=job.pk).count(),
        needed_by=list(same.active().order_by("-pk")[:10]),
        removal=removal_of(job.connection, Removal.Kind.FILE, file_id),
    )


def _jobs_with(connection: Connection, kind: str, name: str) -> JobQuerySet:
    mine = Job.objects.filter(connection=connection)
    if kind == Removal.Kind.MODEL:
        return mine.filter(base_model=name)
    return mine.filter(Q(training_file_id=name) | Q(validation_file_id=name))
