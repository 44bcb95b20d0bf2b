"""Columns: another one on the page, and the models that each can ask."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from apps.accounts.permissions import editors_only
from apps.core.http import AuthedRequest
from apps.playground.choices import Picker, open_picker
from apps.playground.forms import ColumnForm, ColumnPart, connections_for, positions_in
from apps.playground.models import MAX_COLUMNS
from apps.playground.services import ColumnChoice
from apps.playground.views.pages import column_of, refused
from apps.playground.views.rows import job_named


@require_GET
@editors_only
def column_add(request: AuthedRequest) -> HttpResponse:
    """Return one more column, which asks what the last one asks. Sending saves it."""
    opened = positions_in(request.GET)
    free = [position for position in range(MAX_COLUMNS) if position not in opened]
    if not free:
        return refused(request, [_("A page has at most four columns.")])
    position = next((each for each in free if each > max(opened, default=-1)), free[0])
    choice = _as_the_last(request, opened, position)
    part = ColumnPart(None, choice=choice, connections=connections_for(request.membership))
    job = job_named(request)
    context = {"column": column_of(job, part, choice), "job": job, "can_edit": True}
    return render(request, "playground/_column.html", context)


def _as_the_last(request: AuthedRequest, opened: list[int], position: int) -> ColumnChoice:
    if not opened:
        return ColumnChoice(position, None, "")
    last = ColumnChoice(opened[-1], None, "")
    form = _form(request, last)
    form.is_valid()
    chosen = form.cleaned_data
    return ColumnChoice(position, chosen.get("connection"), chosen.get("model", ""))


def _form(request: AuthedRequest, choice: ColumnChoice) -> ColumnForm:
    return ColumnForm(request.GET, choice=choice, connections=connections_for(request.membership))


@require_GET
@editors_only
def model_list(request: AuthedRequest, position: int) -> HttpResponse:
    """Fill a column's picker with the models of the connection that was chosen."""
    form = _form(request, ColumnChoice(position, None, ""))
    form.is_valid()
    connection = form.cleaned_data.get("connection")
    if connection is None:  # a place in the page, and no page of its own
        gone = {"picker": Picker(position, None, request.GET.get(form.add_prefix("model"), ""))}
        return render(request, "playground/_model_picker.html", gone, status=404)
    # A model of the connection before is not kept; an id that was typed is what a person wants.
    wanted, kept = form.cleaned_data["model"], request.GET.get("kept")
    is_kept = kept == str(connection.public_id) or wanted == form.cleaned_data.get("typed_model")
    picker = open_picker(position, connection, wanted, keep=is_kept, job=job_named(request))
    return render(request, "playground/_model_picker.html", {"picker": picker})
