"""Is everything well? Asked by monitors through /healthz, and by people on the first page."""

import http.client
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar
from urllib.parse import urlsplit

from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError
from django.db.models import Min
from redis.exceptions import RedisError

from apps.core import heartbeat
from apps.datasets.models import Version
from apps.jobs.models import Job

SILENT_AFTER = timedelta(seconds=30)  # beat asks every five, a trainer speaks every two
ENGINE_PATIENCE_SECONDS = 0.5
ENGINE_ANSWER_KEPT_SECONDS = 3

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Health:
    """What /healthz tells: no names, no addresses, no versions."""

    database: bool
    queue: bool
    heartbeat_age: timedelta | None
    overdue: timedelta | None

    @property
    def is_well(self) -> bool:
        return self.database and self.queue


def check(*, at: datetime) -> Health:
    """Ask the database and the queue; whatever does not answer is reported, not raised."""
    has_database, overdue = _asked(lambda: _overdue(at))
    has_queue, age = _asked(lambda: heartbeat.age("worker", at=at))
    return Health(has_database, has_queue, age, overdue)


def note_heartbeat(*, at: datetime) -> None:
    """Leave a sign that beat, queue and worker are alive."""
    heartbeat.leave("worker", at=at)


def heartbeat_age(name: heartbeat.Name, *, at: datetime) -> timedelta | None:
    """Say how long ago it was last heard; None when never, or when nobody can say."""
    return _asked(lambda: heartbeat.age(name, at=at))[1]


def is_engine_reachable() -> bool:
    """True when the engine of this installation answers; the answer is kept for a moment."""
    answered, is_reachable = _asked(
        lambda: cache.get_or_set("home.engine", _ask_engine, timeout=ENGINE_ANSWER_KEPT_SECONDS)
    )
    return is_reachable is True if answered else _ask_engine()


def _ask_engine() -> bool:
    url = urlsplit(settings.ENGINE_URL)
    kind = http.client.HTTPSConnection if url.scheme == "https" else http.client.HTTPConnection
    connection = kind(url.hostname or "", url.port, timeout=ENGINE_PATIENCE_SECONDS)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _asked(question: Callable[[], T]) -> tuple[bool, T | None]:
    try:
        return True, question()
    except (DatabaseError, RedisError):
        return False, None


def _overdue(at: datetime) -> timedelta | None:
    """How long the longest-waiting work is past its time; None when nothing waits."""
    waiting = [
        Version.objects.due(at).aggregate(moment=Min("next_check_at"))["moment"],
        Job.objects.to_advance(at).aggregate(moment=Min("next_step_at"))["moment"],
        Job.objects.to_poll(at).aggregate(moment=Min("next_poll_at"))["moment"],
    ]
    moments = [moment for moment in waiting if moment is not None]
    return at - min(moments) if moments else None
