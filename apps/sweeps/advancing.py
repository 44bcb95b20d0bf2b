"""Starts the trials of a sweep, a few at a time, until all have run or its money is spent.

A worker claims the sweep and starts what there is room for. A job and the trial's mark that it has
begun are written in one transaction: a worker that dies leaves both or none.
"""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_noop as _

from apps.accounts.models import Membership
from apps.core.sentences import Sentence
from apps.jobs import services as job_services
from apps.jobs.models import Job
from apps.jobs.money import costs
from apps.jobs.money.estimates import estimate_of
from apps.jobs.starting.admission import JobRefused
from apps.sweeps.models import Sweep, Trial

LEASE = timedelta(seconds=60)
LOOK_EVERY = timedelta(seconds=3)
GONE = _("The person who started the sweep is not in this workspace any more.")
SPENT = _("The rest was left out: it could go over the sweep's budget of $%(limit)s.")


def advance(sweep_id: int) -> None:
    """Start what there is room for. A second copy of the message finds nothing to claim."""
    now = timezone.now()
    sweep = Sweep.objects.claim(sweep_id, at=now, lease=LEASE)
    if sweep is None:
        return
    trials = list(sweep.trials.select_related("job"))
    reason = _start_next(sweep, trials)
    _let_go(sweep, trials, reason)


def _start_next(sweep: Sweep, trials: Sequence[Trial]) -> str:
    """Start waiting trials while there is room; return why the rest is left out, if it is."""
    membership = Membership.objects.filter(
        workspace=sweep.workspace_id, user=sweep.created_by_id
    ).first()
    if membership is None:
        return Sentence(GONE)
    for trial in trials:
        if trial.begun_at or trial.refusal:
            continue
        if under_way(trials) >= sweep.at_once:
            return ""
        if _is_too_dear(sweep, trial, trials):
            return Sentence(SPENT, limit=f"{sweep.budget_usd:,.2f}")
        if not _start_if_held(sweep, trial, membership):
            return ""
    return ""


@transaction.atomic
def _start_if_held(sweep: Sweep, trial: Trial, membership: Membership) -> bool:
    """Start a trial unless the sweep was stopped: whoever stops it waits for this row's lock."""
    if not Sweep.objects.select_for_update().filter(pk=sweep.pk, ended_at=None).exists():
        return False
    _start(sweep, trial, membership)
    return True


def under_way(trials: Sequence[Trial]) -> int:
    """Count the trials whose job has not ended."""
    return sum(1 for trial in trials if trial.job is not None and trial.job.is_active)


def committed(trials: Sequence[Trial]) -> Decimal:
    """Return what the jobs of these trials cost, or may cost at most, in US dollars."""
    return sum((costs.committed(trial.job) for trial in trials if trial.job), Decimal(0))


def _is_too_dear(sweep: Sweep, trial: Trial, trials: Sequence[Trial]) -> bool:
    if sweep.budget_usd is None:
        return False
    most = costs.at_most(Job(estimate=estimate_of(sweep.wanted(trial))))
    return committed(trials) + (most or Decimal(0)) > sweep.budget_usd


def _start(sweep: Sweep, trial: Trial, membership: Membership) -> None:
    name = f"{sweep.name} · {trial}"[:200]
    try:
        trial.job = job_services.create_job(
            membership=membership, wanted=sweep.wanted(trial), name=name
        )
        trial.begun_at = timezone.now()
    except JobRefused as refusal:
        trial.refusal = str(refusal)
    trial.save()


def _let_go(sweep: Sweep, trials: Sequence[Trial], reason: str) -> None:
    """Give the lease back; the sweep has ended when no trial waits or runs any more."""
    now = timezone.now()
    waits = any(not trial.begun_at and not trial.refusal for trial in trials)
    is_over = not under_way(trials) and (not waits or bool(reason))
    Sweep.objects.held_by(sweep).update(
        lease_until=None,
        next_look_at=now + LOOK_EVERY,
        ended_at=now if is_over else None,
        end_reason=reason,
        updated_at=now,
    )
