"""Tells new events from those that were told before, in whatever order a page has them (pure)."""

from collections.abc import Iterable, Set
from datetime import UTC, datetime

from apps.providers.types import ProviderEvent


def unknown(newest_first: Iterable[ProviderEvent], known_ids: Set[str]) -> list[ProviderEvent]:
    """Return what is new, once each. Only the newest known ids are given, not all.

    So what comes behind a known event was told before, unless it is younger than that one. (What
    has no time of its own got the time of reading, and is no sign of disorder.)
    """
    news: dict[str, ProviderEvent] = {}
    now, horizon = datetime.now(UTC), None
    for event in newest_first:
        if event.provider_event_id in known_ids:
            horizon = max(horizon or event.created_at, event.created_at)
        elif horizon is None or horizon < event.created_at < now:
            news.setdefault(event.provider_event_id, event)
    return list(news.values())


def oldest_first(newest_first: Iterable[ProviderEvent]) -> list[ProviderEvent]:
    """Return the events by their time; what has the same time is turned around."""
    rising = list(newest_first)[::-1]
    rising.sort(key=lambda event: event.created_at)
    return rising
