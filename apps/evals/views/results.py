"""What a run says: the verdict with what stands behind it, every row, and a person's word."""

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from apps.core.http import AuthedRequest, wants_partial
from apps.evals import services
from apps.evals.models import Case, Run, Score
from apps.evals.results import (
    class_figures,
    flips,
    headlines,
    leak_rows,
    looking,
    neighbours,
    reports,
    row_filters,
    slice_rows,
)
from apps.evals.verdicts import lineage
from apps.evals.views.runs import visible_run

ROWS_PER_PAGE = 20
CHOICES = {"right": True, "wrong": False, "grader": None}
WORDS = {
    "right": gettext_lazy("It counts as right now."),
    "wrong": gettext_lazy("It counts as wrong now."),
    "grader": gettext_lazy("The grader's word counts again."),
}


@require_GET
def run_detail(request: AuthedRequest, run_id: UUID) -> HttpResponse:
    """Show the verdict first; to a page that knows this state, nothing."""
    run = visible_run(request, run_id)
    report = reports.report_of(run)
    if wants_partial(request) and request.GET.get("seen") == report.version:
        return HttpResponse(status=204)
    candidates = [line.candidate for line in report.lines]
    tuned = lineage.known(candidates) if run.ended_at else []
    look = looking.look_of(request.GET, run, len(candidates))
    context = {
        "run": run,
        "report": report,
        "candidates": candidates,
        "look": look,
        "slices": slice_rows.rows(
            run, grader=look.grader, candidate=look.candidate, sort=look.sort
        ),
        "parts": slice_rows.rows_alone(run, grader=look.grader, sort=look.sort),
        "leaks": leak_rows.rows(run, candidates),
        "classes": class_figures.shown(run.result.get("classes", []), candidates, look.beta),
        "betas": class_figures.BETAS,
        "evidence": tuned,
        "compare_with_base": next((model for model in tuned if model.base_model), None),
        "has_engine": any(each.connection and each.connection.is_engine for each in candidates),
        "can_edit": request.membership.can_edit,
    }
    template = "evals/run.html#run-live" if wants_partial(request) else "evals/run.html"
    return render(request, template, context)


@require_GET
def run_rows(request: AuthedRequest, run_id: UUID) -> HttpResponse:
    """Show the rows that the filters in the address leave, with every model's answers."""
    run = visible_run(request, run_id)
    candidates = list(run.candidates.select_related("connection"))
    filters = row_filters.filters_of(request.GET, run, len(candidates))
    found = row_filters.matching(run, filters)
    counts = row_filters.counts(found, run, filters)
    pages = Paginator(row_filters.of_kind(found, run, filters), ROWS_PER_PAGE)
    pages.count = counts[filters.kind or "all"]  # known already
    page = pages.get_page(request.GET.get("page", 1))
    context = {
        "run": run,
        "filters": filters,
        "counts": counts,
        "slices": slice_rows.choices(run),
        "is_graded": headlines.is_graded(run, filters.grader),
        "page_obj": page,
        "rows": flips.rows(
            run, list(page.object_list), candidates, view=filters.view, is_list=True
        ),
        "candidates": candidates,
        "can_edit": request.membership.can_edit,
    }
    return render(request, "evals/rows.html", context)


@require_GET
def run_row(request: AuthedRequest, run_id: UUID, question: int) -> HttpResponse:
    """Show one row with every model's answers, at an address that can be shared."""
    run = visible_run(request, run_id)
    case = get_object_or_404(Case, suite=run.suite, position=question)
    candidates = list(run.candidates.select_related("connection"))
    filters = row_filters.filters_of(request.GET, run, len(candidates))
    shown = flips.rows(run, [case], candidates, view=filters.view, is_list=False)
    context = {
        "run": run,
        "row": shown[0],
        "filters": filters,
        "neighbours": neighbours.neighbours(run, case, filters),
        "can_edit": request.membership.can_edit,
    }
    return render(request, "evals/row.html", context)


@require_POST
def score_override(request: AuthedRequest, score: int) -> HttpResponse:
    """Let a member say that an answer is right or wrong after all, or take that back."""
    mine = Score.objects.select_related("answer__run__suite", "answer__case")
    runs = Run.objects.editable_by(request.membership)
    found = get_object_or_404(mine.filter(answer__run__in=runs), pk=score)
    wish = request.POST.get("counts", "")
    if wish not in CHOICES:
        raise Http404
    before = next(word for word, counts in CHOICES.items() if counts is found.override)
    services.override(score=found, membership=request.membership, counts=CHOICES[wish])
    messages.success(request, _with_undo(found, wish, before))
    run = found.answer.run
    count = run.candidates.count()
    filters = row_filters.filters_of(QueryDict(request.POST.get("filters", "")), run, count)
    address = reverse("evals:row", args=[run.public_id, found.answer.case.position])
    return redirect(f"{address}?{filters.query}")


def _with_undo(score: Score, wish: str, before: str) -> str:
    """Return what was done, with a button that belongs to the form of this score."""
    return format_html(
        '{} <button class="btn btn-xs" form="score-{}" name="counts" value="{}">{}</button>',
        WORDS[wish],
        score.pk,
        before,
        _("Undo"),
    )
