"""The forms of jobs: shape and ownership. Whether a job may start is the service's business."""

from apps.jobs.forms.budget import BudgetForm
from apps.jobs.forms.job import JobForm
from apps.jobs.forms.listing import FilterForm

__all__ = ["BudgetForm", "FilterForm", "JobForm"]
