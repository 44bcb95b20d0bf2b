"""What a column may ask: the models of a connection, and which of them came from our jobs."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from asgiref.sync import async_to_sync
from django.utils.translation import gettext as _

from apps.jobs.models import Checkpoint, Job
from apps.providers import services as providers
from apps.providers.models import Connection
from apps.providers.profiles import profile_for
from apps.providers.types import ProviderError, ProviderUnavailable

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

MAX_FROM_JOBS = 100


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

    @property
    def is_listed(self) -> bool:
        return self.choices is not None and self.selected in self.choices.ids

    @property
    def note(self) -> "StrPromise | str":
        """What a person should know before asking this connection."""
        return profile_for(self.connection.profile).about if self.connection else ""


def open_picker(position: int, connection: Connection, wanted: str, *, keep: bool) -> Picker:
    """Ask the connection for its models. A wanted model it does not list stays only if told so."""
    choices = model_choices(connection)
    if wanted in choices.ids or (keep and wanted):
        return Picker(position, connection, wanted, choices)
    return Picker(position, connection, next(iter(choices.ids), ""), choices)


def model_choices(connection: Connection) -> ModelChoices:
    """Return what the connection lists (kept for a minute) and what our jobs made there."""
    ours = _from_jobs(connection)
    listed, error = _listed(connection)
    known = {model.id for group in ours for model in group.models}
    base = [name for name in profile_for(connection.profile).base_models if name not in known]
    others = sorted(set(listed) - known - set(base))
    groups = [*ours, _group(_("Base models"), base), _group(_("Other models"), others)]
    return ModelChoices([group for group in groups if group.models], error)


def _listed(connection: Connection) -> tuple[list[str], str]:
    try:
        return [model.id for model in async_to_sync(providers.list_models)(connection)], ""
    except (ProviderError, ProviderUnavailable) as exc:
        return [], str(exc)


def _from_jobs(connection: Connection) -> list[ModelGroup]:
    jobs = Job.objects.filter(connection=connection)
    tuned = jobs.exclude(fine_tuned_model="").order_by("-created_at")[:MAX_FROM_JOBS]
    saved = Checkpoint.objects.filter(job__in=jobs).select_related("job")
    checkpoints = saved.order_by("-created_at", "-step")[:MAX_FROM_JOBS]
    tuned_ids = {job.fine_tuned_model for job in tuned}
    return [
        ModelGroup(
            _("Fine-tuned models"),
            [ModelChoice(job.fine_tuned_model, job.name) for job in tuned],
        ),
        ModelGroup(
            _("Checkpoints"),
            [
                ModelChoice(saved.model, _step(saved))
                for saved in checkpoints
                if saved.model not in tuned_ids
            ],
        ),
    ]


def _step(checkpoint: Checkpoint) -> str:
    return _("%(job)s, step %(step)d") % {"job": checkpoint.job.name, "step": checkpoint.step}


def _group(name: str, ids: Sequence[str]) -> ModelGroup:
    return ModelGroup(name, [ModelChoice(model, model) for model in ids])
