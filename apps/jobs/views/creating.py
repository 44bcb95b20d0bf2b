"""The form for a new job."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from apps.accounts.permissions import editors_only
from apps.core.http import AuthedRequest
from apps.jobs import services
from apps.jobs.forms import JobForm
from apps.jobs.models import Job
from apps.jobs.starting import admission, base_models, presets, trials


@editors_only
@require_http_methods(["GET", "POST"])
def job_create(request: AuthedRequest) -> HttpResponse:
    """Show the form; start the job and go to its page."""
    start = presets.presets(request.membership, request.GET)
    if request.method == "POST" and "change" not in request.POST:
        form = JobForm(request.POST, membership=request.membership)
        if form.is_valid() and (job := _started(request, form)):
            return redirect(job)
    else:
        initial = presets.as_typed(request.POST) if request.POST else start.initial
        form = JobForm(initial=initial, membership=request.membership)
    is_elsewhere = bool(not request.POST and start.clone and start.clone.is_elsewhere)
    connection, model = form.chosen.connection, form.model_so_far
    picker = base_models.known_models(connection, model, is_new=is_elsewhere)
    form.offer(picker)
    if form.is_bound:
        form.focus_first_error()
    context = {
        "form": form,
        "picker": picker,
        "guessed": None if request.POST else start.guessed,
        "clone": start.clone,
        "tried": _tried(request, form),
    }
    return render(request, "jobs/create.html", context, status=422 if form.errors else 200)


def _started(request: AuthedRequest, form: JobForm) -> Job | None:
    """Start the job; a refusal stands at its field, where the form has that."""
    try:
        return services.create_job(
            membership=request.membership,
            wanted=form.wanted(),
            name=form.cleaned_data["name"],
            public_id=form.cleaned_data["form_token"],
        )
    except admission.JobRefused as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        return None


@editors_only
@require_POST
def job_options(request: AuthedRequest) -> HttpResponse:
    """Return what depends on connection and method, with everything that was typed in."""
    form = JobForm(initial=presets.as_typed(request.POST), membership=request.membership)
    context = {"form": form, "tried": _tried(request, form)}
    response = render(request, "jobs/create.html#job-options", context)
    response["HX-Trigger"] = "options-shown"  # the estimate waits for it
    return response


def _tried(request: AuthedRequest, form: JobForm) -> list[trials.Tried]:
    """Try the grader on the first rows, if that was asked for and the grader is complete."""
    rows, graders = form.chosen.training_data, form.graders
    if request.POST.get("change") != "try-grader" or rows is None or graders is None:
        return []
    return trials.tried(rows, graders.shape(), graders.sample) if graders.check() else []
