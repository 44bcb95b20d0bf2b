"""The form for a new sweep, and the parts of it that change while it is filled in."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from apps.accounts.permissions import editors_only
from apps.core.http import AuthedRequest
from apps.jobs.models import Job
from apps.jobs.starting import admission, base_models, cloning, presets
from apps.sweeps import services, totals
from apps.sweeps.forms import SweepForm
from apps.sweeps.models import Sweep


@editors_only
@require_http_methods(["GET", "POST"])
def sweep_create(request: AuthedRequest) -> HttpResponse:
    """Show the form; start the sweep and go to its page."""
    if request.method == "POST":
        form = SweepForm(request.POST, membership=request.membership)
        if form.is_valid() and (sweep := _started(request, form)):
            return redirect(sweep)
    else:
        form = SweepForm(initial=_initial(request), membership=request.membership)
    form.offer(base_models.known_models(form.chosen.connection, form.model_so_far))
    if form.is_bound:
        form.focus_first_error()
    status = 422 if form.errors else 200
    return render(request, "sweeps/create.html", {"form": form}, status=status)


@editors_only
@require_POST
def sweep_fields(request: AuthedRequest) -> HttpResponse:
    """Return what depends on the connection and the data, with everything that was typed in."""
    form = SweepForm(initial=presets.as_typed(request.POST), membership=request.membership)
    form.offer(base_models.known_models(form.chosen.connection, form.model_so_far))
    return render(request, "sweeps/create.html#sweep-options", {"form": form})


@editors_only
@require_POST
def sweep_estimate(request: AuthedRequest) -> HttpResponse:
    """Return how many jobs the form asks for, and what they would cost together."""
    form = SweepForm(request.POST, membership=request.membership)
    total = totals.total(form.wanted(), form.grid()) if form.is_valid() else None
    return render(request, "sweeps/create.html#sweep-estimate", {"total": total, "form": form})


def _started(request: AuthedRequest, form: SweepForm) -> Sweep | None:
    """Start the sweep; a refusal stands at its field, where the form has that."""
    data = form.cleaned_data
    try:
        return services.create_sweep(
            membership=request.membership,
            wanted=form.wanted(),
            grid=form.grid(),
            name=data["name"],
            at_once=data["at_once"],
            budget_usd=data["budget_usd"],
            public_id=data["form_token"],
        )
    except admission.JobRefused as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        return None


def _initial(request: AuthedRequest) -> dict[str, Any]:
    """Begin with the settings of the job that the link names, else as a new job begins."""
    if "job" not in request.GET:
        return presets.presets(request.membership, request.GET).initial
    jobs = Job.objects.visible_to(request.membership).with_details()
    if (job := presets.named(jobs, request.GET, "job")) is None:
        raise Http404
    return {**cloning.clone_of(job).initial, "name": ""}
