"""What a run says: the verdict with what stands behind it, every row, and a person's word."""

from uuid import UUID

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from apps.core.http import AuthedRequest, wants_partial
from apps.evals import class_figures, flips, leak_rows, looking, reports, services, slice_rows
from apps.evals.models import Case, Run, Score

ROWS_PER_PAGE = 20
CHOICES = {"right": True, "wrong": False, "grader": None}


@require_GET
def run_detail(request: AuthedRequest, run_id: UUID) -> HttpResponse:
    """Show the verdict first; to a page that knows this state, nothing."""
    run = _visible(request, run_id)
    report = reports.report_of(run)
    if wants_partial(request) and request.GET.get("seen") == report.version:
        return HttpResponse(status=204)
    candidates = [line.candidate for line in report.lines]
    look = looking.look_of(request.GET, run, len(candidates))
    context = {
        "run": run,
        "report": report,
        "candidates": candidates,
        "look": look,
        "slices": slice_rows.rows(
            run, grader=look.grader, candidate=look.candidate, sort=look.sort
        ),
        "leaks": leak_rows.rows(run, candidates),
        "classes": class_figures.shown(run.result.get("classes", []), candidates, look.beta),
        "betas": class_figures.BETAS,
        "can_edit": request.membership.can_edit,
    }
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
    runs = Run.objects.select_related("suite__data__dataset").visible_to(request.membership)
    return get_object_or_404(runs, public_id=run_id)
