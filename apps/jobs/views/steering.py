"""Ways to act on a job under way: stop it, pause it, let it go on, delete it."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from apps.core.http import AuthedRequest
from apps.jobs import wishes
from apps.jobs.models import Job


@require_POST
def job_cancel(request: AuthedRequest, job_id: UUID) -> HttpResponse:
    """Ask for the job to stop, and go back to its page."""
    job = _editable(request, job_id)
    wishes.cancel_job(job=job)
    if job.is_stopping:
        messages.info(request, _("The provider is asked to stop. This can take a moment."))
    return redirect(job)


@require_POST
def job_pause(request: AuthedRequest, job_id: UUID) -> HttpResponse:
    """Ask for the job to pause, and go back to its page."""
    job = _editable(request, job_id)
    if wishes.pause_job(job=job):
        messages.info(request, _("The provider is asked to pause. This can take a moment."))
    else:
        messages.warning(request, _("This job cannot be paused now."))
    return redirect(job)


@require_POST
def job_resume(request: AuthedRequest, job_id: UUID) -> HttpResponse:
    """Ask for the job to go on, and go back to its page."""
    job = _editable(request, job_id)
    if wishes.resume_job(job=job):
        messages.info(request, _("The provider is asked to go on. This can take a moment."))
    else:
        messages.warning(request, _("This job is not paused, so it cannot go on."))
    return redirect(job)


@require_POST
def job_delete(request: AuthedRequest, job_id: UUID) -> HttpResponse:
    """Delete the record of a job, and if asked for the job at its provider."""
    mine = Job.objects.owned_by(request.membership).with_details()
    job = get_object_or_404(mine, public_id=job_id)
    at_provider = request.POST.get("at_provider") == "yes"
    if not wishes.delete_job(job=job, at_provider=at_provider):
        messages.warning(request, _("A job that is under way cannot be deleted. Stop it first."))
        return redirect(job)
    if at_provider:
        messages.info(request, _("The provider is asked to delete the job; then it goes here too."))
    else:
        messages.success(request, _("“%(name)s” is deleted here.") % {"name": job.name})
    return redirect("jobs:list")


def _editable(request: AuthedRequest, job_id: UUID) -> Job:
    jobs = Job.objects.editable_by(request.membership).with_details()
    return get_object_or_404(jobs, public_id=job_id)
