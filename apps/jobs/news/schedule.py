"""How often a provider is asked for news: often while someone looks, rarely while it is silent."""

from datetime import timedelta

from apps.providers.types import JobStatus

WATCHED = timedelta(seconds=0.4)  # a little less than the tick of beat, so that each tick asks
RUNNING = timedelta(seconds=5)
WAITING = timedelta(seconds=15)
SELDOM = timedelta(seconds=60)
PATIENCE = 0.1  # of the time since the last news
STALLED_AFTER = timedelta(minutes=15)  # a running job that says nothing


def poll_interval(status: str, *, is_watched: bool, since_news: float | None = None) -> timedelta:
    """Return how long to wait for the next look at a healthy job.

    Who has said nothing for long (`since_news`, seconds) is asked less often, down to the minute.
    """
    if is_watched:
        return WATCHED
    usual = RUNNING if status == JobStatus.RUNNING else WAITING
    patient = timedelta(seconds=(since_news or 0.0) * PATIENCE)
    return max(usual, min(patient, SELDOM))
