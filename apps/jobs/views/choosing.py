"""Parts of the form for a new job that change while it is filled in."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from apps.accounts.permissions import editors_only
from apps.core.http import AuthedRequest
from apps.datasets import trainability
from apps.datasets.selectors.leaks import leaked_rows
from apps.jobs.forms import JobForm
from apps.jobs.money import estimates
from apps.jobs.sending import upload_words
from apps.jobs.starting import base_models, presets


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
    connection, model = form.chosen.connection, form.cleaned_data.get("base_model", "")
    is_new = request.GET.get("models_of") != request.GET.get("connection")
    if not model and not is_new:  # said before, and still without an answer
        model, is_new = request.GET.get("left_out", ""), True
    picker = base_models.listed_models(connection, model, is_new=is_new)
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
    chosen = form.chosen
    if chosen.connection is None:
        return {}
    context: dict[str, Any] = {
        "profile": chosen.profile,
        "connection": chosen.connection,
        "days_to_train": chosen.profile.days_to_train(timezone.localdate()),
    }
    if chosen.training_data is None:
        return context
    verdict = trainability.judged(chosen.training_data, chosen.connection)
    context["refusals"] = verdict.refusals
    if verdict.can_train:
        told = upload_words.sentences(chosen.training_data, chosen.profile, verdict)
        context["sending"] = list(told)
    if not (model := form.cleaned_data.get("base_model")):
        return context
    if context["days_to_train"] is None:
        context["ends"] = chosen.profile.dates_of(model)
    settings = form.hyperparameters()
    context["wrong"] = [form[each.name].label for each in form.settings if each.name in form.errors]
    context["is_epochs_auto"] = not isinstance(settings.get("n_epochs"), int)
    context["estimate"] = estimates.estimate_as_shown(
        connection=chosen.connection,
        training_data=chosen.training_data,
        model=model,
        method=chosen.method,
        hyperparameters=settings,
    )
    return context
