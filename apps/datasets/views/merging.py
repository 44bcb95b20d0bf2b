"""Several versions become one."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from apps.accounts.permissions import editors_only
from apps.core.http import AuthedRequest, wants_partial
from apps.datasets.forms.selecting import MergeForm
from apps.datasets.models import Version
from apps.datasets.selectors import merges
from apps.datasets.selectors.merges import Merge
from apps.datasets.services.recipes import FormUsedBefore, make_dataset, make_version


@editors_only
@require_http_methods(["GET", "POST"])
def dataset_merge(request: AuthedRequest) -> HttpResponse:
    """Show what the chosen versions are together; make a dataset or a version of them."""
    merge = merges.chosen(request.membership, request.GET.getlist("version"))
    if wants_partial(request):
        return render(request, "datasets/merge.html#merge-copies", {"copies": merge.copies()})
    form = MergeForm(request.POST or None, initial={"name": _name(merge)})
    if request.method == "POST" and form.is_valid() and merge.is_possible:
        return redirect(_merge(request, merge, form) or request.get_full_path())
    context = {
        "merge": merge,
        "form": form,
        "offered": merges.offered(request.membership, merge),
        "copies": merge.copies() if merge.is_possible and merge.is_quick else None,
        "is_later": merge.is_possible and not merge.is_quick,
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "datasets/merge.html", context, status=status)


def _name(merge: Merge) -> str:
    """Name the result after its parts."""
    return " + ".join(dict.fromkeys(version.name for version in merge.versions))[:200]


def _merge(request: AuthedRequest, merge: Merge, form: MergeForm) -> Version | None:
    chosen = form.cleaned_data
    wish: dict[str, Any] = {
        "version": merge.versions[0],
        "membership": request.membership,
        "recipe": merges.recipe(merge, drop_copies=chosen["drop_copies"]),
        "token": chosen["form_token"],
    }
    try:
        if chosen["into"] == "version":
            merged = make_version(**wish)
        else:
            name = chosen["name"] or _name(merge)
            merged = make_dataset(**wish, name=name)
    except FormUsedBefore as exc:
        messages.error(request, str(exc))
        return None
    messages.success(request, _("“%(title)s” is being made.") % {"title": merged.title})
    return merged
