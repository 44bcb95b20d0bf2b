"""Asks providers for news of all due jobs at once: claim, ask each connection, write.

Connections are asked side by side and written as they answer. While a slow one is waited for,
the jobs of the others come due again and are asked: it delays nobody else.
"""

import asyncio
import logging
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from itertools import groupby
from typing import Any

import orjson
from asgiref.sync import async_to_sync, sync_to_async
from django.db import connection as database
from django.utils import timezone
from django.utils.translation import gettext_noop as _

from apps.core.sentences import Sentence
from apps.jobs.models import Job
from apps.jobs.news import claiming, record
from apps.jobs.news.answers import Known
from apps.jobs.news.asking import Round
from apps.providers import pacing, registry
from apps.providers.types import ProviderError, ProviderUnavailable

logger = logging.getLogger(__name__)
JOBS_PER_SWEEP = 10_000
CONNECTION_SECONDS = 20.0  # longer than one slow answer, shorter than the lease
LEASE = timedelta(seconds=30)
WRITE_SECONDS = 0.25  # between two writes of what a connection has told so far
WRITE_FROM = 500  # answers that are worth a write of their own
TICK_SECONDS = 0.5  # how often others are looked for while a slow connection is waited for
KNOWN_EVENTS = 5  # newest events, of steps and of all else, that tell where to stop reading
KNOWN = """
SELECT id, sparkline, latest_metrics, ARRAY(
  SELECT provider_event_id FROM jobs_jobevent WHERE job_id = jobs_job.id
  ORDER BY created_at DESC, id DESC LIMIT %s
) || ARRAY(
  SELECT provider_event_id FROM jobs_jobevent WHERE job_id = jobs_job.id AND NOT type = 'metrics'
  ORDER BY created_at DESC, id DESC LIMIT %s
) FROM jobs_job WHERE id = ANY(%s)
"""


def poll_due_jobs() -> int:
    """Ask for news of every due job; return how many were due. Nothing due, nothing asked."""
    jobs = _claim()
    return async_to_sync(_sweep)(jobs) if jobs else 0


def _claim(busy: Sequence[int] = ()) -> list[Job]:
    return claiming.claim_polls(at=timezone.now(), lease=LEASE, limit=JOBS_PER_SWEEP, busy=busy)


async def _sweep(jobs: Sequence[Job]) -> int:
    """Ask all connections, and until the slowest has answered, whatever else comes due."""
    count, running = 0, dict[int, asyncio.Task[None]]()
    last_claim = time.monotonic() + CONNECTION_SECONDS
    while jobs or running:
        count += len(jobs)
        running |= _start(jobs)
        await asyncio.wait(running.values(), timeout=TICK_SECONDS)
        running = {pk: task for pk, task in running.items() if not _is_over(pk, task)}
        may_go_on = running and time.monotonic() < last_claim
        jobs = await sync_to_async(_claim)(list(running)) if may_go_on else []
    return count


def _start(jobs: Sequence[Job]) -> dict[int, asyncio.Task[None]]:
    by_connection = sorted(jobs, key=lambda job: job.connection_id)
    return {
        pk: asyncio.create_task(_poll_connection(list(group)))
        for pk, group in groupby(by_connection, lambda job: job.connection_id)
    }


def _is_over(pk: int, task: asyncio.Task[None]) -> bool:
    if task.done() and (fault := task.exception()):  # ours; its jobs wait, the others went on
        logger.error("polling connection %d", pk, exc_info=fault)
    return task.done()


async def _poll_connection(jobs: Sequence[Job]) -> None:
    connection = jobs[0].connection
    calls = await sync_to_async(pacing.calls_left)(connection, at=timezone.now())
    round_, is_over = Round(jobs, load=sync_to_async(_known), calls_left=calls), asyncio.Event()
    async with asyncio.TaskGroup() as group:
        group.create_task(_write_meanwhile(round_, is_over))
        try:
            await _ask(round_)
        finally:
            is_over.set()
    await _write(round_)
    await sync_to_async(pacing.note)(connection, calls - round_.calls_left, round_.down)


async def _ask(round_: Round) -> None:
    try:
        async with asyncio.timeout(CONNECTION_SECONDS):
            if round_.calls_left > 0:
                async with registry.open_provider(round_.jobs[0].connection) as provider:
                    await round_.ask_all(provider)
            round_.put_off_rest(pacing.next_turn(timezone.now()))
    except TimeoutError:
        if round_.is_answering:  # but not everything fits into one round
            round_.put_off_rest(timezone.now())  # and first in the next one
        words = Sentence(_("The provider did not answer in time."))
        round_.refuse_rest(ProviderUnavailable(words))
    except (ProviderError, ProviderUnavailable) as refusal:
        round_.down = refusal
        round_.refuse_rest(refusal)


async def _write_meanwhile(round_: Round, is_over: asyncio.Event) -> None:
    """Write what was told while the rest is asked for."""
    while not is_over.is_set():
        with suppress(TimeoutError):
            await asyncio.wait_for(is_over.wait(), WRITE_SECONDS)
        if len(round_.answers) >= WRITE_FROM:
            await _write(round_)


async def _write(round_: Round) -> None:
    answers = round_.take()
    if answers:
        await sync_to_async(record.keep)(answers, at=timezone.now())


def _known(jobs: Sequence[Job]) -> Mapping[int, Known]:
    """Return what the asked jobs have told before: the newest events, the line, the numbers."""
    with database.cursor() as cursor:
        cursor.execute(KNOWN, [KNOWN_EVENTS, KNOWN_EVENTS, [job.pk for job in jobs]])
        return {
            pk: Known(frozenset(ids), _parsed(line), _parsed(latest))
            for pk, line, latest, ids in cursor.fetchall()
        }


def _parsed(column: str | None) -> Any:
    return orjson.loads(column or "null")
