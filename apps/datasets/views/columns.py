"""Choosing what each column of a table is, with the first rows as they will be."""

from itertools import islice
from uuid import UUID

import orjson
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from apps.core.http import AuthedRequest, wants_partial
from apps.datasets.forms.columns import ColumnsForm
from apps.datasets.lifecycle import importing
from apps.datasets.models import Version
from apps.datasets.rows.bubbles import Shape, shape_of
from apps.datasets.rows.reading import Row
from apps.datasets.selectors.source_words import CHOICES, read_as
from apps.datasets.services.uploads import choose_again, choose_columns
from apps.datasets.sources import preview
from apps.datasets.views import versions

SHOWN_EXAMPLES = 3


@require_http_methods(["GET", "POST"])
def version_columns(request: AuthedRequest, dataset_id: UUID, number: int) -> HttpResponse:
    """Show the table with a picker over each column; take the choice, and read the whole file."""
    version = versions.editable(request, dataset_id, number)
    if version.status != Version.Status.MAPPING:
        return redirect(version)
    layout = importing.layout_of(version)
    if layout is None:
        raise Http404
    is_preview = wants_partial(request)
    changed = request.POST.get("changed", "") if is_preview else ""
    form = ColumnsForm(request.POST or None, layout=layout, changed=changed)
    if not is_preview and form.is_valid() and form.mapping.is_complete:
        choose_columns(version=version, mapping=form.mapping)
        return redirect(version)
    context = {
        "version": version,
        "read_as": read_as(layout),
        "form": form,
        "choices": CHOICES,
        "examples": _examples(form),
        "can_edit": True,
    }
    if is_preview:
        return render(request, "datasets/columns.html#columns-choice", context)
    return render(request, "datasets/columns.html", context, status=422 if form.is_bound else 200)


@require_POST
def version_columns_again(request: AuthedRequest, dataset_id: UUID, number: int) -> HttpResponse:
    """Let a person choose other columns, for a version of its own."""
    version = versions.editable(request, dataset_id, number)
    made = choose_again(
        version=version, membership=request.membership, token=versions.token(request)
    )
    return redirect(made)


def _examples(form: ColumnsForm) -> list[tuple[int, Shape]]:
    """The first rows as they will be; none while the choice makes no example."""
    if not form.mapping.is_complete:
        return []
    made = islice(preview(form.table, form.mapping), SHOWN_EXAMPLES)
    return [
        (number, shape_of(Row(number, orjson.dumps(example, default=str).decode(), example)))
        for number, example in made
    ]
