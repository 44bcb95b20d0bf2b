"""What a job costs in US dollars: as far as anybody knows, and what it may become."""

from decimal import Decimal

from apps.jobs.models import Job

MILLION = Decimal(1_000_000)


def costs_money(job: Job) -> bool:
    """Tell whether its provider takes money for training."""
    return bool(job.estimate.get("costs_money", True))


def actual(job: Job) -> Decimal | None:
    """Return what the provider says, else the trained tokens at the price of the day."""
    if not costs_money(job):
        return Decimal(0)
    if job.usd is not None:
        return job.usd
    price = job.estimate.get("usd_per_million")
    if price is None or job.trained_tokens is None:
        return None
    return job.trained_tokens * Decimal(price) / MILLION


def at_most(job: Job) -> Decimal | None:
    """Return the upper end of the estimate that was shown; None where nobody could tell."""
    if not costs_money(job):
        return Decimal(0)
    usd = job.estimate.get("usd_most", job.estimate.get("usd"))
    return None if usd is None else Decimal(usd)


def committed(job: Job) -> Decimal:
    """Return what a job counts for in a budget: its cost when it has ended, else the most."""
    known = actual(job) if not job.is_active else None
    if known is None and not job.is_active and job.trained_tokens is None:
        known = Decimal(0) if not job.provider_job_id else None  # it never reached a provider
    return known if known is not None else at_most(job) or Decimal(0)
