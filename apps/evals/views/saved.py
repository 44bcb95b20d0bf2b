"""Saved cases: the collections, one case, and one written by hand."""

from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from apps.accounts.permissions import editors_only
from apps.core.http import AuthedRequest
from apps.evals.forms.saved import ChangedCaseForm, SavedCaseForm
from apps.evals.models import SavedCase
from apps.evals.questions import saving

PER_PAGE = 50
LONGEST_SEARCH = 200


@require_GET
def case_list(request: AuthedRequest) -> HttpResponse:
    """Show the saved cases, of all collections or of one, that hold the words looked for."""
    collection = request.GET.get("collection", "")
    words = request.GET.get("q", "").replace("\0", "").strip()[:LONGEST_SEARCH]
    found = _found(SavedCase.objects.visible_to(request.membership), collection, words)
    pages = Paginator(found.order_by("collection", "-pk"), PER_PAGE)
    context = {
        "page_obj": pages.get_page(request.GET.get("page", 1)),
        "collections": saving.collection_sizes(request.membership),
        "collection": collection,
        "collection_query": urlencode({"collection": collection}),
        "words": words,
        "can_edit": request.membership.can_edit,
    }
    return render(request, "evals/cases.html", context)


@editors_only
@require_http_methods(["GET", "POST"])
def case_create(request: AuthedRequest) -> HttpResponse:
    """Show the form for a question; save it and go to its collection."""
    initial = {"collection": request.GET.get("collection", "")}
    form = SavedCaseForm(request.POST or None, initial=initial)
    if form.is_valid():
        data = form.cleaned_data
        case, is_new = saving.save_case(
            membership=request.membership,
            messages=form.messages(),
            **{name: data[name] for name in ("collection", "expected", "note")},
        )
        messages.success(request, _("The case is saved.") if is_new else _("It is changed."))
        return redirect(_address(case.collection))
    return _form_page(request, form, None)


@require_http_methods(["GET", "POST"])
def case_detail(request: AuthedRequest, saved_id: UUID) -> HttpResponse:
    """Show a case; let a member change everything but its question."""
    mine = SavedCase.objects.visible_to(request.membership)
    if request.method == "POST":
        mine = SavedCase.objects.editable_by(request.membership)
    case = get_object_or_404(mine, public_id=saved_id)
    initial = {name: getattr(case, name) for name in ("collection", "expected", "note")}
    form = ChangedCaseForm(request.POST or None, initial=initial)
    if form.is_valid():
        if saving.change_case(case=case, **form.cleaned_data):
            return redirect(_address(form.cleaned_data["collection"]))
        form.add_error("collection", _("This collection has the same question already."))
    return _form_page(request, form, case)


@require_POST
def case_delete(request: AuthedRequest, saved_id: UUID) -> HttpResponse:
    """Delete a case; the suites made of it keep their copy."""
    mine = SavedCase.objects.editable_by(request.membership)
    case = get_object_or_404(mine, public_id=saved_id)
    case.delete()
    messages.success(request, _("The case is deleted."))
    return redirect(_address(case.collection))


def _form_page(
    request: AuthedRequest, form: ChangedCaseForm, case: SavedCase | None
) -> HttpResponse:
    context = {
        "form": form,
        "case": case,
        "collections": saving.collections_of(request.membership),
        "can_edit": request.membership.can_edit,
    }
    return render(request, "evals/case.html", context, status=422 if form.errors else 200)


def _found(cases: "QuerySet[SavedCase]", collection: str, words: str) -> "QuerySet[SavedCase]":
    if collection:
        cases = cases.filter(collection=collection.replace("\0", ""))
    if not words:
        return cases
    said = cases.annotate(said=Cast("messages", TextField()))
    return said.filter(
        Q(said__icontains=words) | Q(expected__icontains=words) | Q(note__icontains=words)
    )


def _address(collection: str) -> str:
    return f"{reverse('evals:cases')}?{urlencode({'collection': collection})}"
