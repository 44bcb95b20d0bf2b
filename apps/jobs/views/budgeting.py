"""The budget of a workspace, and the jobs that wait for an owner's approval."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from apps.accounts.permissions import owners_only
from apps.core.http import AuthedRequest
from apps.jobs.forms import BudgetForm
from apps.jobs.models import Budget, Job
from apps.jobs.money import budget
from apps.providers.types import JobStatus

HELD_SHOWN = 100


@require_http_methods(["GET", "POST"])
def budget_page(request: AuthedRequest) -> HttpResponse:
    """Show what is spent and what waits; an owner sets the limits here."""
    if request.method == "POST":
        return _change(request)
    return _page(request, BudgetForm(instance=_budget(request)))


@require_POST
def job_approve(request: AuthedRequest, job_id: UUID) -> HttpResponse:
    """Let a held job go on its way, and go back to its page."""
    job = get_object_or_404(Job.objects.owned_by(request.membership), public_id=job_id)
    if budget.approve(job=job, membership=request.membership):
        messages.success(request, _("The job is approved and starts now."))
    else:
        messages.warning(request, _("This job does not wait for approval any more."))
    return redirect(job)


@owners_only
def _change(request: AuthedRequest) -> HttpResponse:
    form = BudgetForm(request.POST, instance=_budget(request))
    if not form.is_valid():
        return _page(request, form, status=422)
    form.save()
    messages.success(request, _("The budget is saved. It counts for jobs from now on."))
    return redirect("jobs:budget")


def _budget(request: AuthedRequest) -> Budget:
    workspace = request.membership.workspace
    return Budget.objects.filter(workspace=workspace).first() or Budget(workspace=workspace)


def _page(request: AuthedRequest, form: forms.BaseForm, *, status: int = 200) -> HttpResponse:
    held = Job.objects.visible_to(request.membership).filter(status=JobStatus.HELD)
    now = timezone.now()
    context = {
        "form": form,
        "budget": _budget(request),
        "spending": budget.spending(request.membership.workspace_id, at=now),
        "month": timezone.localtime(now),
        "held": held.with_details().order_by("-created_at", "-pk")[:HELD_SHOWN],
        "membership": request.membership,
    }
    return render(request, "jobs/budget.html", context, status=status)
