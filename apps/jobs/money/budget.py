"""What a workspace may spend, and which jobs wait until an owner agrees to them."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext_noop as _

from apps.accounts.models import Membership
from apps.core import queue
from apps.core.sentences import Sentence
from apps.jobs import tasks
from apps.jobs.models import Budget, Job, JobQuerySet
from apps.jobs.money import costs
from apps.providers.types import JobStatus

UNKNOWN = _("Nobody can tell what this job will cost.")
TOO_DEAR = _("This job may cost up to $%(most)s; jobs above $%(limit)s need an owner's approval.")
OVER = _(
    "This job may cost up to $%(most)s. Of the $%(limit)s for this month, "
    "$%(committed)s are spent or promised to other jobs."
)


@dataclass(frozen=True, slots=True)
class Spending:
    """US dollars of this month: of jobs that have ended, and of those that have not."""

    spent: Decimal
    promised: Decimal

    @property
    def total(self) -> Decimal:
        return self.spent + self.promised


def spending(workspace_id: int, *, at: datetime) -> Spending:
    """Add up the jobs that were started here this month; held ones are not promised yet."""
    jobs = list(_of_month(workspace_id, at))
    return Spending(
        spent=sum((costs.committed(job) for job in jobs if not job.is_active), Decimal(0)),
        promised=sum((costs.committed(job) for job in jobs if job.is_active), Decimal(0)),
    )


def hold_if_over(job: Job) -> None:
    """Let a job that is being saved wait if the budget says so; call it in that transaction.

    The budget's row is locked, so that two jobs at once cannot both take what is left.
    """
    budget = Budget.objects.select_for_update().filter(workspace=job.workspace_id).first()
    if budget and (reason := reason_to_hold(job, budget, at=timezone.now())):
        job.status, job.hold_reason = JobStatus.HELD, reason


def reason_to_hold(job: Job, budget: Budget, *, at: datetime) -> str:
    """Say why an owner has to agree first; "" when nobody has to."""
    most = costs.at_most(job)
    if most is None:
        return Sentence(UNKNOWN) if budget.holds_unknown else ""
    if most and budget.per_job_usd is not None and most > budget.per_job_usd:
        return Sentence(TOO_DEAR, most=_money(most), limit=_money(budget.per_job_usd))
    if not most or budget.monthly_usd is None:
        return ""
    committed = spending(job.workspace_id, at=at).total
    if committed + most <= budget.monthly_usd:
        return ""
    facts = {"limit": _money(budget.monthly_usd), "committed": _money(committed)}
    return Sentence(OVER, most=_money(most), **facts)


def approve(*, job: Job, membership: Membership) -> bool:
    """Let a held job go on its way; False when it does not wait (any more)."""
    now = timezone.now()
    held = Job.objects.owned_by(membership).filter(pk=job.pk, status=JobStatus.HELD)
    approval = {"approved_by": membership.user, "approved_at": now, "next_step_at": now}
    if not held.update(status=JobStatus.PENDING, **approval, updated_at=now):
        return False
    queue.send(tasks.advance_job, job_id=job.pk)
    return True


def _of_month(workspace_id: int, at: datetime) -> JobQuerySet:
    local = timezone.localtime(at)
    month = local.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    mine = Job.objects.filter(workspace=workspace_id, created_at__gte=month, is_imported=False)
    columns = ("estimate", "usd", "trained_tokens", "status", "provider_job_id")
    return mine.exclude(status=JobStatus.HELD).only(*columns)


def _money(amount: Decimal) -> str:
    return f"{amount:,.2f}"
