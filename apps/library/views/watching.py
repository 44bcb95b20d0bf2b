"""One model: its page, and what people note about it."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from apps.core.http import AuthedRequest
from apps.jobs.models import Job
from apps.library import selectors, services
from apps.library.deployments import serving
from apps.library.forms import NotesForm
from apps.library.models import TunedModel


@require_GET
def model_detail(request: AuthedRequest, model_id: UUID) -> HttpResponse:
    """Show where a model came from, what it cost, when it ends, and what to do with it."""
    visible = TunedModel.objects.visible_to(request.membership).with_details()
    model = get_object_or_404(visible, public_id=model_id)
    return _page(request, model, NotesForm(instance=model))


@require_GET
def model_of_job(request: AuthedRequest, job_id: UUID) -> HttpResponse:
    """Go to the model that a job has made; seconds after its end there is only the list yet."""
    visible = Job.objects.visible_to(request.membership)
    job = get_object_or_404(visible.only("pk", "connection"), public_id=job_id)
    made = TunedModel.objects.visible_to(request.membership).results().filter(job=job)
    return redirect(made.first() or reverse("library:list"))


@require_POST
def model_note(request: AuthedRequest, model_id: UUID) -> HttpResponse:
    """Keep a title, tags and notes."""
    editable = TunedModel.objects.editable_by(request.membership).with_details()
    model = get_object_or_404(editable, public_id=model_id)
    form = NotesForm(request.POST, instance=model)
    if not form.is_valid():
        return _page(request, get_object_or_404(editable, pk=model.pk), form, status=422)
    services.note(model=model, **form.cleaned_data)
    messages.success(request, _("Your notes are saved."))
    return redirect(model)


def _page(
    request: AuthedRequest, model: TunedModel, form: NotesForm, *, status: int = 200
) -> HttpResponse:
    context = {
        "model": model,
        "detail": selectors.model_detail(model),
        "served": serving.served(model),
        "form": form,
        "announced": selectors.announced(model),
        "today": timezone.localdate(),
        "can_edit": request.membership.can_edit,
    }
    return render(request, "library/detail.html", context, status=status)
