"""Asks the questions of a run, many at once, and writes each answer as it comes.

A worker claims the run, works for a while and gives it back. One that dies leaves its questions
waiting: the next one asks them. What is answered is never asked again.
"""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta

from asgiref.sync import async_to_sync, sync_to_async
from django.utils import timezone
from django.utils.translation import gettext_noop as _

from apps.core.sentences import Sentence
from apps.evals import asking, judging, spending
from apps.evals.models import Answer, Run
from apps.library import serving
from apps.providers import registry
from apps.providers.models import Connection
from apps.providers.types import Provider, ProviderError, ProviderUnavailable

LEASE = timedelta(seconds=180)  # longer than a turn and the slowest answer in it
TURN = 64  # questions that one turn takes
AT_ONCE = 8  # of one connection
LOOK_EVERY = timedelta(seconds=2)
SPENT = _("The rest was left out: the budget of $%(limit)s is spent.")


def advance(run_id: int) -> None:
    """Ask one turn of questions. A second copy of the message finds nothing to claim."""
    now = timezone.now()
    run = Run.objects.claim(run_id, at=now, lease=LEASE)
    if run is None:
        return
    spent = spending.spent(run)
    if run.budget_usd is not None and spent >= run.budget_usd:
        _end(run, Sentence(SPENT, limit=f"{run.budget_usd:,.2f}"))
        return
    details = ("candidate__connection", "case", "run__suite")
    due = Answer.objects.filter(run=run).due(now).select_related(*details)
    answers = list(due.order_by("case__position", "candidate__position")[:TURN])
    async_to_sync(_ask_all)(answers)
    _let_go(run)


async def _ask_all(answers: Sequence[Answer]) -> None:
    """Ask every connection side by side; one that is down delays no other."""
    groups: defaultdict[Connection, list[Answer]] = defaultdict(list)
    for answer in answers:
        if connection := answer.candidate.connection:
            groups[connection].append(answer)
    await asyncio.gather(*(_ask_connection(*group) for group in groups.items()))


async def _ask_connection(connection: Connection, answers: Sequence[Answer]) -> None:
    turns = asyncio.Semaphore(AT_ONCE)

    async def in_turn(provider: Provider, answer: Answer) -> None:
        async with turns:
            await _ask(provider, connection, answer)

    try:
        async with registry.open_provider(connection) as provider:
            await asyncio.gather(*(in_turn(provider, answer) for answer in answers))
    except ProviderError as refusal:  # its key cannot be used
        for answer in answers:
            await sync_to_async(asking.fail)(answer, refusal)


async def _ask(provider: Provider, connection: Connection, answer: Answer) -> None:
    """Take an earlier answer to the same question, else ask; a late answer is written too."""
    if await sync_to_async(asking.copy_known)(answer):
        return
    try:
        asked_as = await sync_to_async(serving.chat_name)(connection, answer.candidate.model)
        reply = await asking.ask(provider, answer, asked_as=asked_as)
    except ProviderError as refusal:
        await sync_to_async(asking.fail)(answer, refusal)
    except ProviderUnavailable as refusal:
        await sync_to_async(asking.try_later)(answer, refusal)
    else:
        await sync_to_async(asking.keep)(answer, reply)


def _let_go(run: Run) -> None:
    """Give the lease back; a run without waiting questions has ended."""
    if not Answer.objects.filter(run=run).waiting().exists():
        _end(run, "")
        return
    next_look_at = timezone.now() + LOOK_EVERY
    Run.objects.held_by(run).update(lease_until=None, next_look_at=next_look_at)


def _end(run: Run, reason: str) -> None:
    now = timezone.now()
    ended = {"ended_at": now, "end_reason": reason, "lease_until": None, "updated_at": now}
    if Run.objects.held_by(run).update(**ended):
        judging.judge(run.pk)
