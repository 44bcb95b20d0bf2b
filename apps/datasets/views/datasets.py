"""Pages of datasets: the list, one dataset, and what can be done with it."""

import json
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from apps.accounts.permissions import editors_only
from apps.core.http import AuthedRequest, wants_partial
from apps.datasets import services
from apps.datasets.check.sniffing import refusals
from apps.datasets.check.tokens import encoding_for
from apps.datasets.models import Dataset
from apps.datasets.selectors import report_of

PAGE_ROWS = 25


@require_GET
def dataset_list(request: AuthedRequest) -> HttpResponse:
    """Show the newest datasets; the table asks again while one of them is being checked."""
    newest = Dataset.objects.visible_to(request.membership).order_by("-created_at", "-pk")
    page = Paginator(newest, PAGE_ROWS).get_page(request.GET.get("page"))
    context = {
        "page_obj": page,
        "is_checking": any(dataset.is_checking for dataset in page),
        "max_upload_bytes": settings.MAX_UPLOAD_BYTES,
        "refusals": json.dumps(refusals()),
        "can_edit": request.membership.can_edit,
    }
    partial = "#dataset-table" if wants_partial(request) else ""
    return render(request, f"datasets/list.html{partial}", context)


@require_GET
def dataset_detail(request: AuthedRequest, dataset_id: UUID) -> HttpResponse:
    """Show the report, or how far the check is; 204 when nothing is new since `seen`."""
    mine = Dataset.objects.visible_to(request.membership)
    dataset = get_object_or_404(mine, public_id=dataset_id)
    if wants_partial(request) and _seen(request) == dataset.updated_at:
        return HttpResponse(status=204)
    model = request.GET.get("model", "").strip()[:200]
    context = {
        "dataset": dataset,
        "report": None if dataset.is_checking else report_of(dataset, model=model),
        "can_edit": request.membership.can_edit,
    }
    partial = "#dataset-report" if wants_partial(request) else ""
    return render(request, f"datasets/detail.html{partial}", context)


def _seen(request: AuthedRequest) -> datetime | None:
    try:
        return parse_datetime(request.GET.get("seen", ""))
    except ValueError:
        return None


@require_POST
@editors_only
def dataset_add_sample(request: AuthedRequest) -> HttpResponse:
    """Add the sample training and validation files."""
    training, _validation = services.add_sample(membership=request.membership)
    messages.success(request, _("The sample dataset is here: one file to train, one to validate."))
    return redirect(training)


@require_POST
def dataset_count_tokens(request: AuthedRequest, dataset_id: UUID) -> HttpResponse:
    """Check the file again with the tokens of another model."""
    mine = Dataset.objects.editable_by(request.membership)
    dataset = get_object_or_404(mine, public_id=dataset_id)
    model = request.POST.get("model", "")
    services.count_tokens(dataset=dataset, encoding=encoding_for(model))
    return redirect(dataset)


@require_POST
def dataset_delete(request: AuthedRequest, dataset_id: UUID) -> HttpResponse:
    """Delete a dataset, or say which kind of thing still needs it."""
    mine = Dataset.objects.editable_by(request.membership)
    dataset = get_object_or_404(mine, public_id=dataset_id)
    try:
        services.delete_dataset(dataset=dataset)
    except services.DatasetInUse as exc:
        messages.error(request, str(exc))
        return redirect(dataset)
    messages.success(request, _("“%(name)s” was deleted.") % {"name": dataset.name})
    return redirect("datasets:list")
