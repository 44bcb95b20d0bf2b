"""What a person has changed and not saved yet: left out, put back, taken back, made a version."""

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from apps.core.http import AuthedRequest, page_of_ours, wants_partial
from apps.core.typed import token_of, whole_of
from apps.datasets.editing import changes
from apps.datasets.forms.rows import RowFilterForm
from apps.datasets.models import Version
from apps.datasets.rows.pages import NoColumns
from apps.datasets.services.carrying import CannotCarry, carry_on
from apps.datasets.services.edits import (
    CannotLeaveOut,
    TooMuchToSave,
    save_as_version,
    save_without,
)
from apps.datasets.services.recipes import FormUsedBefore
from apps.datasets.views import versions

PAGE_EDITS = 100
MOST_AT_ONCE = 1_000
REFUSALS = (CannotLeaveOut, TooMuchToSave, FormUsedBefore)


@require_GET
def edit_list(request: AuthedRequest, dataset_id: UUID, number: int) -> HttpResponse:
    """List the rows that this person has changed."""
    version = versions.editable(request, dataset_id, number)
    pending = changes.pending(version, request.membership)
    page = Paginator(pending.places, PAGE_EDITS).get_page(request.GET.get("page"))
    edits = changes.edits_at(version, request.membership, list(page))
    context = {
        "version": version,
        "can_edit": True,
        "page_obj": page,
        "edits": edits,
        "pending": pending,
    }
    return render(request, "datasets/edits.html", context)


@require_POST
def leave_out(request: AuthedRequest, dataset_id: UUID, number: int) -> HttpResponse:
    """Leave the named rows out of the next version."""
    version, numbers = _named(request, dataset_id, number)
    try:
        changes.leave_out(version=version, membership=request.membership, numbers=numbers)
    except changes.TooMuchToKeep as exc:
        messages.error(request, str(exc))
    return _done(request, version, numbers)


@require_POST
def put_back(request: AuthedRequest, dataset_id: UUID, number: int) -> HttpResponse:
    """Take the named rows in again."""
    version, numbers = _named(request, dataset_id, number)
    changes.put_back(version=version, membership=request.membership, numbers=numbers)
    return _done(request, version, numbers)


@require_POST
def undo(request: AuthedRequest, dataset_id: UUID, number: int) -> HttpResponse:
    """Take the latest change back, if it is the one that the person saw."""
    version = versions.editable(request, dataset_id, number)
    last = whole_of(request.POST.get("last", ""))
    numbers = changes.undo(version=version, membership=request.membership, last=last)
    return _done(request, version, numbers)


@require_POST
def discard(request: AuthedRequest, dataset_id: UUID, number: int) -> HttpResponse:
    """Forget all changes, or those of one row."""
    version = versions.editable(request, dataset_id, number)
    if "row" in request.POST:
        row, pk = whole_of(request.POST["row"]), whole_of(request.POST.get("edit", ""))
        changes.discard_row(version=version, membership=request.membership, row=row, pk=pk)
    else:
        count = changes.discard(version=version, membership=request.membership)
        if count:
            messages.success(request, _("Your changes were discarded."))
    return _done(request, version, [])


@require_POST
def carry(request: AuthedRequest, dataset_id: UUID, number: int) -> HttpResponse:
    """Take this person's changes to the newest version, as far as its rows are the same."""
    version = versions.editable(request, dataset_id, number)
    try:
        done = carry_on(version=version, membership=request.membership)
    except CannotCarry as exc:
        messages.error(request, str(exc))
        return redirect("datasets:edits", *version.address)
    if done.moved:
        words = ngettext(
            "%(count)d change is in version %(number)d now.",
            "%(count)d changes are in version %(number)d now.",
            done.moved,
        )
        messages.success(request, words % {"count": done.moved, "number": done.version.number})
    if done.left:
        words = ngettext(
            "%(count)d change stays here: its row is another one in version %(number)d, or gone.",
            "%(count)d changes stay here: their rows are others in version %(number)d, or gone.",
            done.left,
        )
        messages.warning(request, words % {"count": done.left, "number": done.version.number})
    return redirect("datasets:edits", *(version if done.left else done.version).address)


@require_POST
def save(request: AuthedRequest, dataset_id: UUID, number: int) -> HttpResponse:
    """Make a version of what this person has changed."""
    version = versions.editable(request, dataset_id, number)
    note = request.POST.get("note", "").replace("\0", "").strip()[:500]
    if overtaken := _overtaken(request, version):
        messages.warning(request, overtaken)
        return redirect("datasets:edits", *version.address)
    try:
        made = save_as_version(version=version, membership=request.membership, note=note)
    except TooMuchToSave as exc:
        messages.error(request, str(exc))
        return redirect("datasets:edits", *version.address)
    if made is None:
        messages.info(request, _("There is nothing to save."))
        return redirect(version.dataset)
    words = _("Version %(number)d is being made.") % {"number": made.number}
    messages.success(request, words)
    return redirect(made)


@require_POST
def leave_out_matching(request: AuthedRequest, dataset_id: UUID, number: int) -> HttpResponse:
    """Make a version without the rows that the address asks for."""
    version = versions.editable(request, dataset_id, number)
    here = f"{reverse('datasets:rows', args=version.address)}?{request.GET.urlencode()}"
    try:
        made = _without_matching(request, version)
    except REFUSALS as exc:
        messages.error(request, str(exc))
    except NoColumns:
        messages.error(request, _("Check this version again first, then its rows can be filtered."))
    else:
        return redirect(made)
    return redirect(here)


def _overtaken(request: AuthedRequest, version: Version) -> str:
    """Say that there is a newer version than the person saw when they pressed; empty when not."""
    seen, newest = request.POST.get("newest"), version.newest_number
    if seen is None or whole_of(seen) == newest:
        return ""
    if not changes.edits_of(version, request.membership).exists():  # pressed twice
        return ""
    words = _("Version %(number)d was made in the meantime, and your changes are not saved yet.")
    return words % {"number": newest}


def _without_matching(request: AuthedRequest, version: Version) -> Version:
    form = RowFilterForm(request.GET, version=version)
    if not form.is_valid():
        raise CannotLeaveOut(_("These filters cannot be used together."))
    return save_without(
        version=version,
        membership=request.membership,
        wanted=form.wanted,
        token=token_of(request.POST, "token"),
    )


def _named(request: AuthedRequest, dataset_id: UUID, number: int) -> tuple[Version, list[int]]:
    version = versions.editable(request, dataset_id, number)
    return version, [whole_of(text) for text in request.POST.getlist("row")[:MOST_AT_ONCE]]


def _done(request: AuthedRequest, version: Version, numbers: list[int]) -> HttpResponse:
    """Answer with the bar and the marks that changed, or go back to where the person was."""
    if not wants_partial(request):
        return redirect(_back(request, version))
    context = {
        "version": version,
        "can_edit": True,
        "pending": changes.pending(version, request.membership),
        "numbers": numbers[:MOST_AT_ONCE],
        "next": _back(request, version),
    }
    return render(request, "datasets/_edits_answer.html", context)


def _back(request: AuthedRequest, version: Version) -> str:
    wanted = page_of_ours(request, request.POST.get("next", ""))
    return wanted or reverse("datasets:rows", args=version.address)
