"""That an account may start no new jobs: kept until one starts, or a person forgets it.

OpenAI refuses accounts one by one before it ends fine-tuning for all, so a date cannot say it.
"""

from django.utils import timezone

from apps.core.storable import storable
from apps.providers.models import Connection
from apps.providers.types import ProviderError

TRAINING_NOT_AVAILABLE = "training_not_available"


def note(connection_id: int, refusal: ProviderError) -> None:
    """Keep the provider's words when it says that this account may not train."""
    if refusal.code == TRAINING_NOT_AVAILABLE:
        Connection.objects.filter(pk=connection_id).update(
            training_refusal=storable(refusal.words), training_refused_at=timezone.now()
        )


def forget(connection_id: int) -> None:
    """A job has started, or a person wants to try again."""
    Connection.objects.filter(pk=connection_id, training_refused_at__isnull=False).update(
        training_refusal="", training_refused_at=None
    )
