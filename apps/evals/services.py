"""What a person can do with evals. Workers ask and grade."""

from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_noop

from apps.accounts.models import Membership
from apps.core import queue
from apps.core.sentences import Sentence
from apps.evals import tasks
from apps.evals.asking import starting
from apps.evals.asking.starting import ModelChoice
from apps.evals.models import Answer, Run, Score, Suite

MOST_MODELS = 6
STOPPED = gettext_noop("It was stopped; what had not been asked was left out.")


class Refused(Exception):
    """This cannot be done; `str()` says why, for people, and `field` where."""

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


def start_run(
    *,
    membership: Membership,
    suite: Suite,
    choices: Sequence[ModelChoice],
    public_id: UUID,
    temperature: float | None = None,
    max_tokens: int | None = None,
    samples: int = 1,
    seed: int | None = None,
    wants_logprobs: bool = False,
    budget_usd: Decimal | None = None,
) -> Run:
    """Save a run with every answer that it waits for, then let a worker ask."""
    run = Run(
        public_id=public_id,
        workspace=membership.workspace,
        suite=suite,
        created_by=membership.user,
        temperature=temperature,
        max_tokens=max_tokens,
        samples=samples,
        seed=seed,
        wants_logprobs=wants_logprobs,
        budget_usd=budget_usd,
    )
    candidates = starting.candidates(run, choices)
    try:
        starting.save(run, candidates)
    except IntegrityError:  # the form was sent twice
        return Run.objects.get(workspace=membership.workspace, public_id=public_id)
    queue.send(tasks.name_languages, suite_id=suite.pk)  # should the first message have been lost
    queue.send(tasks.advance_run, run_id=run.pk)
    return run


def stop_run(*, run: Run) -> None:
    """Ask nothing more; what was answered is kept and judged."""
    now = timezone.now()
    stopped = {"ended_at": now, "end_reason": Sentence(STOPPED), "lease_until": None}
    stopped["judge_at"] = now
    if Run.objects.filter(pk=run.pk, ended_at=None).update(**stopped, updated_at=now):
        queue.send(tasks.judge_run, run_id=run.pk)


def try_failed_again(*, run: Run, budget_usd: Decimal | None = None) -> int:
    """Ask once more what failed, and what was left out of a run that ended early.

    Return how many answers and scores that is. A budget takes the place of the run's own.
    """
    now = timezone.now()
    again = {"attempts": 0, "next_try_at": now}
    answers, scores = Answer.objects.filter(run=run), Score.objects.filter(answer__run=run)
    with transaction.atomic():
        failed = answers.filter(status=Answer.Status.FAILED)
        failed.update(status=Answer.Status.WAITING, error="", **again)
        unread = scores.filter(status=Score.Status.FAILED)
        unread.update(status=Score.Status.WAITING, why="", detail={}, **again)
        count = answers.waiting().count() + scores.waiting().count()
        if count:
            goes_on = {"ended_at": None, "end_reason": "", "next_look_at": now, "judge_at": None}
            budget = {} if budget_usd is None else {"budget_usd": budget_usd}
            Run.objects.filter(pk=run.pk).update(**goes_on, **budget, updated_at=now)
    if count:
        queue.send(tasks.advance_run, run_id=run.pk)
    return count


def override(*, score: Score, membership: Membership, counts: bool | None) -> None:
    """Let a person decide; None takes the grader's word again. The verdict is made anew."""
    by, at = (None, None) if counts is None else (membership.user, timezone.now())
    told = {"override": counts, "overridden_by": by, "overridden_at": at}
    Score.objects.filter(pk=score.pk).update(**told)
    run = score.answer.run
    if run.ended_at:
        queue.send(tasks.judge_run, run_id=run.pk)
