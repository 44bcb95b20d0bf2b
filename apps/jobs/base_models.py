"""What the field for the base model offers: never empty where anything is known."""

from collections.abc import Sequence
from dataclasses import dataclass

from asgiref.sync import async_to_sync

from apps.providers import services as provider_services
from apps.providers.models import Connection
from apps.providers.types import ModelInfo, ProviderError, ProviderUnavailable


@dataclass(frozen=True, slots=True)
class ModelPicker:
    """A list to choose from where one is known, else free text with suggestions."""

    tunable: Sequence[str] = ()
    suggestions: Sequence[str] = ()
    chosen: str = ""
    trouble: str = ""  # why the provider's own list is missing, in its words


def known_models(connection: Connection | None, chosen: str) -> ModelPicker:
    """Offer what is known without asking anybody: the page is usable at once."""
    if connection is None:
        return ModelPicker(chosen=chosen)
    return _picker(provider_services.known_models(connection), chosen)


def listed_models(connection: Connection | None, chosen: str) -> ModelPicker:
    """Offer what the provider lists now; what was known before, with its words, if it cannot."""
    if connection is None:
        return ModelPicker(chosen=chosen)
    try:
        models = async_to_sync(provider_services.list_models)(connection)
    except (ProviderError, ProviderUnavailable) as trouble:
        models = provider_services.known_models(connection)
        return _picker(models, chosen, trouble=str(trouble))
    return _picker(models, chosen)


def _picker(models: Sequence[ModelInfo], chosen: str, *, trouble: str = "") -> ModelPicker:
    tunable = [model.id for model in models if model.can_tune]
    possible = [model.id for model in models if model.can_tune is not False]
    is_offered = chosen in possible or not tunable
    return ModelPicker(tunable, possible, chosen if is_offered else "", trouble)
