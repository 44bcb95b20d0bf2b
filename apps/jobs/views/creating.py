"""The form for a new job, and the two parts of it that change while it is filled in."""

from dataclasses import dataclass
from typing import Any

from asgiref.sync import async_to_sync
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from apps.accounts.permissions import editors_only
from apps.core.http import AuthedRequest
from apps.jobs import admission, estimates, services
from apps.jobs.forms import JobForm, dataset_asked_for
from apps.providers import services as provider_services
from apps.providers.models import Connection
from apps.providers.profiles import profile_for
from apps.providers.types import ModelInfo, ProviderError, ProviderUnavailable


@dataclass(frozen=True, slots=True)
class ModelPicker:
    """What the field for the base model offers: a list where it is known, else free text."""

    tunable: list[str]
    suggestions: list[str]
    chosen: str
    trouble: str = ""


@editors_only
@require_http_methods(["GET", "POST"])
def job_create(request: AuthedRequest) -> HttpResponse:
    """Show the form; start the job and go to its page."""
    initial = {"dataset": dataset_asked_for(request.GET)}
    form = JobForm(request.POST or None, initial=initial, membership=request.membership)
    if form.is_valid():
        try:
            job = services.create_job(membership=request.membership, **form.wish())
        except admission.JobRefused as refusal:
            form.add_error(refusal.field, str(refusal))
        else:
            return redirect(job)
    chosen = str(form["base_model"].value() or "")
    context = {"form": form, "picker": ModelPicker([], [], chosen)}
    return render(request, "jobs/create.html", context, status=422 if form.errors else 200)


@editors_only
@require_GET
def base_models(request: AuthedRequest) -> HttpResponse:
    """Return the field for the base model, with what the chosen connection can train."""
    form = JobForm(request.GET, membership=request.membership)
    form.is_valid()
    connection: Connection | None = form.cleaned_data.get("connection")
    picker = _picker(connection, form.cleaned_data.get("base_model", ""))
    context = {"form": JobForm(membership=request.membership), "picker": picker}
    response = render(request, "jobs/create.html#base-model", context)
    response["HX-Trigger"] = "base-model-listed"  # the estimate waits for it
    return response


def _picker(connection: Connection | None, chosen: str) -> ModelPicker:
    if connection is None:
        return ModelPicker([], [], chosen)
    try:
        models: list[ModelInfo] = async_to_sync(provider_services.list_models)(connection)
    except (ProviderError, ProviderUnavailable) as trouble:
        known = list(profile_for(connection.profile).base_models)
        return ModelPicker([], known, chosen, trouble=str(trouble))
    tunable = [model.id for model in models if model.can_tune]
    possible = [model.id for model in models if model.can_tune is not False]
    return ModelPicker(tunable, possible, chosen if chosen in possible or not tunable else "")


@editors_only
@require_GET
def job_estimate(request: AuthedRequest) -> HttpResponse:
    """Say beside the button what the job would take, as far as the form is filled in."""
    form = JobForm(request.GET, membership=request.membership)
    form.is_valid()
    return render(request, "jobs/create.html#job-estimate", _estimate_context(form))


def _estimate_context(form: JobForm) -> dict[str, Any]:
    data = form.cleaned_data
    connection, dataset = data.get("connection"), data.get("dataset")
    if connection is None:
        return {}
    profile = profile_for(connection.profile)
    context: dict[str, Any] = {
        "profile": profile,
        "days_to_train": profile.days_to_train(timezone.localdate()),
    }
    model = data.get("base_model", "")
    if dataset is None or not model:
        return context
    estimate = estimates.estimate_as_shown(dataset, profile, model, form.hyperparameters())
    usual = estimates.usual_duration(connection, model, estimate["billed_tokens"])
    return context | {
        "estimate": estimate,
        "usual_seconds": usual.total_seconds() if usual else None,
        "is_epochs_auto": data.get("n_epochs") is None,
    }
