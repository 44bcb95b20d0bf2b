"""Carries a run on: a worker claims it, works for a while and gives it back.

A worker that dies leaves its questions waiting: the next one asks them. What is answered is never
asked again. A run has ended when no answer and no score waits.
"""

from datetime import datetime

from asgiref.sync import async_to_sync
from django.db.models import Count
from django.utils import timezone
from django.utils.translation import gettext_noop as _

from apps.core.sentences import Sentence
from apps.evals.asking import judges, purses, recorded
from apps.evals.asking.purses import Purse
from apps.evals.asking.supply import Supply
from apps.evals.asking.turns import LEASE, Turn
from apps.evals.models import Answer, Candidate, Run, Score
from apps.evals.verdicts import rejudging
from apps.providers.models import Connection

TURN = 5_000  # items that one turn takes at most
SPENT = _("The rest was left out: the budget of $%(limit)s is spent.")


def advance(run_id: int) -> None:
    """Ask one turn of questions. A second copy of the message finds nothing to claim."""
    run = Run.objects.claim(run_id, at=timezone.now(), lease=LEASE)
    if run is None:
        return
    while recorded.fill_page(run):
        pass
    judges.give_up_unreachable(run)
    turn = async_to_sync(_turn)(run, _supplies(run), purses.purse_of(run), _rivals(run))
    if not turn.is_held:
        rejudging.soon(run.pk)  # it was stopped; what came meanwhile belongs to it
    elif turn.purse.is_empty and _is_waiting(run):
        _end(run, Sentence(SPENT, limit=f"{run.budget_usd:,.2f}"))
    else:
        _let_go(run, turn)


async def _turn(run: Run, supplies: list[Supply], purse: Purse, rivals: dict[int, int]) -> Turn:
    turn = Turn(run, supplies, purse, most=TURN, rivals=rivals)
    await turn.work()
    return turn


def _supplies(run: Run) -> list[Supply]:
    """Return one for each connection that is asked: by models of the run, or by its graders."""
    candidates: dict[Connection, list[Candidate]] = {}
    for candidate in run.candidates.exclude(connection=None).select_related("connection"):
        if candidate.connection:
            candidates.setdefault(candidate.connection, []).append(candidate)
    for connection in judges.connections(run):
        candidates.setdefault(connection, [])
    return [Supply(run, *each) for each in candidates.items()]


def _rivals(run: Run) -> dict[int, int]:
    """Return how many other runs ask each connection at this moment."""
    busy = Run.objects.filter(lease_until__gt=timezone.now(), ended_at=None).exclude(pk=run.pk)
    asked = Candidate.objects.filter(run__in=busy).exclude(connection=None)
    counted = asked.values("connection").annotate(runs=Count("run", distinct=True))
    return {row["connection"]: row["runs"] for row in counted}


def _is_waiting(run: Run) -> bool:
    answers = Answer.objects.filter(run=run).waiting()
    return answers.exists() or Score.objects.filter(answer__run=run).waiting().exists()


def _let_go(run: Run, turn: Turn) -> None:
    """Give the lease back; a run in which nothing waits has ended."""
    judges.give_up_unreachable(run)
    due = [moment for lane in turn.lanes if (moment := lane.due_at())]
    if not due and not _is_waiting(run):
        _end(run, "")
        return
    next_look_at = min(due, default=timezone.now())
    Run.objects.held_by(run).update(lease_until=None, next_look_at=next_look_at)


def _end(run: Run, reason: str) -> None:
    now: datetime = timezone.now()
    ended = {"ended_at": now, "end_reason": reason, "lease_until": None, "updated_at": now}
    if Run.objects.held_by(run).update(**ended, judge_at=now):
        rejudging.judge_now(run.pk)
