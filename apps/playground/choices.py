"""What a column may ask: the models of a connection, and which of them came from our jobs."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from asgiref.sync import async_to_sync
from django.db.models import F
from django.utils.translation import gettext as _

from apps.jobs.models import Checkpoint, Job
from apps.library import serving
from apps.library.models import TunedModel
from apps.library.separators import Ends, ends_for
from apps.providers import services as providers
from apps.providers.chat_parameters import is_legacy
from apps.providers.models import Connection
from apps.providers.profiles import profile_for
from apps.providers.types import ProviderError, ProviderUnavailable

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

MAX_FROM_JOBS = 100
CHECKPOINT_MARK = ":ckpt-step-"  # as OpenAI and the engine name them

Labels = Mapping[str, str]  # model id → what to call it; "" for the id itself


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """One entry of a picker."""

    id: str
    label: str


@dataclass(frozen=True, slots=True)
class ModelGroup:
    """Entries of one kind, under one heading."""

    name: str
    models: Sequence[ModelChoice]


@dataclass(frozen=True, slots=True)
class ModelChoices:
    """Everything one connection offers. `error` is why its own list is missing, in its words."""

    groups: Sequence[ModelGroup]
    error: str = ""

    @property
    def ids(self) -> list[str]:
        return [model.id for group in self.groups for model in group.models]


@dataclass(frozen=True, slots=True)
class Picker:
    """The model list of one column. Before the connection was asked, `choices` is None."""

    position: int
    connection: Connection | None
    selected: str
    choices: ModelChoices | None = None
    ends: Ends | None = None  # of its training data, when the model only completes prompts

    @property
    def is_listed(self) -> bool:
        return self.choices is not None and self.selected in self.choices.ids

    @property
    def note(self) -> "StrPromise | str":
        """What a person should know before asking this connection."""
        return profile_for(self.connection.profile).about if self.connection else ""


def open_picker(
    position: int, connection: Connection, wanted: str, *, keep: bool, job: Job | None = None
) -> Picker:
    """Ask the connection for its models. A wanted model it does not list stays only if told so."""
    choices = model_choices(connection)
    is_kept = wanted in choices.ids or (keep and wanted)
    model = wanted if is_kept else next(iter(choices.ids), "")
    return Picker(position, connection, model, choices, _ends(connection, model, job))


def _ends(connection: Connection, model: str, job: Job | None) -> Ends | None:
    """Return what surrounds the prompts of a model that knows no conversations."""
    if not is_legacy(profile_for(connection.profile), model):
        return None
    return ends_for(connection, model, job=job)


def model_choices(connection: Connection) -> ModelChoices:
    """Return what the connection lists (kept for a minute) and what our jobs made there."""
    tuned, checkpoints = _tuned(connection), _checkpoints(connection)
    deployed = serving.deployed_names(connection)
    listed, error = _listed(connection)
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
    return ModelChoices([group for group in groups if group.models], error)


def _listed(connection: Connection) -> tuple[list[str], str]:
    try:
        return [model.id for model in async_to_sync(providers.list_models)(connection)], ""
    except (ProviderError, ProviderUnavailable) as exc:
        return [], str(exc)


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
