"""What a person can do with sweeps. Workers start the trials."""

from decimal import Decimal
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_noop as _

from apps.accounts.models import Membership
from apps.core import queue
from apps.core.sentences import Sentence
from apps.jobs import wishes
from apps.jobs.starting import admission
from apps.jobs.starting.wanted import Wanted
from apps.sweeps import grid as grids
from apps.sweeps import tasks
from apps.sweeps.models import Sweep, Trial

STOPPED = _("It was stopped; what had not begun was left out.")


def create_sweep(
    *,
    membership: Membership,
    wanted: Wanted,
    grid: grids.Grid,
    name: str = "",
    at_once: int = 1,
    budget_usd: Decimal | None = None,
    public_id: UUID,
) -> Sweep:
    """Save a sweep with its trials, then let a worker start them; raises JobRefused.

    `public_id` was drawn when the form was shown: sending the form twice returns the first one.
    """
    sweep = Sweep(
        public_id=public_id,
        workspace=membership.workspace,
        created_by=membership.user,
        name=name or f"{wanted.training_data.name} · {wanted.base_model}"[:200],
        grid=dict(grid),
        at_once=at_once,
        budget_usd=budget_usd,
        **{column: value for column, value in wanted.columns.items() if column != "cloned_from"},
    )
    trials = [
        Trial(sweep=sweep, position=position, settings=settings)
        for position, settings in enumerate(grids.combinations(grid), 1)
    ]
    for trial in trials:
        admission.check(membership, sweep.wanted(trial))
    return _saved_once(sweep, trials)


def _saved_once(sweep: Sweep, trials: list[Trial]) -> Sweep:
    try:
        with transaction.atomic():
            sweep.save(force_insert=True)
            Trial.objects.bulk_create(trials)
    except IntegrityError:
        return Sweep.objects.get(workspace=sweep.workspace, public_id=sweep.public_id)
    queue.send(tasks.advance_sweep, sweep_id=sweep.pk)
    return sweep


def stop_sweep(*, sweep: Sweep) -> None:
    """Start no more trials, and ask for those under way to stop."""
    now = timezone.now()
    stopped = {"ended_at": now, "end_reason": Sentence(STOPPED), "lease_until": None}
    Sweep.objects.filter(pk=sweep.pk, ended_at=None).update(**stopped, updated_at=now)
    for trial in sweep.trials.select_related("job").exclude(job=None):
        if trial.job and trial.job.is_active:
            wishes.cancel_job(job=trial.job)
