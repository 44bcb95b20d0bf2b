"""The rows of a version: browse, search, filter. The address holds all that is asked."""

from dataclasses import dataclass
from uuid import UUID, uuid4

from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from apps.core.http import AuthedRequest, wants_partial
from apps.datasets.editing import changes
from apps.datasets.editing.edited_rows import with_edits
from apps.datasets.forms.rows import RowFilterForm
from apps.datasets.rows.pages import PAGE_ROWS, NoColumns, RowPage, row_page
from apps.datasets.views import versions
from apps.datasets.views.report import whole

PLACE = ("row", "after", "found", "begun")  # where in the list, not what is in it


@dataclass(frozen=True, slots=True)
class Chip:
    """One answer of the form, and the address without it."""

    words: str
    url: str


@require_GET
def row_list(request: AuthedRequest, dataset_id: UUID, number: int) -> HttpResponse:
    """Show rows as conversations, from a place on; a search that takes longer goes on by itself."""
    version = versions.visible(request, dataset_id, number)
    form = RowFilterForm(request.GET, version=version)
    found = min(whole(request.GET.get("found")), PAGE_ROWS - 1)
    page, notice = RowPage(), ""
    if form.is_valid():
        try:
            page = row_page(version, form.wanted, after=_after(request), most=PAGE_ROWS - found)
        except NoColumns:
            notice = _("This version was checked before its rows could be filtered so.")
    context = {
        "version": version,
        "page": page,
        "form": form,
        "notice": notice,
        "chips": _chips(request.GET, form),
        "found": found + len(page.rows),
        "begun": _begun(request),
        "previous": _previous(page, form),
        "can_edit": request.membership.can_edit,
    }
    if request.membership.can_edit:
        pending = changes.pending(version, request.membership)
        context["pending"] = pending
        context["page"] = with_edits(page, version, request.membership, pending)
        context["form_token"] = uuid4()
    partial = "#row-items" if wants_partial(request) else ""
    status = 200 if form.is_valid() else 400
    return render(request, f"datasets/rows.html{partial}", context, status=status)


def _after(request: AuthedRequest) -> int:
    """Where the page begins: after a row, or at one that somebody typed."""
    return whole(request.GET.get("after")) or max(0, whole(request.GET.get("row")) - 1)


def _begun(request: AuthedRequest) -> int:
    """After which row a search began that has gone on by itself since; 0: with the first."""
    begun = request.GET.get("begun")
    return _after(request) if begun is None else whole(begun)


def _previous(page: RowPage, form: RowFilterForm) -> int | None:
    """Return the row that the page before begins with; a filter only knows the way on."""
    is_asked = not form.is_valid() or form.wanted.asks_anything
    return None if is_asked or not page.first or page.first == 1 else max(1, page.first - PAGE_ROWS)


def _chips(query: QueryDict, form: RowFilterForm) -> list[Chip]:
    return [
        Chip(f"{form.fields[name].label}: {_answer(query, form, name)}", _url(query, name))
        for name in form.changed_data
        if name != "q"
    ]


def _answer(query: QueryDict, form: RowFilterForm, name: str) -> str:
    """Return an answer in the words of the form."""
    choices = getattr(form.fields[name].widget, "choices", ())
    known = {str(key): str(words) for key, words in choices}
    return ", ".join(known.get(value, value) for value in query.getlist(name))


def _url(query: QueryDict, name: str) -> str:
    rest = query.copy()
    for key in (name, *PLACE):
        rest.pop(key, None)
    return f"?{rest.urlencode()}"
