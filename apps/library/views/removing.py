"""Delete a model or a file at its provider, after saying what that means."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from apps.accounts.permissions import editors_only
from apps.core.http import AuthedRequest
from apps.jobs.models import Job
from apps.library import services
from apps.library.forms import DeleteModelForm
from apps.library.models import Removal, TunedModel
from apps.library.removals import consequences
from apps.providers.models import Connection
from apps.providers.profiles import Profile, profile_for


@require_http_methods(["GET", "POST"])
@editors_only
def model_delete(request: AuthedRequest, model_id: UUID) -> HttpResponse:
    """Say what stops working and what stays; delete when the person has typed which model."""
    editable = TunedModel.objects.editable_by(request.membership).with_details()
    model = get_object_or_404(editable, public_id=model_id)
    means = consequences.of_model(model)
    form = DeleteModelForm(request.POST or None, model=model)
    if means.is_possible and not model.deleted_at and form.is_valid():
        services.remove(
            membership=request.membership,
            connection=model.connection,
            kind=Removal.Kind.MODEL,
            name=model.name,
            model=model,
        )
        messages.info(request, _("The provider is asked to delete it. Its page says the result."))
        return redirect(model)
    is_refused = request.method == "POST"
    context = {"model": model, "means": means, "form": form, "profile": _profile(model.connection)}
    return render(request, "library/delete.html", context, status=422 if is_refused else 200)


@require_GET
def job_files(request: AuthedRequest, job_id: UUID) -> HttpResponse:
    """Show the files of a job at its provider, and what deleting each of them means."""
    visible = Job.objects.visible_to(request.membership).with_details()
    job = get_object_or_404(visible, public_id=job_id)
    context = {
        "job": job,
        "files": consequences.files_of(job),
        "profile": _profile(job.connection),
        "why_not": _profile(job.connection).why_not("delete_file"),
        "can_edit": request.membership.can_edit,
    }
    return render(request, "library/files.html", context)


@require_POST
def job_file_delete(request: AuthedRequest, job_id: UUID) -> HttpResponse:
    """Ask the provider to delete one file of a job."""
    editable = Job.objects.editable_by(request.membership).with_details()
    job = get_object_or_404(editable, public_id=job_id)
    named = {each.id: each for each in consequences.files_of(job)}
    file = named.get(request.POST.get("file", ""))
    if file is None:
        raise Http404
    if file.needed_by:
        messages.error(request, _("A job that has not ended needs this file."))
    else:
        services.remove(
            membership=request.membership,
            connection=job.connection,
            kind=Removal.Kind.FILE,
            name=file.id,
        )
        messages.info(request, _("The provider is asked to delete the file."))
    return redirect("library:files", job_id=job.public_id)


def _profile(connection: Connection) -> Profile:
    return profile_for(connection.profile)
