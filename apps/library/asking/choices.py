"""Which models a connection offers, under headings: base, tuned, others, and checkpoints last."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import F
from django.utils.translation import gettext as _

from apps.jobs.models import Checkpoint, Job
from apps.library.deployments import serving
from apps.library.models import TunedModel
from apps.providers.models import Connection
from apps.providers.profiles import profile_for

MAX_FROM_JOBS = 100
CHECKPOINT_MARK = ":ckpt-step-"  # as OpenAI and the engine name them

Labels = Mapping[str, str]  # model id → what to call it; "" for the id itself


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """One model to choose."""

    id: str
    label: str


@dataclass(frozen=True, slots=True)
class ModelGroup:
    """Models of one kind, under one heading."""

    name: str
    models: Sequence[ModelChoice]


def model_groups(connection: Connection, listed: Iterable[str]) -> list[ModelGroup]:
    """Return what the provider lists and what our jobs made there, but nothing known as silent."""
    tuned, checkpoints = _tuned(connection), _checkpoints(connection)
    deployed = serving.deployed_names(connection)
    silent = {*_deleted(connection), *_undeployed(connection, tuned, checkpoints)}
    tuned = {**deployed, **_without(tuned, silent)}
    checkpoints = _without(checkpoints, {*silent, *deployed})
    known = {*tuned, *checkpoints, *silent}
    base = [name for name in profile_for(connection.profile).base_models if name not in known]
    others = sorted(set(listed) - known - set(base))
    strays = [name for name in others if CHECKPOINT_MARK in name]  # of jobs that are not here
    groups = [
        _group(_("Base models"), dict.fromkeys(base, "")),
        _group(_("Fine-tuned models"), tuned),
        _group(_("Other models"), {name: "" for name in others if name not in strays}),
        _group(
            _("Checkpoints"), {**checkpoints, **dict.fromkeys(strays, "")}
        ),  # the many come last
    ]
    return [group for group in groups if group.models]


def _tuned(connection: Connection) -> Labels:
    """Return the newest results of jobs, and models made elsewhere; named as people named them."""
    jobs = Job.objects.filter(connection=connection).exclude(fine_tuned_model="")
    newest = jobs.order_by("-created_at", "-pk")[:MAX_FROM_JOBS]
    noted = TunedModel.objects.filter(connection=connection).results().kept()
    titles = noted.order_by("-made_at", "-pk")[:MAX_FROM_JOBS].values_list("name", "title")
    return {**dict(newest.values_list("fine_tuned_model", "name")), **dict(titles)}


def _deleted(connection: Connection) -> Collection[str]:
    """Return the models that were deleted at the provider: nobody there answers for them."""
    gone = TunedModel.objects.filter(connection=connection, deleted_at__isnull=False)
    return set(gone.values_list("name", flat=True))


def _undeployed(connection: Connection, *labels: Labels) -> Collection[str]:
    """Return the models that do not answer, because nothing serves them as far as Retune knows."""
    can = profile_for(connection.profile).capabilities
    if can.deployment != "required" or not can.deploys:
        return ()
    return {name for each in labels for name in each}


def _without(labels: Labels, names: Collection[str]) -> Labels:
    return {name: label for name, label in labels.items() if name not in names}


def _checkpoints(connection: Connection) -> Labels:
    """Return the newest checkpoints; the last one of a job often is its result."""
    saved = Checkpoint.objects.filter(job__connection=connection).exclude(
        model=F("job__fine_tuned_model")
    )
    newest = saved.order_by("-created_at", "-step", "-pk")[:MAX_FROM_JOBS]
    words = _("Step %(step)d · %(job)s")  # narrow pickers cut the end
    return {
        model: words % {"job": name, "step": step}
        for model, name, step in newest.values_list("model", "job__name", "step")
    }


def _group(name: str, labels: Labels) -> ModelGroup:
    return ModelGroup(name, [ModelChoice(model, label or model) for model, label in labels.items()])
