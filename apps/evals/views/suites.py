"""Suites: the list, and the page of each with its runs."""

from uuid import UUID, uuid4

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from apps.accounts.models import WorkspaceQuerySet
from apps.core.http import AuthedRequest
from apps.evals import statistics
from apps.evals.models import Suite
from apps.evals.questions import drift
from apps.evals.results import parts

PER_PAGE = 50
CASES_SHOWN = 5
CASES_PER_PAGE = 20


@require_GET
def suite_list(request: AuthedRequest) -> HttpResponse:
    """Show the suites, newest first."""
    counted = _suites(request).annotate(run_count=Count("runs", distinct=True))
    pages = Paginator(counted.order_by("-created_at", "-pk"), PER_PAGE)
    context = {
        "page_obj": pages.get_page(request.GET.get("page", 1)),
        "can_edit": request.membership.can_edit,
        "drift_count": len(drift.material().questions),
        "form_token": uuid4(),
    }
    return render(request, "evals/list.html", context)


@require_GET
def suite_detail(request: AuthedRequest, suite_id: UUID) -> HttpResponse:
    """Show what is asked, how it is judged, and every run."""
    suite = get_object_or_404(_suites(request), public_id=suite_id)
    runs = suite.runs.prefetch_related("candidates").order_by("-created_at", "-pk")
    context = {
        "suite": suite,
        "case_count": suite.cases.count(),
        "cases": suite.cases.all()[:CASES_SHOWN],
        "unseen_images": parts.unseen_images(suite),
        "kinds_of_parts": parts.parts_of(suite),
        "page_obj": Paginator(runs, PER_PAGE).get_page(request.GET.get("page", 1)),
        "can_edit": request.membership.can_edit,
    }
    return render(request, "evals/suite.html", context)


@require_GET
def suite_questions(request: AuthedRequest, suite_id: UUID) -> HttpResponse:
    """Show every question with what is expected, by words and by part."""
    suite = get_object_or_404(_suites(request), public_id=suite_id)
    words = request.GET.get("q", "").replace("\0", "").strip()[: parts.LONGEST]
    part = request.GET.get("part", "")
    pages = Paginator(parts.found(suite, words=words, part=part), CASES_PER_PAGE)
    context = {
        "suite": suite,
        "page_obj": pages.get_page(request.GET.get("page", 1)),
        "kinds_of_parts": parts.parts_of(suite),
        "words": words,
        "part": part,
    }
    return render(request, "evals/questions.html", context)


@require_GET
def suite_plan(request: AuthedRequest, suite_id: UUID) -> HttpResponse:
    """Say which difference the questions can show; the page asks, since it takes a moment."""
    suite = get_object_or_404(Suite.objects.visible_to(request.membership), public_id=suite_id)
    count = suite.cases.count()
    context = {"words": statistics.plan(count), "alone": statistics.plan_alone(count)}
    return render(request, "evals/_plan.html", context)


@require_POST
def suite_delete(request: AuthedRequest, suite_id: UUID) -> HttpResponse:
    """Delete a suite with its runs and every answer in them."""
    suite = get_object_or_404(Suite.objects.editable_by(request.membership), public_id=suite_id)
    suite.delete()
    messages.success(request, _("“%(name)s” is deleted.") % {"name": suite.name})
    return redirect("evals:list")


def _suites(request: AuthedRequest) -> "WorkspaceQuerySet[Suite]":
    return Suite.objects.visible_to(request.membership).select_related("data__dataset")
