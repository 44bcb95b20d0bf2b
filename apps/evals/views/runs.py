"""Runs: the choice of models, and what a person can do with a run."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from apps.accounts.permissions import editors_only
from apps.core.http import AuthedRequest, wants_partial
from apps.core.typed import uuid_of
from apps.evals import services
from apps.evals.asking import estimating, model_options
from apps.evals.asking.model_options import Option
from apps.evals.forms import RunForm
from apps.evals.forms.runs import AgainForm
from apps.evals.models import Run, Suite
from apps.library.models import TunedModel


def visible_run(request: AuthedRequest, run_id: UUID) -> Run:
    """Return the run that the address names, if this member may see it."""
    mine = Run.objects.visible_to(request.membership).select_related("suite__data__dataset")
    return get_object_or_404(mine, public_id=run_id)


def editable_run(request: AuthedRequest, run_id: UUID) -> Run:
    """Return the run that the address names, if this member may work on it."""
    mine = Run.objects.editable_by(request.membership).select_related("suite")
    return get_object_or_404(mine, public_id=run_id)


@editors_only
@require_http_methods(["GET", "POST"])
def run_create(request: AuthedRequest, suite_id: UUID) -> HttpResponse:
    """Let a member choose the models; start the run and go to its page."""
    suite = get_object_or_404(Suite.objects.editable_by(request.membership), public_id=suite_id)
    model = _tuned(request)
    if wants_partial(request):
        return _models_anew(request, suite, model)
    options = model_options.options(request.membership, suite)
    initial = _suggested(suite, model, options)
    form = RunForm(request.POST or None, options=options, initial=initial)
    if form.is_valid():
        run = services.start_run(
            membership=request.membership,
            suite=suite,
            choices=form.choices(),
            public_id=form.cleaned_data["form_token"],
            **form.settings(),
        )
        return redirect(run)
    context: dict[str, Any] = {"form": form, "suite": suite, "case_count": suite.cases.count()}
    context["unasked"] = _is_silent(model, options)
    context["are_fresh"] = model_options.are_fresh(request.membership)
    return render(request, "evals/run_create.html", context, status=422 if form.errors else 200)


@require_POST
def run_estimate(request: AuthedRequest, suite_id: UUID) -> HttpResponse:
    """Say what the run in the form would ask and cost, before anybody starts it."""
    suite = get_object_or_404(Suite.objects.editable_by(request.membership), public_id=suite_id)
    options = model_options.options(request.membership, suite)
    form = RunForm(request.POST, options=options)
    told = None
    if form.is_valid():
        run = Run(workspace=request.membership.workspace, suite=suite, **form.settings())
        told = estimating.estimate(run, form.choices())
    return render(request, "evals/_estimate.html", {"estimate": told})


@require_POST
def run_stop(request: AuthedRequest, run_id: UUID) -> HttpResponse:
    """Ask nothing more, and judge what is there."""
    run = editable_run(request, run_id)
    services.stop_run(run=run)
    return redirect(run)


@require_POST
def run_again(request: AuthedRequest, run_id: UUID) -> HttpResponse:
    """Ask once more what failed, and what was left out."""
    run = editable_run(request, run_id)
    form = AgainForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("The budget has to be an amount such as 12.50."))
    elif not services.try_failed_again(run=run, budget_usd=form.cleaned_data["budget_usd"]):
        messages.info(request, _("No question of this run has failed."))
    return redirect(run)


def _models_anew(request: AuthedRequest, suite: Suite, model: TunedModel | None) -> HttpResponse:
    """Ask the connections what they offer, and show it with what was chosen meanwhile."""
    known = _suggested(suite, model, model_options.options(request.membership, suite))
    model_options.refresh(request.membership)
    options = model_options.options(request.membership, suite)
    chosen = {
        "baseline": request.GET.get("baseline", ""),
        "others": request.GET.getlist("others"),
    }
    is_as_suggested = chosen == {"baseline": "", "others": [], **known}
    initial = _suggested(suite, model, options) if is_as_suggested else chosen
    form = RunForm(options=options, initial=initial)
    context = {"form": form, "suite": suite, "are_fresh": True}
    context["unasked"] = _is_silent(model, options)
    response = render(request, "evals/run_create.html#run-models", context)
    response["HX-Trigger"] = "models-listed"  # the estimate waits for it
    return response


def _suggested(suite: Suite, model: TunedModel | None, options: Sequence[Option]) -> dict[str, Any]:
    found = model_options.suggested_for(model, options) if model else {}
    return found or model_options.suggested(suite, options)


def _is_silent(model: TunedModel | None, options: Sequence[Option]) -> TunedModel | None:
    """Return the model that is to be evaluated where it cannot be asked."""
    return model if model and not model_options.suggested_for(model, options) else None


def _tuned(request: AuthedRequest) -> TunedModel | None:
    """Return the model that an address asks to evaluate."""
    wanted = uuid_of(request.GET.get("model", ""))
    mine = TunedModel.objects.visible_to(request.membership).select_related("connection")
    return mine.filter(public_id=wanted).first() if wanted else None
