"""How often a provider may be asked: what a person allows, and what it asked for itself."""

from datetime import datetime, timedelta

from django.core.cache import cache
from django.utils import timezone

from apps.providers.models import Connection
from apps.providers.types import ProviderError, ProviderUnavailable

UNLIMITED = 1_000_000
WINDOW = timedelta(minutes=1)
OUT_OF_CREDIT = timedelta(minutes=15)  # nobody pays an account within seconds
LONGEST_SILENCE = timedelta(days=1)


def calls_left(connection: Connection, *, at: datetime) -> int:
    """Return how many calls this connection has left in this minute."""
    if connection.calls_per_minute is None:
        return UNLIMITED
    return max(0, connection.calls_per_minute - int(cache.get(_counter(connection, at), 0)))


def take(connection: Connection, calls: int, *, at: datetime) -> int:
    """Count so many calls before they are made; return how many there may be. Rivals count, too."""
    if connection.calls_per_minute is None or calls <= 0:
        return calls
    counter = _counter(connection, at)
    cache.add(counter, 0, timeout=120)
    before = cache.incr(counter, calls) - calls
    granted = max(0, min(calls, connection.calls_per_minute - before))
    if granted < calls:
        cache.decr(counter, calls - granted)
    return granted


def next_turn(at: datetime) -> datetime:
    """Return when the next minute begins: then there are calls again."""
    return at.replace(second=0, microsecond=0) + WINDOW


def note(
    connection: Connection, calls: int, refusal: ProviderError | ProviderUnavailable | None
) -> None:
    """Count the calls of a round, and keep quiet for as long as the provider asked."""
    now = timezone.now()
    if connection.calls_per_minute is not None and calls > 0:
        counter = _counter(connection, now)
        cache.add(counter, 0, timeout=120)
        cache.incr(counter, calls)
    if wait := _silence(refusal):
        Connection.objects.filter(pk=connection.pk).update(quiet_until=now + wait)


def _silence(refusal: ProviderError | ProviderUnavailable | None) -> timedelta | None:
    if isinstance(refusal, ProviderUnavailable) and refusal.retry_after:
        return min(timedelta(seconds=refusal.retry_after), LONGEST_SILENCE)
    if isinstance(refusal, ProviderError) and refusal.status in {402, 429}:
        return OUT_OF_CREDIT
    return None


def _counter(connection: Connection, at: datetime) -> str:
    return f"jobs.calls.{connection.pk}.{int(at.timestamp() // WINDOW.total_seconds())}"
