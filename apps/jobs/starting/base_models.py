"""What the field for the base model offers: never empty where anything is known."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from asgiref.sync import async_to_sync
from django.utils.translation import gettext as _

from apps.jobs.starting import tuned_models
from apps.jobs.starting.tuned_models import TunedModel
from apps.providers import services as provider_services
from apps.providers.models import Connection
from apps.providers.profiles import profile_for
from apps.providers.types import ModelInfo, ProviderError, ProviderUnavailable

Group = tuple[str, list[tuple[str, str]]]


@dataclass(frozen=True, slots=True)
class ModelPicker:
    """A list to choose from where one is known, else free text with suggestions."""

    connection: Connection | None = None
    tunable: Sequence[str] = ()
    suggestions: Sequence[str] = ()
    tuned: Sequence[TunedModel] = ()
    checkpoints: Sequence[TunedModel] = ()
    chosen: str = ""
    left_out: str = ""  # what was chosen elsewhere, and is not known here
    trouble: str = ""  # why the provider's own list is missing, in its words
    why_not_further: str = ""  # why the workspace's tuned models are not offered

    def groups(self) -> Iterator[Group]:
        """Yield what a list offers under each heading."""
        yield _("Base models"), [(model, model) for model in self.tunable]
        for label, models in (
            (_("Tuned models of this workspace"), self.tuned),
            (_("Checkpoints of finished jobs"), self.checkpoints),
        ):
            if models:
                yield label, [(each.model, each.label) for each in models]


def known_models(
    connection: Connection | None, chosen: str, *, is_new: bool = False
) -> ModelPicker:
    """Offer what is known without asking anybody: the page is usable at once.

    `is_new`: the model was chosen for another connection, and only stays if this one knows it.
    """
    if connection is None:
        return ModelPicker(chosen=chosen)
    models = provider_services.known_models(connection)
    return _picker(connection, models, chosen, is_new=is_new)


def listed_models(connection: Connection | None, chosen: str, *, is_new: bool) -> ModelPicker:
    """Offer what the provider lists now; what was known before, with its words, if it cannot."""
    if connection is None:
        return ModelPicker(chosen=chosen)
    trouble = ""
    try:
        models = async_to_sync(provider_services.list_models)(connection)
    except (ProviderError, ProviderUnavailable) as refusal:
        models, trouble = provider_services.known_models(connection), str(refusal)
    return _picker(connection, models, chosen, is_new=is_new, trouble=trouble)


def _picker(
    connection: Connection,
    models: Sequence[ModelInfo],
    chosen: str,
    *,
    is_new: bool = False,
    trouble: str = "",
) -> ModelPicker:
    tunable = [model.id for model in models if model.can_tune]
    possible = [model.id for model in models if model.can_tune is not False]
    tuned, checkpoints, why_not = _further(connection, chosen)
    known = {*possible, *(each.model for each in (*tuned, *checkpoints))}
    is_foreign = is_new and (bool(known) or _is_listed_elsewhere(connection, chosen))
    is_kept = chosen in known or not (tunable or is_foreign)
    return ModelPicker(
        connection=connection,
        tunable=tunable,
        suggestions=possible,
        tuned=tuned,
        checkpoints=checkpoints,
        chosen=chosen if is_kept else "",
        left_out="" if is_kept else chosen,
        trouble=trouble,
        why_not_further=why_not,
    )


def _is_listed_elsewhere(connection: Connection, model: str) -> bool:
    """Say whether this is known as a model of other providers. A proxy may have those too."""
    if connection.profile == Connection.Profile.GENERIC:
        return False
    return any(profile_for(name).can_tune(model) for name in Connection.Profile.values)


def _further(connection: Connection, chosen: str) -> tuple[list[TunedModel], list[TunedModel], str]:
    """Return what can be trained further here, what was chosen too; or why nothing can."""
    tuned = tuned_models.of_connection(connection)
    checkpoints = tuned_models.checkpoints_of(connection)
    if chosen not in {each.model for each in (*tuned, *checkpoints)}:
        tuned += tuned_models.named(connection, chosen)
    if not (tuned or checkpoints):
        return [], [], ""
    why_not = profile_for(connection.profile).why_not("continue_from_tuned")
    return ([], [], why_not) if why_not else (tuned, checkpoints, "")
