"""What the rules allow and a model should not learn: the live part of the report, and groups."""

from datetime import datetime
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_GET, require_POST

from apps.core.http import AuthedRequest, wants_partial
from apps.datasets.selectors.headline import headline_of, trainability_for
from apps.datasets.selectors.quality import PAGE_GROUPS, clusters_of, opened, quality_of
from apps.datasets.services.quality import examine_again
from apps.datasets.views import versions

GROUPS = ("near", "conflicts")


@require_GET
def version_quality(request: AuthedRequest, dataset_id: UUID, number: int) -> HttpResponse:
    """Show the section of the report alone; 204 when nothing is new since `seen`."""
    version = versions.visible(request, dataset_id, number)
    if not wants_partial(request):
        return redirect(version)
    if _seen(request) == version.updated_at:
        return HttpResponse(status=204)
    quality = quality_of(version)
    context = {
        "version": version,
        "quality": quality,
        "headline": headline_of(version, quality),
        "trainability": trainability_for(version, request.membership),
        "can_edit": request.membership.can_edit,
    }
    return render(request, "datasets/_quality_answer.html", context)


def _seen(request: AuthedRequest) -> datetime | None:
    try:
        return parse_datetime(request.GET.get("seen", ""))
    except ValueError:
        return None


@require_POST
def version_examine(request: AuthedRequest, dataset_id: UUID, number: int) -> HttpResponse:
    """Examine a version once more."""
    version = versions.editable(request, dataset_id, number)
    examine_again(version=version)
    return redirect(f"{version.get_absolute_url()}#quality")


@require_GET
def version_clusters(request: AuthedRequest, dataset_id: UUID, number: int) -> HttpResponse:
    """Show groups of rows that belong together, their first rows side by side."""
    version = versions.visible(request, dataset_id, number)
    kind = request.GET.get("kind", "")
    kind = kind if kind in GROUPS else GROUPS[0]
    page = Paginator(clusters_of(version, kind=kind), PAGE_GROUPS).get_page(request.GET.get("page"))
    context = {
        "version": version,
        "kind": kind,
        "page_obj": page,
        "clusters": opened(version, list(page)),
        "quality": version.examination,
        "can_edit": request.membership.can_edit,
    }
    return render(request, "datasets/clusters.html", context)
