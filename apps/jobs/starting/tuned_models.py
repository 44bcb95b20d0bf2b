"""Models that earlier jobs of a workspace have made, to train further from."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from apps.core.storable import storable
from apps.jobs.models import Checkpoint, Job
from apps.providers.models import Connection
from apps.providers.types import JobStatus

MOST = 20  # of each kind, the newest


@dataclass(frozen=True, slots=True)
class TunedModel:
    """A model by its name at the provider, and what people know it by."""

    model: str
    label: str


def of_connection(connection: Connection) -> list[TunedModel]:
    """Return the newest tuned models that this connection's jobs have made."""
    made = Job.objects.filter(connection=connection, status=JobStatus.SUCCEEDED)
    newest = made.exclude(fine_tuned_model="").order_by("-finished_at", "-pk")
    named = newest.values_list("fine_tuned_model", "name")[:MOST]
    return [TunedModel(model, f"{name} · {model}") for model, name in named]


def named(connection: Connection, model: str) -> list[TunedModel]:
    """Return the one model of this name, a result or a checkpoint, however old it is; or none."""
    model = storable(model)
    made = Job.objects.filter(connection=connection, fine_tuned_model=model)
    saved = Checkpoint.objects.filter(job__connection=connection, model=model)
    is_ours = bool(model) and (made.exists() or saved.exists())
    return [TunedModel(model, model)] if is_ours else []


def checkpoints_of(connection: Connection) -> list[TunedModel]:
    """Return the newest checkpoints of finished jobs, without those that became their model."""
    finished = Checkpoint.objects.filter(job__connection=connection, job__finished_at__isnull=False)
    newest = finished.exclude(model="").order_by("-job__finished_at", "-job_id", "-step")
    named = newest.values_list("model", "step", "job__name", "job__fine_tuned_model")[: 2 * MOST]
    words = _("%(job)s, step %(step)d · %(model)s")
    return [
        TunedModel(model, words % {"job": job, "step": step, "model": model})
        for model, step, job, tuned in named
        if model != tuned
    ][:MOST]


def made_at(model: str, workspace_id: int) -> Iterator[Connection]:
    """Yield the connections whose jobs have made this model or had it as a checkpoint."""
    jobs = Job.objects.filter(workspace=workspace_id, fine_tuned_model=model)
    mine = Checkpoint.objects.filter(job__workspace=workspace_id, model=model)
    ids = {
        *jobs.values_list("connection", flat=True),
        *mine.values_list("job__connection", flat=True),
    }
    yield from Connection.objects.filter(pk__in=ids)
