"""Asks one connection about its due jobs, with as few calls as it takes.

Where several jobs are due one list replaces a call per job; only those whose events may have
changed are asked about one by one. What cannot be asked now is put off, not blamed.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

from django.utils import timezone

from apps.jobs.curves import metrics
from apps.jobs.models import Job
from apps.jobs.news import answers, results
from apps.jobs.news.answers import NOTHING_KNOWN, Answer, Known
from apps.providers.retries import LONGEST_ASKED_FOR
from apps.providers.types import (
    TERMINAL,
    JobSnapshot,
    JobStatus,
    Provider,
    ProviderCheckpoint,
    ProviderError,
    ProviderUnavailable,
)

CALLS_AT_ONCE = 32
LIST_FROM = 3  # due jobs of one connection from which a list call is cheaper
PAGE = 100
DOWN_AFTER = 3  # failures in a row, and no answer at all: the rest of the connection waits
ABOUT_THE_ACCOUNT = frozenset({401, 402, 403, 429})  # a refusal that every other job would get
T = TypeVar("T")
Load = Callable[[Sequence[Job]], Awaitable[Mapping[int, Known]]]
Keep = Callable[[Sequence[Answer]], Awaitable[None]]


@dataclass(slots=True)
class Round:
    """One connection, its due jobs, and what was answered so far."""

    jobs: Sequence[Job]
    load: Load
    calls_left: int
    open: dict[int, Job] = field(init=False)  # no answer yet
    answers: list[Answer] = field(default_factory=list)  # not written yet
    failures: int = 0
    is_heard: bool = False  # it has answered anything in this round
    is_answering: bool = False  # … about a single job
    down: ProviderError | ProviderUnavailable | None = None

    def __post_init__(self) -> None:
        self.open = {job.pk: job for job in self.jobs}

    def take(self) -> list[Answer]:
        """Hand over what is to be written."""
        taken, self.answers = self.answers, []
        return taken

    def refuse_rest(self, refusal: ProviderError | ProviderUnavailable) -> None:
        """Give every job without an answer this one."""
        for job in list(self.open.values()):
            self._answer(_unasked(job, refusal))

    def put_off_rest(self, until: datetime) -> None:
        """Ask for the others later: nobody has refused anything."""
        for job in list(self.open.values()):
            self._answer(Answer(job, postponed_until=until))

    async def ask_all(self, provider: Provider) -> None:
        """Ask for the list where it saves calls, then job by job for what the list left open."""
        listed = await self._listed(provider)
        waiting = self._unsettled(listed)
        known = await self.load(waiting) if waiting else {}
        turns = iter(waiting)
        workers = min(CALLS_AT_ONCE, len(waiting))
        async with asyncio.TaskGroup() as group:
            for _worker in range(workers):
                group.create_task(self._work(provider, turns, listed, known))

    async def _work(
        self,
        provider: Provider,
        turns: Iterator[Job],
        listed: Mapping[str, JobSnapshot],
        known: Mapping[int, Known],
    ) -> None:
        for job in turns:
            told, mine = listed.get(job.provider_job_id), known.get(job.pk, NOTHING_KNOWN)
            self._answer(await self._ask(provider, job, told, mine))

    def _answer(self, answer: Answer) -> None:
        self.open.pop(answer.job.pk, None)
        self.answers.append(answer)

    async def _listed(self, provider: Provider) -> Mapping[str, JobSnapshot]:
        pages = -(-len(self.jobs) // PAGE)
        if len(self.jobs) < LIST_FROM or 2 * pages > self.calls_left:
            return {}
        try:
            snapshots = await provider.list_jobs(limit=pages * PAGE)
        except ProviderError as refusal:
            if refusal.status in ABOUT_THE_ACCOUNT:
                raise
            return {}  # not every server lists
        except ProviderUnavailable as refusal:
            if refusal.retry_after is not None:
                raise
            self._fail(refusal, is_final=False)
            return {}  # one bad page of many says little about the jobs
        self.calls_left -= pages
        self.is_heard = True
        return {snapshot.provider_job_id: snapshot for snapshot in snapshots}

    def _unsettled(self, listed: Mapping[str, JobSnapshot]) -> list[Job]:
        """Answer what the list says enough about; return as many others as may be asked now.

        Watched ones come first, then those that have waited longest.
        """
        now = timezone.now()
        unsettled: list[Job] = []
        for job in sorted(self.jobs, key=lambda job: _urgency(job, now)):
            told = listed.get(job.provider_job_id)
            if told is None or told.status in TERMINAL or _may_have_events(job, told, now):
                unsettled.append(job)
            else:
                self._answer(Answer(job, told))
        return unsettled[: self.calls_left]

    async def _ask(
        self, provider: Provider, job: Job, listed: JobSnapshot | None, known: Known
    ) -> Answer:
        if self.down:
            return _unasked(job, self.down)
        self.calls_left -= 1 if listed else 2
        try:
            answer = await _news_of(provider, job, listed, known)
        except ProviderError as refusal:
            if refusal.status in ABOUT_THE_ACCOUNT:
                self._fail(refusal, is_final=refusal.status != 403)
            return Answer(job, refusal=refusal)
        except ProviderUnavailable as refusal:
            self._fail(refusal, is_final=refusal.retry_after is not None)
            return Answer(job, refusal=refusal)
        self.is_answering, self.is_heard, self.failures = True, True, 0
        return answer

    def _fail(self, refusal: ProviderError | ProviderUnavailable, *, is_final: bool) -> None:
        self.failures += 1
        if is_final or self.failures >= (CALLS_AT_ONCE if self.is_heard else DOWN_AFTER):
            self.down = refusal


def _unasked(job: Job, refusal: ProviderError | ProviderUnavailable) -> Answer:
    """Return what a refusal of others means for this job: a named time is no trouble of its own."""
    wait = refusal.retry_after if isinstance(refusal, ProviderUnavailable) else None
    if wait is None:
        return Answer(job, refusal=refusal)
    wait = min(wait, LONGEST_ASKED_FOR)
    return Answer(job, postponed_until=timezone.now() + timedelta(seconds=wait))


def _urgency(job: Job, now: datetime) -> tuple[bool, datetime]:
    return not answers.is_watched(job, now), job.last_polled_at or job.created_at


async def _news_of(
    provider: Provider, job: Job, listed: JobSnapshot | None, known: Known
) -> Answer:
    """Return the job as it is now. The last look at an ended job reads everything once more."""
    snapshot = listed
    if snapshot is None or snapshot.status in TERMINAL:  # lists may be thinner than the job itself
        snapshot = await provider.get_job(job.provider_job_id)
    if snapshot.status in TERMINAL:
        return await _last_news(provider, job, snapshot, known)
    if not _may_have_events(job, snapshot, timezone.now()):
        return Answer(job, snapshot, known=known)
    told = await _if_offered(provider.list_events(job.provider_job_id, known_ids=known.event_ids))
    told_more = any(event.type != "metrics" for event in told)
    return Answer(
        job,
        snapshot,
        events=told,
        checkpoints=await _checkpoints(provider, job) if told_more else (),
        points=metrics.points_by_step(told),
        known=known,
        has_new_events=any(event.provider_event_id not in known.event_ids for event in told),
    )


def _may_have_events(job: Job, snapshot: JobSnapshot, now: datetime) -> bool:
    if snapshot.status == JobStatus.RUNNING or snapshot.status != job.status:
        return True
    return answers.is_watched(job, now) or answers.digest(snapshot.raw) != job.raw_digest


async def _last_news(provider: Provider, job: Job, snapshot: JobSnapshot, known: Known) -> Answer:
    """Read all of an ended job once more; without it the job is not written as ended."""
    try:
        told = await _if_offered(provider.list_events(job.provider_job_id))
        checkpoints = await _checkpoints(provider, job)
        points = metrics.points_by_step(told)
        of_file = {} if points else await results.points_of(provider, snapshot)
    except ProviderUnavailable:
        if job.attempts + 1 < answers.LAST_FETCH_TIMES:
            raise
        return Answer(job, snapshot, known=known)  # the end matters more than its last details
    is_new = any(event.provider_event_id not in known.event_ids for event in told)
    return Answer(
        job,
        snapshot,
        events=told,
        checkpoints=checkpoints,
        points=points or of_file,
        has_results=bool(of_file),
        known=known,
        has_new_events=is_new,
    )


async def _checkpoints(provider: Provider, job: Job) -> Sequence[ProviderCheckpoint]:
    return await _if_offered(provider.list_checkpoints(job.provider_job_id))


async def _if_offered(call: Awaitable[Sequence[T]]) -> Sequence[T]:
    """Return what a call returns, nothing where the server does not know the call."""
    try:
        return await call
    except ProviderError as refusal:
        if refusal.status in ABOUT_THE_ACCOUNT:
            raise
        return ()
