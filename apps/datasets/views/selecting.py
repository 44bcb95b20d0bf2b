"""Fewer rows out of many: a split into two datasets, and a sample."""

from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from apps.core.http import AuthedRequest, wants_partial
from apps.datasets.forms.rows import RowFilterForm
from apps.datasets.forms.selecting import ChoosingForm, SampleForm, SplitForm
from apps.datasets.models import Version
from apps.datasets.recipes.selecting import Sample, Split
from apps.datasets.rows.filters import RowFilter
from apps.datasets.selectors import plans
from apps.datasets.services.recipes import FormUsedBefore, make_dataset, make_version
from apps.datasets.services.versions import CannotFilter, keep_matching, split_version
from apps.datasets.views import versions

QUICK_ROWS = 50_000  # of more rows, the plan follows when the page is there


@require_http_methods(["GET", "POST"])
def version_split(request: AuthedRequest, dataset_id: UUID, number: int) -> HttpResponse:
    """Show how large the two parts would be; make two datasets of them."""
    version = versions.editable(request, dataset_id, number)
    if not version.row_count:
        return redirect(version)
    start = {"stratify": plans.has_labels(version)}
    form = SplitForm(_asked(request), initial=start)
    if request.method == "POST" and form.is_valid() and _has_two_parts(version, form):
        training = _split(request, version, form)
        return redirect(training or request.path)
    return _page(request, version, form, "split")


def _split(request: AuthedRequest, version: Version, form: SplitForm) -> Version | None:
    try:
        training, validation = split_version(
            version=version,
            membership=request.membership,
            split=form.params(),
            token=form.cleaned_data["form_token"],
        )
    except FormUsedBefore as exc:
        messages.error(request, str(exc))
        return None
    words = _("“%(training)s” and “%(validation)s” are being made. A job uses them together.")
    names = {"training": training.name, "validation": validation.name}
    messages.success(request, words % names)
    return training


def _has_two_parts(version: Version, form: SplitForm) -> bool:
    """Tell beforehand that nothing would be left on one side."""
    plan = plans.split_plan(version, Split(**form.params()))
    if plan.training.rows and plan.validation.rows:
        return True
    form.add_error(None, _("One part would be empty. Choose another number of rows."))
    return False


@require_http_methods(["GET", "POST"])
def version_sample(request: AuthedRequest, dataset_id: UUID, number: int) -> HttpResponse:
    """Show how large the sample would be; make a dataset or the next version of it."""
    version = versions.editable(request, dataset_id, number)
    if not version.row_count:
        return redirect(version)
    form = SampleForm(_asked(request))
    if request.method == "POST" and form.is_valid():
        return redirect(_sample(request, version, form) or request.path)
    return _page(request, version, form, "sample")


def _sample(request: AuthedRequest, version: Version, form: SampleForm) -> Version | None:
    wish: dict[str, Any] = {
        "version": version,
        "membership": request.membership,
        "recipe": [{"step": "sample", **form.params()}],
        "token": form.cleaned_data["form_token"],
    }
    try:
        if form.cleaned_data["into"] == "version":
            sample = make_version(**wish)
        else:
            name = _("%(name)s – sample") % {"name": version.name[:180]}
            sample = make_dataset(**wish, name=name)
    except FormUsedBefore as exc:
        messages.error(request, str(exc))
        return None
    messages.success(request, _("“%(title)s” is being made.") % {"title": sample.title})
    return sample


@require_POST
def version_filter(request: AuthedRequest, dataset_id: UUID, number: int) -> HttpResponse:
    """Make a version of the rows that the address asks for, and of no others."""
    version = versions.editable(request, dataset_id, number)
    form = RowFilterForm(request.GET, version=version)
    try:
        made = keep_matching(
            version=version,
            membership=request.membership,
            wanted=form.wanted if form.is_valid() else RowFilter(),
            token=versions.token(request),
        )
    except (CannotFilter, FormUsedBefore) as exc:
        messages.error(request, str(exc))
        rows = reverse("datasets:rows", args=version.address)
        return redirect(f"{rows}?{request.GET.urlencode()}")
    messages.success(request, _("“%(title)s” is being made.") % {"title": made.title})
    return redirect(made)


def _asked(request: AuthedRequest) -> QueryDict | None:
    """Return what was sent, or what stands in the form while sizes are tried; None at first."""
    if request.method == "POST":
        return request.POST
    if not wants_partial(request):
        return None
    tried = request.GET.copy()
    tried["form_token"] = str(uuid4())  # the page keeps its own
    return tried


def _page(request: AuthedRequest, version: Version, form: ChoosingForm, kind: str) -> HttpResponse:
    """Show the form and the plan; while sizes are tried, only the plan."""
    is_partial = wants_partial(request)
    is_quick = (version.row_count or 0) <= QUICK_ROWS
    context = {
        "version": version,
        "kind": kind,
        "plan_template": f"datasets/_{kind}_plan.html",
        "form": form,
        "plan": plan_of(version, form) if is_partial or is_quick else None,
        "is_later": not is_partial and not is_quick,
        "can_edit": request.membership.can_edit,
    }
    template = "datasets/_plan.html" if is_partial else f"datasets/{kind}.html"
    is_refused = request.method == "POST" and bool(form.errors)
    return render(request, template, context, status=422 if is_refused else 200)


def plan_of(version: Version, form: ChoosingForm) -> plans.SplitPlan | plans.Part | None:
    """Plan with what stands in the form, or with what it begins with; None when that is wrong."""
    if not form.is_bound:
        fields = form.fields.items()
        start = {name: form.get_initial_for_field(field, name) for name, field in fields}
        form = type(form)(start)
    if not form.is_valid():
        return None
    if isinstance(form, SplitForm):
        return plans.split_plan(version, Split(**form.params()))
    return plans.sample_plan(version, Sample(**form.params()))
