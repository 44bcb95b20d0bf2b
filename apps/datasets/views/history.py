"""The versions of a dataset: what each is, notes, and the way back to an earlier one."""

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from apps.core.http import AuthedRequest, wants_partial
from apps.datasets.models import Version
from apps.datasets.selectors import history
from apps.datasets.services.recipes import FormUsedBefore
from apps.datasets.services.versions import (
    VersionInUse,
    delete_version,
    restore_version,
    write_note,
)
from apps.datasets.views import versions

PAGE_VERSIONS = 20


@require_GET
def version_list(request: AuthedRequest, dataset_id: UUID, number: int) -> HttpResponse:
    """Show all versions of the dataset, the newest first; 204 when nothing is new since `seen`."""
    version = versions.visible(request, dataset_id, number)
    found = history.versions_of(version.dataset, request.membership)
    page = Paginator(found, PAGE_VERSIONS).get_page(request.GET.get("page"))
    shown = list(page)
    seen = max(each.updated_at for each in (version, *shown))
    if wants_partial(request) and versions.seen(request) == seen:
        return HttpResponse(status=204)
    following = found.filter(number__lt=shown[-1].number).values_list("number", flat=True)
    context = {
        "version": version,
        "page_obj": page,
        "lines": history.lines(shown, following.first() if page.has_next() else None),
        "is_being_made": version.is_checking or any(each.is_checking for each in shown),
        "seen": seen,
        "can_edit": request.membership.can_edit,
    }
    partial = "#version-list" if wants_partial(request) else ""
    return render(request, f"datasets/versions.html{partial}", context)


@require_POST
def version_note(request: AuthedRequest, dataset_id: UUID, number: int) -> HttpResponse:
    """Keep what a person says about a version."""
    version = versions.editable(request, dataset_id, number)
    write_note(version=version, note=request.POST.get("note", ""))
    return redirect(_place(version))


@require_POST
def version_restore(request: AuthedRequest, dataset_id: UUID, number: int) -> HttpResponse:
    """Make the rows of this version the newest again."""
    version = versions.editable(request, dataset_id, number)
    try:
        newest = restore_version(
            version=version, membership=request.membership, token=versions.token(request)
        )
    except FormUsedBefore as exc:
        messages.error(request, str(exc))
        return redirect(_place(version))
    words = _("Version %(new)d has the rows of version %(old)d.")
    messages.success(request, words % {"new": newest.number, "old": version.number})
    return redirect(newest)


@require_POST
def version_delete(request: AuthedRequest, dataset_id: UUID, number: int) -> HttpResponse:
    """Delete one version, or say what still needs it."""
    version = versions.editable(request, dataset_id, number)
    try:
        delete_version(version=version)
    except VersionInUse as exc:
        messages.error(request, str(exc))
        return redirect(_place(version))
    messages.success(request, _("Version %(number)d was deleted.") % {"number": number})
    newest = version.dataset.versions.select_related("dataset").get(is_newest=True)
    return redirect("datasets:versions", dataset_id, newest.number)


def _place(version: Version) -> str:
    """Return where a version stands in the list of its dataset."""
    return f"{reverse('datasets:versions', args=version.address)}#version-{version.number}"
