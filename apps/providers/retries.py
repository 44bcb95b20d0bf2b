"""When a provider that did not answer is asked again: later each time, and not all at once."""

from datetime import timedelta
from secrets import SystemRandom
from typing import Any

from django.utils import timezone

from apps.core.storable import storable
from apps.providers.types import ProviderError, ProviderUnavailable

FIRST_SECONDS = 2.0
LONGEST_SECONDS = 15 * 60.0
LONGEST_ASKED_FOR = 24 * 60 * 60.0
MOST_ATTEMPTS = 1000  # that are counted
_random = SystemRandom()


def retry_interval(attempts: int, *, retry_after: float | None = None) -> timedelta:
    """Return how long to wait after that many failures in a row, spread out by a fifth.

    A provider that names a time is not asked earlier, up to a day.
    """
    doubled = FIRST_SECONDS * 2 ** min(attempts - 1, 20)
    seconds = min(doubled, LONGEST_SECONDS) * _random.uniform(0.8, 1.2)
    return timedelta(seconds=max(seconds, min(retry_after or 0.0, LONGEST_ASKED_FOR)))


def step_put_off(attempts: int, refusal: ProviderError | ProviderUnavailable) -> dict[str, Any]:
    """Return the columns of a row whose next step failed, as `attempts` before it did."""
    attempts = min(attempts + 1, MOST_ATTEMPTS)
    retry_after = refusal.retry_after if isinstance(refusal, ProviderUnavailable) else None
    wait = retry_interval(attempts, retry_after=retry_after)
    return {
        "attempts": attempts,
        "trouble": storable(refusal.words),
        "next_step_at": timezone.now() + wait,
        "step_lease_until": None,
    }
