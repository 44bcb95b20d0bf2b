"""The leak gate: what a validation file shares with a training file."""

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from apps.core.http import AuthedRequest
from apps.datasets.models import Version
from apps.datasets.recipes.steps import StepError
from apps.datasets.selectors.leaks import PAGE_PAIRS, compare, opened_pairs
from apps.datasets.services.recipes import make_version
from apps.datasets.views import versions

MOST_OFFERED = 200


@require_GET
def version_leaks(request: AuthedRequest, dataset_id: UUID, number: int) -> HttpResponse:
    """Compare a version, taken as validation data, with the one that `with` names."""
    version = versions.visible(request, dataset_id, number)
    training = _other(request, version)
    comparison = compare(version, training) if training else None
    page = Paginator(comparison.pairs if comparison else [], PAGE_PAIRS).get_page(
        request.GET.get("page")
    )
    context = {
        "version": version,
        "training": training,
        "offered": _offered(request, version)[:MOST_OFFERED],
        "comparison": comparison,
        "page_obj": page,
        "opened": opened_pairs(version, training, list(page)) if training else [],
        "can_edit": request.membership.can_edit,
    }
    return render(request, "datasets/leaks.html", context)


def _offered(request: AuthedRequest, version: Version) -> QuerySet[Version]:
    """Other versions that can be compared: those whose rows could be read."""
    mine = Version.objects.visible_to(request.membership).exclude(pk=version.pk)
    checked = mine.filter(status__in=[Version.Status.READY, Version.Status.INVALID])
    return checked.order_by("-created_at", "-pk")


def _other(request: AuthedRequest, version: Version) -> Version | None:
    try:
        asked = UUID(request.GET.get("with") or request.POST.get("with", ""))
    except ValueError:
        return None
    return _offered(request, version).filter(public_id=asked).first()


@require_POST
def version_leave_out_leaked(request: AuthedRequest, dataset_id: UUID, number: int) -> HttpResponse:
    """Make the next version without the rows that the training data holds as well."""
    version = versions.editable(request, dataset_id, number)
    training = _other(request, version)
    comparison = compare(version, training) if training else None
    if not training or not comparison or not comparison.leaked:
        messages.info(request, _("There is nothing to leave out."))
        return redirect(reverse("datasets:leaks", args=version.address))
    if not comparison.remaining:
        messages.error(request, _("No row would be left: all of them are in the training data."))
        return redirect(reverse("datasets:leaks", args=version.address))
    step = {"step": "leave_out_leaked", "rows": comparison.rows, "of": training.title}
    try:
        made = make_version(
            version=version,
            membership=request.membership,
            recipe=[step],
            note=_("Without what “%(name)s” holds as well") % {"name": training.title},
        )
    except StepError as exc:
        messages.error(request, exc.message)
        return redirect(reverse("datasets:leaks", args=version.address))
    return redirect(made)
