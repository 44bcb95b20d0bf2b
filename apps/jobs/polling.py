"""Asks providers for news of all due jobs at once: claim, ask each connection, write.

Connections are asked side by side and written as they answer, so one that is down delays nobody
else. Where several jobs of a connection are due, one list call replaces a call per job.
"""

import asyncio
import logging
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import groupby
from typing import TypeVar

from asgiref.sync import async_to_sync, sync_to_async
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef
from django.utils import timezone
from django.utils.translation import gettext_noop as _

from apps.core.sentences import Sentence
from apps.jobs import news, record
from apps.jobs.models import Job, JobEvent
from apps.jobs.news import Answer
from apps.providers import registry
from apps.providers.types import (
    TERMINAL,
    JobSnapshot,
    JobStatus,
    Provider,
    ProviderCheckpoint,
    ProviderError,
    ProviderUnavailable,
)

logger = logging.getLogger(__name__)
JOBS_PER_SWEEP = 1000
CONNECTION_SECONDS = 20.0  # longer than one slow answer, shorter than the lease
LEASE = timedelta(seconds=30)
CALLS_AT_ONCE = 16
LIST_FROM = 3  # due jobs of one connection from which a list call is cheaper
PAGE = 100
KNOWN_EVENTS = 20  # newest events that tell the adapter where to stop reading
DOWN_AFTER = 3  # failures in a row of calls after which the rest of a connection waits too
T = TypeVar("T")
Known = Mapping[int, frozenset[str]]


def poll_due_jobs() -> int:
    """Ask for news of every due job; return how many were due. Nothing due, nothing asked."""
    jobs = Job.objects.claim_polls(at=timezone.now(), lease=LEASE, limit=JOBS_PER_SWEEP)
    if jobs:
        async_to_sync(_ask_everyone)(jobs, _known_events(jobs))
    return len(jobs)


def _known_events(jobs: Sequence[Job]) -> Known:
    newest = JobEvent.objects.filter(job=OuterRef("pk")).order_by("-created_at", "-pk")
    ids = ArraySubquery(newest.values("provider_event_id")[:KNOWN_EVENTS])
    mine = Job.objects.filter(pk__in=[job.pk for job in jobs])
    return {pk: frozenset(known) for pk, known in mine.values_list("pk", ids)}


async def _ask_everyone(jobs: Sequence[Job], known: Known) -> None:
    by_connection = sorted(jobs, key=lambda job: job.connection_id)
    groups = [list(group) for _id, group in groupby(by_connection, lambda job: job.connection_id)]
    results = await asyncio.gather(
        *(_poll_connection(group, known) for group in groups), return_exceptions=True
    )
    for group, result in zip(groups, results, strict=True):
        if isinstance(result, BaseException):  # a fault of ours; its jobs wait, the others went on
            logger.error("polling connection %s", group[0].connection, exc_info=result)


async def _poll_connection(jobs: Sequence[Job], known: Known) -> None:
    round_ = _Round(jobs, known)
    try:
        async with asyncio.timeout(CONNECTION_SECONDS):
            async with registry.open_provider(jobs[0].connection) as provider:
                await round_.ask_all(provider)
    except TimeoutError:
        words = Sentence(_("The provider did not answer in time."))
        round_.refuse_rest(ProviderUnavailable(words))
    except (ProviderError, ProviderUnavailable) as refusal:
        round_.refuse_rest(refusal)
    await sync_to_async(record.keep)(list(round_.answers.values()), at=timezone.now())


@dataclass(slots=True)
class _Round:
    """One connection, its due jobs, and what was answered so far."""

    jobs: Sequence[Job]
    known: Known
    answers: dict[int, Answer] = field(default_factory=dict)
    failures: int = 0
    down: ProviderUnavailable | None = None

    def refuse_rest(self, refusal: ProviderError | ProviderUnavailable) -> None:
        """Give every job without an answer this one."""
        for job in self.jobs:
            self.answers.setdefault(job.pk, Answer(job, refusal=refusal))

    async def ask_all(self, provider: Provider) -> None:
        """Ask for the list where it saves calls, then job by job for what the list left open."""
        listed = await self._listed(provider)
        turns = asyncio.Semaphore(CALLS_AT_ONCE)

        async def in_turn(job: Job) -> None:
            async with turns:
                self.answers[job.pk] = await self._ask(
                    provider, job, listed.get(job.provider_job_id)
                )

        async with asyncio.TaskGroup() as group:
            for job in self.jobs:
                group.create_task(in_turn(job))

    async def _listed(self, provider: Provider) -> Mapping[str, JobSnapshot]:
        if len(self.jobs) < LIST_FROM:
            return {}
        pages = -(-len(self.jobs) // PAGE)
        try:
            snapshots = await provider.list_jobs(limit=pages * PAGE)
        except ProviderError:  # not every server lists
            return {}
        return {snapshot.provider_job_id: snapshot for snapshot in snapshots}

    async def _ask(self, provider: Provider, job: Job, listed: JobSnapshot | None) -> Answer:
        if self.down:
            return Answer(job, refusal=self.down)
        try:
            return await _news_of(provider, job, listed, self.known.get(job.pk, frozenset()))
        except ProviderError as refusal:
            return Answer(job, refusal=refusal)
        except ProviderUnavailable as refusal:
            self.failures += 1
            if refusal.retry_after is not None or self.failures >= DOWN_AFTER:
                self.down = refusal
            return Answer(job, refusal=refusal)


async def _news_of(
    provider: Provider, job: Job, listed: JobSnapshot | None, known: frozenset[str]
) -> Answer:
    """Return the job as it is now. The last look at an ended job reads everything once more."""
    snapshot = listed
    if snapshot is None or snapshot.status in TERMINAL:  # lists may be thinner than the job itself
        snapshot = await provider.get_job(job.provider_job_id)
    if snapshot.status in TERMINAL:
        return await _last_news(provider, job, snapshot, known)
    if not _may_have_events(job, snapshot):
        return Answer(job, snapshot)
    events = await _if_offered(provider.list_events(job.provider_job_id, known_ids=known))
    told_more = any(event.type != "metrics" for event in events)
    return Answer(
        job,
        snapshot,
        events=events,
        checkpoints=await _checkpoints(provider, job) if told_more else (),
        has_new_events=any(event.provider_event_id not in known for event in events),
    )


def _may_have_events(job: Job, snapshot: JobSnapshot) -> bool:
    has_changed = snapshot.status != job.status or news.storable(snapshot.raw) != job.raw
    is_watched = news.is_watched(job, timezone.now())
    return has_changed or is_watched or snapshot.status == JobStatus.RUNNING


async def _last_news(
    provider: Provider, job: Job, snapshot: JobSnapshot, known: frozenset[str]
) -> Answer:
    """Read all events and checkpoints of an ended job; without them it is not written as ended."""
    try:
        events = await _if_offered(provider.list_events(job.provider_job_id))
        checkpoints = await _checkpoints(provider, job)
    except ProviderUnavailable:
        if job.attempts + 1 < news.LAST_FETCH_TIMES:
            raise
        return Answer(job, snapshot)  # the end matters more than its last details
    is_new = any(event.provider_event_id not in known for event in events)
    return Answer(job, snapshot, events, checkpoints, has_new_events=is_new)


async def _checkpoints(provider: Provider, job: Job) -> Sequence[ProviderCheckpoint]:
    return await _if_offered(provider.list_checkpoints(job.provider_job_id))


async def _if_offered(call: Awaitable[Sequence[T]]) -> Sequence[T]:
    """Return what a call returns, nothing where the server does not know the call."""
    try:
        return await call
    except ProviderError:
        return ()
