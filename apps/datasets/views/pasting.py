"""Rows without a file: pasted text. And the page where the next version is brought in."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from apps.accounts.permissions import editors_only
from apps.core.http import AuthedRequest
from apps.datasets.lifecycle import repeating
from apps.datasets.models import Dataset
from apps.datasets.services.uploads import paste
from apps.datasets.views import targets
from apps.datasets.views.drop_zone import drop_zone

LONGEST_NAME = 200


def upload_page(request: AuthedRequest) -> HttpResponse:
    """Show where the next version of a dataset is dropped or pasted."""
    if not request.membership.can_edit:
        raise PermissionDenied(_("You can look at everything here. Ask an owner to change it."))
    dataset = targets.asked_for(request)
    if dataset is None:
        return redirect("datasets:list")
    return render(request, "datasets/upload.html", _context(dataset))


@require_POST
@editors_only
def dataset_paste(request: AuthedRequest) -> HttpResponse:
    """Take pasted text as if it had come in a file."""
    dataset = targets.asked_for(request)
    text = request.POST.get("text", "")
    if not text.strip():
        messages.error(request, _("Paste some text first."))
        return redirect(targets.page(dataset))
    version = paste(
        membership=request.membership,
        text=text,
        name=request.POST.get("name", "").strip()[:LONGEST_NAME],
        dataset=dataset,
        repeats="repeat" in request.POST,
    )
    return redirect(version)


def _context(dataset: Dataset) -> dict[str, Any]:
    newest = dataset.versions.select_related("dataset").get(is_newest=True)
    steps = repeating.steps_to_repeat(dataset)
    return {
        **drop_zone(),
        "dataset": dataset,
        "version": newest,
        "steps": repeating.titles(steps),
        "can_edit": True,
    }
