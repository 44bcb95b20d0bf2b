"""The form for a new suite: its questions, and the builder of its graders."""

from typing import Any

from django.forms import Form
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from apps.accounts.permissions import editors_only
from apps.core.http import AuthedRequest
from apps.core.typed import token_of
from apps.evals import services
from apps.evals.forms import GraderBuilder, SuiteForm
from apps.evals.forms.graders import Tried
from apps.evals.forms.typed_graders import typed_in, typed_of
from apps.evals.models import Suite
from apps.evals.questions import authoring, drift
from apps.evals.questions.cases import Question
from apps.evals.questions.evaluating import Evaluation, evaluation_of
from apps.providers.models import Connection

TRIED_COUNT = 20  # rows looked at for a first question


@editors_only
@require_http_methods(["GET", "POST"])
def suite_create(request: AuthedRequest) -> HttpResponse:
    """Show the form; save the suite and go to the choice of models."""
    is_sent = request.method == "POST" and "change" not in request.POST
    evaluation = evaluation_of(request.POST or request.GET, request.membership)
    form = SuiteForm(
        request.POST if is_sent else None,
        initial=_initial(request, evaluation),
        membership=request.membership,
    )
    builder = _builder(request, form)
    if is_sent:
        are_right = builder.check()  # both say what is wrong
        if form.is_valid() and are_right and (suite := _created(request, form, builder)):
            return redirect(_choice_of_models(suite, evaluation))
        _focus_first_error(form, *builder.forms)
    context = {"form": form, "builder": builder, **_tried(request, builder)}
    context["evaluation"] = evaluation
    return render(request, "evals/create.html", context, status=422 if is_sent else 200)


@editors_only
@require_POST
def drift_create(request: AuthedRequest) -> HttpResponse:
    """Make a suite of the drift card and go to the choice of models."""
    suite = authoring.create_suite(
        membership=request.membership,
        material=drift.material(),
        name="",
        graders=drift.GRADERS,
        public_id=token_of(request.POST),
    )
    return redirect("evals:run_create", suite.public_id)


@editors_only
@require_POST
def suite_graders(request: AuthedRequest) -> HttpResponse:
    """Return the graders with everything that was typed, and what they say of the example."""
    form = SuiteForm(initial=_initial(request), membership=request.membership)
    builder = _builder(request, form)
    context = {"form": form, "builder": builder, **_tried(request, builder)}
    return render(request, "evals/create.html#graders", context)


def _created(request: AuthedRequest, form: SuiteForm, builder: GraderBuilder) -> Suite | None:
    data = form.cleaned_data
    try:
        return authoring.create_suite(
            membership=request.membership,
            material=form.material(),
            name=data["name"],
            graders=builder.graders(),
            public_id=data["form_token"],
        )
    except services.Refused as refusal:
        form.add_error(refusal.field if refusal.field != "copied" else None, str(refusal))
        return None


def _focus_first_error(*shown: Form) -> None:
    """Let the page open where something is wrong: the graders stand far down."""
    wrong = (field for form in shown for name, field in form.fields.items() if name in form.errors)
    if field := next(wrong, None):
        field.widget.attrs["autofocus"] = True


def _builder(request: AuthedRequest, form: SuiteForm) -> GraderBuilder:
    """Return the builder: as it was typed, else with the graders of the suite that is copied."""
    original = form.original
    if request.method == "POST":
        typed = typed_in(request.POST)
    else:
        typed = typed_of(original.graders if original else [])
    mine = Connection.objects.visible_to(request.membership).order_by("created_at", "pk")
    has_own = original is not None and original.cases.exclude(grader=None).exists()
    return GraderBuilder(typed, connections=list(mine), has_own=has_own)


def _tried(request: AuthedRequest, builder: GraderBuilder) -> dict[str, Any]:
    """Grade the example, if that was asked for; without words of its own, the first question's."""
    if request.POST.get("change") != "try":
        return {}
    question = None
    if not builder.expected.strip() and (question := _first_question(request)):
        builder.expected = question.expected
    tried: list[Tried] = builder.tried() if builder.check() else []
    return {"tried": tried, "question": question}


def _first_question(request: AuthedRequest) -> Question | None:
    """Return the first question with an expected answer that this form would ask."""
    data = request.POST.copy()
    data["count"] = str(TRIED_COUNT)
    form = SuiteForm(data, membership=request.membership)
    if not form.is_valid():
        return None
    return next((each for each in form.material().questions if each.expected.strip()), None)


def _choice_of_models(suite: Suite, evaluation: Evaluation | None) -> str:
    """Return the address at which the models are chosen: that of the evaluated one is there."""
    address = reverse("evals:run_create", args=[suite.public_id])
    return f"{address}?model={evaluation.model.public_id}" if evaluation else address


def _initial(request: AuthedRequest, evaluation: Evaluation | None = None) -> dict[str, Any]:
    if request.method == "POST":
        return _as_typed(request.POST)
    told = request.GET
    initial = {"dataset": told.get("dataset", ""), "copied": told.get("from", "")}
    if evaluation:
        data = evaluation.data
        initial["model"] = str(evaluation.model.public_id)
        initial["dataset"] = initial["dataset"] or (str(data.public_id) if data else "")
    if collection := told.get("collection"):
        return {**initial, "source": "saved", "collection": collection}
    return initial


def _as_typed(data: QueryDict) -> dict[str, Any]:
    return {name: data[name] for name in SuiteForm.base_fields if name in data}
