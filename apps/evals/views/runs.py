"""Runs: the choice of models, the verdict with what stands behind it, and every row."""

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from apps.accounts.permissions import editors_only
from apps.core.http import AuthedRequest, wants_partial
from apps.evals import flips, model_options, reports, services
from apps.evals.forms import RunForm
from apps.evals.models import Case, Run, RunQuerySet, Score, Suite

ROWS_PER_PAGE = 20
CHOICES = {"right": True, "wrong": False, "grader": None}


@editors_only
@require_http_methods(["GET", "POST"])
def run_create(request: AuthedRequest, suite_id: UUID) -> HttpResponse:
    """Let a member choose the models; start the run and go to its page."""
    suite = get_object_or_404(Suite.objects.editable_by(request.membership), public_id=suite_id)
    form = RunForm(request.POST or None, options=model_options.options(request.membership))
    if form.is_valid():
        data = form.cleaned_data
        run = services.start_run(
            membership=request.membership,
            suite=suite,
            choices=form.choices(),
            temperature=data["temperature"],
            max_tokens=data["max_tokens"],
            budget_usd=data["budget_usd"],
            public_id=data["form_token"],
        )
        return redirect(run)
    context = {"form": form, "suite": suite, "case_count": suite.cases.count()}
    return render(request, "evals/run_create.html", context, status=422 if form.errors else 200)


@require_GET
def run_detail(request: AuthedRequest, run_id: UUID) -> HttpResponse:
    """Show the verdict first; to a page that knows this state, nothing."""
    run = _visible(request, run_id)
    report = reports.report_of(run)
    if wants_partial(request) and request.GET.get("seen") == report.version:
        return HttpResponse(status=204)
    context = {"run": run, "report": report, "can_edit": request.membership.can_edit}
    template = "evals/run.html#run-live" if wants_partial(request) else "evals/run.html"
    return render(request, template, context)


@require_GET
def run_rows(request: AuthedRequest, run_id: UUID) -> HttpResponse:
    """Show the rows of one kind: fixed, broken, both right, both wrong, or all."""
    run = _visible(request, run_id)
    asked = flips.asked_for(request.GET, run)
    pages = Paginator(flips.cases(run, asked), ROWS_PER_PAGE)
    page = pages.get_page(request.GET.get("page", 1))
    context = {
        "run": run,
        "asked": asked,
        "page_obj": page,
        "rows": flips.rows(run, list(page.object_list)),
        "candidates": list(run.candidates.all()),
        "can_edit": request.membership.can_edit,
    }
    return render(request, "evals/rows.html", context)


@require_GET
def run_row(request: AuthedRequest, run_id: UUID, question: int) -> HttpResponse:
    """Show one row with every model's answer, at an address that can be shared."""
    run = _visible(request, run_id)
    case = get_object_or_404(Case, suite=run.suite, position=question)
    context = {
        "run": run,
        "row": flips.rows(run, [case])[0],
        "can_edit": request.membership.can_edit,
    }
    return render(request, "evals/row.html", context)


@require_POST
def run_stop(request: AuthedRequest, run_id: UUID) -> HttpResponse:
    """Ask nothing more, and judge what is there."""
    run = _editable(request, run_id)
    services.stop_run(run=run)
    return redirect(run)


@require_POST
def run_again(request: AuthedRequest, run_id: UUID) -> HttpResponse:
    """Ask once more what failed."""
    run = _editable(request, run_id)
    if not services.try_failed_again(run=run):
        messages.info(request, _("No question of this run has failed."))
    return redirect(run)


@require_POST
def score_override(request: AuthedRequest, score: int) -> HttpResponse:
    """Let a member say that an answer is right or wrong after all, or take that back."""
    mine = Score.objects.select_related("answer__run", "answer__case")
    runs = Run.objects.editable_by(request.membership)
    found = get_object_or_404(mine.filter(answer__run__in=runs), pk=score)
    wish = request.POST.get("counts", "")
    if wish not in CHOICES:
        raise Http404
    services.override(score=found, membership=request.membership, counts=CHOICES[wish])
    return redirect("evals:row", found.answer.run.public_id, found.answer.case.position)


def _visible(request: AuthedRequest, run_id: UUID) -> Run:
    return get_object_or_404(_runs().visible_to(request.membership), public_id=run_id)


def _editable(request: AuthedRequest, run_id: UUID) -> Run:
    return get_object_or_404(_runs().editable_by(request.membership), public_id=run_id)


def _runs() -> RunQuerySet:
    return Run.objects.select_related("suite__data__dataset")
