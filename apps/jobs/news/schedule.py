"""When a provider is asked again: often while someone looks, rarely while it is in trouble."""

from datetime import timedelta
from secrets import SystemRandom

from apps.providers.types import JobStatus

WATCHED = timedelta(seconds=0.4)  # a little less than the tick of beat, so that each tick asks
RUNNING = timedelta(seconds=5)
WAITING = timedelta(seconds=15)
SELDOM = timedelta(seconds=60)
PATIENCE = 0.1  # of the time since the last news
STALLED_AFTER = timedelta(minutes=15)  # a running job that says nothing
FIRST_RETRY_SECONDS = 2.0
LONGEST_RETRY_SECONDS = 15 * 60.0
LONGEST_ASKED_FOR = 24 * 60 * 60.0
_random = SystemRandom()


def poll_interval(status: str, *, is_watched: bool, since_news: float | None = None) -> timedelta:
    """Return how long to wait for the next look at a healthy job.

    Who has said nothing for long (`since_news`, seconds) is asked less often, down to the minute.
    """
    if is_watched:
        return WATCHED
    usual = RUNNING if status == JobStatus.RUNNING else WAITING
    patient = timedelta(seconds=(since_news or 0.0) * PATIENCE)
    return max(usual, min(patient, SELDOM))


def retry_interval(attempts: int, *, retry_after: float | None = None) -> timedelta:
    """Return how long to wait after that many failures in a row, spread out by a fifth.

    A provider that names a time is not asked earlier, up to a day.
    """
    doubled = FIRST_RETRY_SECONDS * 2 ** min(attempts - 1, 20)
    seconds = min(doubled, LONGEST_RETRY_SECONDS) * _random.uniform(0.8, 1.2)
    return timedelta(seconds=max(seconds, min(retry_after or 0.0, LONGEST_ASKED_FOR)))
