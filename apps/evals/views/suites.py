"""Suites: the list, the form for a new one, and its page with its runs."""

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from apps.accounts.permissions import editors_only
from apps.core.http import AuthedRequest
from apps.evals import services, statistics
from apps.evals.forms import SuiteForm
from apps.evals.models import Suite

PER_PAGE = 50
CASES_SHOWN = 5


@require_GET
def suite_list(request: AuthedRequest) -> HttpResponse:
    """Show the suites, newest first."""
    mine = Suite.objects.visible_to(request.membership).select_related("data__dataset")
    counted = mine.annotate(run_count=Count("runs", distinct=True))
    pages = Paginator(counted.order_by("-created_at", "-pk"), PER_PAGE)
    context = {
        "page_obj": pages.get_page(request.GET.get("page", 1)),
        "can_edit": request.membership.can_edit,
    }
    return render(request, "evals/list.html", context)


@editors_only
@require_http_methods(["GET", "POST"])
def suite_create(request: AuthedRequest) -> HttpResponse:
    """Show the form; save the suite and go to the choice of models."""
    form = SuiteForm(request.POST or None, initial=_initial(request), membership=request.membership)
    if form.is_valid() and (suite := _created(request, form)):
        return redirect("evals:run_create", suite.public_id)
    return render(request, "evals/create.html", {"form": form}, status=422 if form.errors else 200)


@require_GET
def suite_detail(request: AuthedRequest, suite_id: UUID) -> HttpResponse:
    """Show what is asked, how it is judged, and every run."""
    mine = Suite.objects.visible_to(request.membership).select_related("data__dataset")
    suite = get_object_or_404(mine, public_id=suite_id)
    context = {
        "suite": suite,
        "case_count": suite.cases.count(),
        "cases": suite.cases.all()[:CASES_SHOWN],
        "runs": suite.runs.prefetch_related("candidates").order_by("-created_at", "-pk"),
        "can_edit": request.membership.can_edit,
    }
    return render(request, "evals/suite.html", context)


@require_GET
def suite_plan(request: AuthedRequest, suite_id: UUID) -> HttpResponse:
    """Say which difference the questions can show; the page asks, since it takes a moment."""
    suite = get_object_or_404(Suite.objects.visible_to(request.membership), public_id=suite_id)
    context = {"words": statistics.plan(suite.cases.count())}
    return render(request, "evals/_plan.html", context)


@require_POST
def suite_delete(request: AuthedRequest, suite_id: UUID) -> HttpResponse:
    """Delete a suite with its runs and every answer in them."""
    suite = get_object_or_404(Suite.objects.editable_by(request.membership), public_id=suite_id)
    suite.delete()
    messages.success(request, _("“%(name)s” is deleted.") % {"name": suite.name})
    return redirect("evals:list")


def _created(request: AuthedRequest, form: SuiteForm) -> Suite | None:
    data = form.cleaned_data
    try:
        return services.create_suite(
            membership=request.membership,
            name=data["name"],
            data=data["dataset"],
            graders=form.graders(),
            count=data["count"],
            seed=data["seed"],
            public_id=data["form_token"],
        )
    except services.Refused as refusal:
        form.add_error(refusal.field, str(refusal))
        return None


def _initial(request: AuthedRequest) -> dict[str, object]:
    return {"dataset": request.GET.get("dataset", "")}
