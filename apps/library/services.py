"""What a person can do with models: note something, and look for those made elsewhere."""

from collections.abc import Sequence

from asgiref.sync import async_to_sync
from django.utils import timezone

from apps.library import reading
from apps.library.models import TunedModel
from apps.providers.models import Connection


def note(*, model: TunedModel, title: str, tags: Sequence[str], notes: str) -> None:
    """Keep what people call a model and what they wrote about it."""
    TunedModel.objects.filter(pk=model.pk).update(
        title=title, tags=list(tags), notes=notes, updated_at=timezone.now()
    )


def look_elsewhere(*, connection: Connection) -> int:
    """Add the tuned models that the provider lists and no job here made; return how many.

    Raises ProviderError or ProviderUnavailable with the provider's words.
    """
    models = async_to_sync(reading.listed)(connection)
    reading.keep_dates(connection, models)
    return reading.keep_found(connection, models)
