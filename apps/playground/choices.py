"""What a column may ask: the models of a connection, and what surrounds their prompts."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from asgiref.sync import async_to_sync
from django.utils.translation import gettext_lazy as _

from apps.jobs.models import Job
from apps.library.asking.choices import ModelGroup, model_groups
from apps.library.asking.separators import Ends, ends_for
from apps.providers import services as providers
from apps.providers.models import Connection
from apps.providers.profiles import profile_for
from apps.providers.profiles.chat_parameters import is_legacy
from apps.providers.types import ProviderError, ProviderUnavailable

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise


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
    def warning(self) -> "StrPromise | str":
        """What stands in the way of asking this model, as far as the connection tells."""
        if self.connection is None:
            return _("The connection of this model is not there any more. Choose another one.")
        if self.choices is None or self.choices.error:
            return self.choices.error if self.choices else ""
        if not self.choices.ids and not self.selected:
            return _("This connection lists no models. Type the id of one.")
        if not self.is_listed and self.selected:
            return _("This connection does not list this model. It may be gone.")
        return ""

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
    listed, error = _listed(connection)
    return ModelChoices(model_groups(connection, listed), error)


def _listed(connection: Connection) -> tuple[list[str], str]:
    try:
        return [model.id for model in async_to_sync(providers.list_models)(connection)], ""
    except (ProviderError, ProviderUnavailable) as exc:
        return [], str(exc)
