"""Makes a row of every model that jobs have made. Repeated as often as wanted: once each."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from django.db.models import (
    Case,
    CharField,
    Exists,
    F,
    Model,
    OuterRef,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Concat, Left

from apps.jobs.models import Checkpoint, Job
from apps.library.inventory import reading
from apps.library.inventory.endings import ending
from apps.library.models import LONGEST_NAME, TunedModel
from apps.providers import overrides
from apps.providers.profiles import files, profile_for
from apps.providers.types import JobStatus

AT_ONCE = 500
BATCHES_PER_TICK = 20  # the next tick goes on
M = TypeVar("M", bound=Model)
OF_A_JOB = (
    "workspace_id",
    "connection_id",
    "name",
    "base_model",
    "fine_tuned_model",
    "provider_job_id",
    "finished_at",
)
OF_A_CHECKPOINT = (
    *("model", "provider_checkpoint_id", "step", "created_at", "job__connection__profile"),
    *(f"job__{name}" for name in OF_A_JOB),
)
# Where a model is only deployed by its job or its checkpoint, these name it.
NAMED_BY_JOB = [name for name in files.NAMES if profile_for(name).needs_deployment]
RESULT = Case(
    When(
        fine_tuned_model="",
        connection__profile__in=NAMED_BY_JOB,
        then=F("provider_job_id"),
    ),
    default=F("fine_tuned_model"),
)
SAVED = Case(
    When(
        model="",
        job__connection__profile__in=NAMED_BY_JOB,
        then=Left(
            Concat("job__provider_job_id", Value(":"), "provider_checkpoint_id"), LONGEST_NAME
        ),
    ),
    default=F("model"),
    output_field=CharField(),
)


def collect() -> int:
    """Make rows for models that have none yet; return how many."""
    made = _all_of(_new_results(), _result) + _all_of(_new_checkpoints(), _saved_state)
    _explain_found_ones()
    return made


def _all_of(sources: QuerySet[M], row_of: Callable[[M], TunedModel]) -> int:
    """Make the rows in batches, each from where the last one ended."""
    made, after = 0, 0
    for _batch in range(BATCHES_PER_TICK):
        batch = list(sources.filter(pk__gt=after).order_by("pk")[:AT_ONCE])
        if not batch:
            break
        _save([row_of(source) for source in batch])
        made, after = made + len(batch), batch[-1].pk
    return made


def _save(rows: Sequence[TunedModel]) -> None:
    """Insert what is not there, and have the list of their connections read for their dates."""
    TunedModel.objects.bulk_create(rows, ignore_conflicts=True)
    reading.read_soon({row.connection_id for row in rows})


def _new_results() -> QuerySet[Job]:
    unknown = ~Exists(_row_of(name=OuterRef("result")))
    done = Job.objects.filter(status=JobStatus.SUCCEEDED).annotate(result=RESULT)
    found = done.filter(unknown).exclude(result="").select_related("connection")
    return found.only(*OF_A_JOB, "connection__profile")


def _result(job: Job) -> TunedModel:
    name = job.fine_tuned_model or job.provider_job_id
    return _row(job, name=name, made_at=job.finished_at)


def _new_checkpoints() -> QuerySet[Checkpoint]:
    unknown = ~Exists(_row_of(name=OuterRef("named"), connection=OuterRef("job__connection")))
    saved = Checkpoint.objects.annotate(named=SAVED).filter(unknown).exclude(named="")
    return saved.select_related("job__connection").only(*OF_A_CHECKPOINT)


def _saved_state(saved: Checkpoint) -> TunedModel:
    name = saved.model or f"{saved.job.provider_job_id}:{saved.provider_checkpoint_id}"
    name = name[:LONGEST_NAME]
    facts = {"made_at": saved.created_at, "checkpoint": saved, "step": saved.step}
    return _row(saved.job, name=name, is_checkpoint=True, **facts)


def _row_of(**same: object) -> QuerySet[TunedModel]:
    return TunedModel.objects.filter(**{"connection": OuterRef("connection"), **same})


def _row(job: Job, *, name: str, **facts: object) -> TunedModel:
    profile = overrides.profile_of(job.connection)
    end = ending(own=None, of_base=None, base=job.base_model, profile=profile)
    return TunedModel(
        workspace_id=job.workspace_id,
        connection_id=job.connection_id,
        job=job,
        name=name,
        title=job.name,
        base_model=job.base_model,
        ends_on=end.on,
        end_told_by=end.told_by,
        **facts,
    )


def _explain_found_ones() -> None:
    """Give models that were made elsewhere their job, once it was imported."""
    maker = Job.objects.filter(
        connection=OuterRef("connection"), fine_tuned_model=OuterRef("name")
    ).order_by("pk")
    saved = Checkpoint.objects.filter(
        job__connection=OuterRef("connection"), model=OuterRef("name")
    ).order_by("pk")
    found = TunedModel.objects.filter(job=None)
    if not found.exists():
        return
    found.filter(Exists(maker)).update(
        job=Subquery(maker.values("pk")[:1]), base_model=Subquery(maker.values("base_model")[:1])
    )
    found.filter(Exists(saved)).update(
        job=Subquery(saved.values("job")[:1]),
        checkpoint=Subquery(saved.values("pk")[:1]),
        base_model=Subquery(saved.values("job__base_model")[:1]),
    )
