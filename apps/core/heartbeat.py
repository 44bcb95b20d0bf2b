"""Signs of life that processes leave for each other in Redis, which may forget them.

Both functions raise RedisError while Redis is away: then nobody can say who is alive.
"""

from datetime import datetime, timedelta
from typing import Literal

from django.core.cache import cache

KEPT_FOR = timedelta(days=1)

Name = Literal["worker", "trainer"]


def leave(name: Name, *, at: datetime) -> None:
    """Say that this process is alive."""
    cache.set(f"heartbeat.{name}", at.timestamp(), timeout=KEPT_FOR.total_seconds())


def age(name: Name, *, at: datetime) -> timedelta | None:
    """Say how long ago the process was last heard; None when it was not."""
    heard_at: float | None = cache.get(f"heartbeat.{name}")
    return None if heard_at is None else timedelta(seconds=max(at.timestamp() - heard_at, 0))
