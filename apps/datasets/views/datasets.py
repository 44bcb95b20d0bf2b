"""Pages of datasets: the list, one dataset, and what can be done with it."""

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from apps.accounts.permissions import editors_only
from apps.core.http import AuthedRequest, wants_partial
from apps.datasets.check.tokens import encoding_for
from apps.datasets.models import Dataset, Version
from apps.datasets.selectors import repairs
from apps.datasets.selectors.headline import headline_of, trainability_for
from apps.datasets.selectors.quality import quality_of
from apps.datasets.selectors.reports import report_of
from apps.datasets.selectors.source_words import origin_of
from apps.datasets.services.datasets import DatasetInUse, add_sample, count_tokens, delete_dataset
from apps.datasets.views import versions
from apps.datasets.views.drop_zone import drop_zone

PAGE_ROWS = 25


@require_GET
def dataset_list(request: AuthedRequest) -> HttpResponse:
    """Show the newest datasets; the table asks again while one of them is being checked."""
    mine = Version.objects.visible_to(request.membership)
    newest = mine.newest().order_by("-created_at", "-pk")
    page = Paginator(newest, PAGE_ROWS).get_page(request.GET.get("page"))
    context = {
        "page_obj": page,
        "is_checking": any(version.is_checking for version in page),
        **drop_zone(),
        "can_edit": request.membership.can_edit,
    }
    partial = "#dataset-table" if wants_partial(request) else ""
    return render(request, f"datasets/list.html{partial}", context)


@require_GET
def dataset_open(request: AuthedRequest, dataset_id: UUID) -> HttpResponse:
    """Go to the newest version."""
    mine = Version.objects.visible_to(request.membership).newest()
    return redirect(get_object_or_404(mine, dataset__public_id=dataset_id))


@require_GET
def version_detail(request: AuthedRequest, dataset_id: UUID, number: int) -> HttpResponse:
    """Show the report, or how far the check is; 204 when nothing is new since `seen`."""
    version = versions.visible(request, dataset_id, number)
    if wants_partial(request) and versions.seen(request) == version.updated_at:
        return HttpResponse(status=204)
    if version.status == Version.Status.MAPPING and request.membership.can_edit:
        return _to_columns(request, version)
    model = request.GET.get("model", "").strip()[:200]
    quality = quality_of(version)
    context = {
        "version": version,
        "report": None if version.is_checking else report_of(version, model=model),
        "quality": quality,
        "headline": headline_of(version, quality),
        "origin": origin_of(version) if version.row_count else None,
        "steps_taken": repairs.steps_taken(version),
        "made": repairs.made_from(version),
        "trainability": trainability_for(version, request.membership),
        "can_edit": request.membership.can_edit,
    }
    partial = "#dataset-report" if wants_partial(request) else ""
    return render(request, f"datasets/detail.html{partial}", context)


def _to_columns(request: AuthedRequest, version: Version) -> HttpResponse:
    """Lead to the page where the columns are chosen: there is nothing else to see yet."""
    url = reverse("datasets:columns", args=version.address)
    if wants_partial(request):
        return HttpResponse(status=204, headers={"HX-Redirect": url})
    return redirect(url)


@require_POST
@editors_only
def dataset_add_sample(request: AuthedRequest) -> HttpResponse:
    """Add the sample training and validation files."""
    training, _validation = add_sample(membership=request.membership)
    messages.success(request, _("The sample dataset is here: one file to train, one to validate."))
    return redirect(training)


@require_POST
def version_count_tokens(request: AuthedRequest, dataset_id: UUID, number: int) -> HttpResponse:
    """Check the file again with the tokens of another model."""
    version = versions.editable(request, dataset_id, number)
    model = request.POST.get("model", "")
    count_tokens(version=version, encoding=encoding_for(model))
    return redirect(version)


@require_POST
def dataset_delete(request: AuthedRequest, dataset_id: UUID) -> HttpResponse:
    """Delete a dataset, or say which kind of thing still needs it."""
    mine = Dataset.objects.editable_by(request.membership)
    dataset = get_object_or_404(mine, public_id=dataset_id)
    try:
        delete_dataset(dataset=dataset)
    except DatasetInUse as exc:
        messages.error(request, str(exc))
        return redirect(dataset)
    messages.success(request, _("“%(name)s” was deleted.") % {"name": dataset.name})
    return redirect("datasets:list")
