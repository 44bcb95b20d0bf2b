"""The form for a new job, and the parts of it that change while it is filled in."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from apps.accounts.permissions import editors_only
from apps.core.http import AuthedRequest
from apps.datasets import trainability
from apps.datasets.selectors.leaks import leaked_rows
from apps.jobs import admission, base_models, estimates, paces, presets, services
from apps.jobs.forms import JobForm, training_data_asked_for
from apps.jobs.models import Job
from apps.providers.models import Connection
from apps.providers.profiles import profile_for


@editors_only
@require_http_methods(["GET", "POST"])
def job_create(request: AuthedRequest) -> HttpResponse:
    """Show the form; start the job and go to its page."""
    start = presets.presets(request.membership, training_data_asked_for(request.GET))
    form = JobForm(request.POST or None, initial=start.initial, membership=request.membership)
    if form.is_valid():
        try:
            job = services.create_job(membership=request.membership, **form.wish())
        except admission.JobRefused as refusal:
            form.add_error(refusal.field, str(refusal))
        else:
            return redirect(job)
    connection = form.cleaned_data.get("connection") if form.is_bound else start.connection
    picker = base_models.known_models(connection, form["base_model"].value() or "")
    form.offer(picker)
    form.focus_first_error()
    context = {"form": form, "picker": picker, "guessed": None if form.is_bound else start.guessed}
    return render(request, "jobs/create.html", context, status=422 if form.errors else 200)


@editors_only
@require_GET
def validation_choice(request: AuthedRequest) -> HttpResponse:
    """Return the field for the validation dataset: a guess, unless a person has chosen."""
    form = JobForm(request.GET, membership=request.membership)
    form.is_valid()
    training_data = form.cleaned_data.get("training_data")
    chosen = form.cleaned_data.get("validation_data")
    was_guessed = chosen is not None and request.GET.get("guessed") == str(chosen.public_id)
    guessed = None
    if training_data is not None and (chosen is None or was_guessed):
        guessed = presets.guessed_validation(request.membership, training_data)
        chosen = guessed.version if guessed else None
    initial = {"validation_data": chosen}
    shown = JobForm(initial=initial, membership=request.membership)
    context = {"form": shown, "guessed": guessed}
    response = render(request, "jobs/create.html#validation-choice", context)
    response["HX-Trigger"] = "validation-listed"  # the warning of leaks waits for it
    return response


@editors_only
@require_GET
def job_leaks(request: AuthedRequest) -> HttpResponse:
    """Warn of validation rows that the training data holds as well; nobody is held up by it."""
    form = JobForm(request.GET, membership=request.membership)
    form.is_valid()
    training, validation = (
        form.cleaned_data.get(name) for name in ("training_data", "validation_data")
    )
    leaked = leaked_rows(validation, training)
    context = {"leaked": leaked, "training": training, "validation": validation}
    return render(request, "jobs/create.html#leak-warning", context)


@editors_only
@require_GET
def base_model_choice(request: AuthedRequest) -> HttpResponse:
    """Return the field for the base model, with what the chosen connection can train."""
    form = JobForm(request.GET, membership=request.membership)
    form.is_valid()
    connection: Connection | None = form.cleaned_data.get("connection")
    picker = base_models.listed_models(connection, form.cleaned_data.get("base_model", ""))
    shown = JobForm(membership=request.membership)
    shown.offer(picker)
    context = {"form": shown, "picker": picker}
    response = render(request, "jobs/create.html#base-model", context)
    response["HX-Trigger"] = "base-model-listed"  # the estimate waits for it
    return response


@editors_only
@require_GET
def job_estimate(request: AuthedRequest) -> HttpResponse:
    """Say beside the button what the job would take, as far as the form is filled in."""
    form = JobForm(request.GET, membership=request.membership)
    form.is_valid()
    return render(request, "jobs/create.html#job-estimate", _estimate_context(form))


def _estimate_context(form: JobForm) -> dict[str, Any]:
    data = form.cleaned_data
    connection, training_data = data.get("connection"), data.get("training_data")
    if connection is None:
        return {}
    profile = profile_for(connection.profile)
    context: dict[str, Any] = {
        "profile": profile,
        "days_to_train": profile.days_to_train(timezone.localdate()),
    }
    if training_data is not None:
        context["refusals"] = trainability.judged(training_data, connection).refusals
    model = data.get("base_model", "")
    if training_data is None or not model:
        return context
    estimate = estimates.estimate_as_shown(training_data, profile, model, form.hyperparameters())
    pace = paces.pace_of(Job.objects.filter(connection=connection), model)
    tokens = estimate["billed_tokens"]
    return context | {
        "estimate": estimate,
        "usual_seconds": pace.seconds(tokens) if pace and tokens else None,
        "is_epochs_auto": data.get("n_epochs") is None,
    }
