"""The builder of a grader: a form for each part, put together into OpenAI's shape."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.core.widgets import WireSelect
from apps.jobs.forms.grader_input import GraderInput, Part
from apps.jobs.graders import shape
from apps.jobs.graders.shape import MULTI, Kind, Metric, Operation
from apps.jobs.graders.templates import item_reference
from apps.jobs.starting.trials import Readable

ANSWER = "{{sample.output_text}}"
NAMED = "grader_{}"
TOGETHER = "graders"  # what a grader of several is called
TEMPLATES_ID = "grader-templates"
FIELD_OF = {"type": "kind", "evaluation_metric": "metric"}  # where the form says it in other words


class GraderForm(forms.Form):
    """One grader. What is wrong with it is said by `shape`, which also judges what comes by API."""

    kind = forms.ChoiceField(label=gettext_lazy("What it does"), choices=Kind.choices)
    name = forms.CharField(
        label=gettext_lazy("Name"), required=False, help_text=gettext_lazy("For the formula.")
    )
    input = forms.CharField(label=gettext_lazy("This"), required=False)
    operation = forms.ChoiceField(
        label=gettext_lazy("Scores 1 if it"), choices=Operation.choices, required=False
    )
    metric = forms.ChoiceField(
        label=gettext_lazy("Measured by"),
        choices=Metric.choices,
        required=False,
        widget=WireSelect,
    )
    reference = forms.CharField(label=gettext_lazy("Compared with"), required=False)

    def __init__(self, place: str, part: Part, *, is_one_of_many: bool) -> None:
        values = {f"grader-{place}-{name}": value for name, value in part.items()}
        super().__init__(values, prefix=f"grader-{place}")
        self.place = place
        is_exact = part.get("kind") == Kind.STRING_CHECK
        for name, is_shown in (
            ("name", is_one_of_many),
            ("operation", is_exact),
            ("metric", not is_exact),
        ):
            if not is_shown:
                del self.fields[name]
        for name in ("input", "reference"):
            attrs = {"list": TEMPLATES_ID, "autocomplete": "off", "maxlength": shape.MAX_TEXT}
            self.fields[name].widget.attrs.update(attrs)


class GraderBuilder:
    """The parts of a grader on the form, and what the rows have for it to read."""

    def __init__(self, typed: GraderInput, rows: Readable) -> None:
        self.keys = rows.keys
        self.sample = rows.example if typed.sample is None else typed.sample
        self.formula = typed.formula
        self.formula_error = ""
        self.parts = _complete(typed.parts or {"1": {}}, rows.keys)
        many = len(self.parts) > 1
        self.forms = [
            GraderForm(place, part, is_one_of_many=many) for place, part in self.parts.items()
        ]

    @property
    def references(self) -> list[str]:
        """The templates that can be put in: the model's answer, and what the rows have."""
        return [ANSWER, *filter(None, map(item_reference, self.keys))]

    @property
    def is_full(self) -> bool:
        return len(self.parts) >= shape.MAX_GRADERS

    @property
    def has_several(self) -> bool:
        return len(self.parts) > 1

    @property
    def mean(self) -> str:
        """The formula that is used where none is given."""
        return shape.mean_of([part["name"] for part in self.parts.values()])

    def shape(self) -> dict[str, Any]:
        """Return the grader in OpenAI's shape."""
        parts = [_single(part) for part in self.parts.values()]
        if len(parts) == 1:
            return parts[0]
        graders = {part["name"]: part for part in parts}
        formula = self.formula.strip() or self.mean
        return {"type": MULTI, "name": TOGETHER, "graders": graders, "calculate_output": formula}

    def check(self) -> bool:
        """Say at each field what is wrong; True when nothing is."""
        by_name: dict[str, GraderForm] = {}
        for form, part in zip(self.forms, self.parts.values(), strict=True):
            if part["name"] in by_name:
                self._tell(form, "name", _("Another grader has this name."))
            by_name.setdefault(part["name"], form)
        for problem in shape.problems(self.shape(), self.keys):
            if problem.field == "calculate_output":
                self.formula_error = problem.message
            else:
                form = by_name.get(problem.grader, self.forms[0])
                self._tell(form, FIELD_OF.get(problem.field, problem.field), problem.message)
        return not (self.formula_error or any(form.errors for form in self.forms))

    def _tell(self, form: GraderForm, name: str, message: str) -> None:
        if name not in form.errors:  # reading them validates, which comes before adding to them
            form.add_error(name if name in form.fields else None, message)


def _complete(parts: Mapping[str, Part], keys: Sequence[str]) -> dict[str, Part]:
    """Fill in what nobody has said yet: compare the answer with the first key of the rows."""
    reference = next(filter(None, map(item_reference, keys)), "")
    beginning = {
        "kind": Kind.STRING_CHECK.value,
        "input": ANSWER,
        "operation": Operation.EQ.value,
        "metric": Metric.FUZZY_MATCH.value,
        "reference": reference,
    }
    whole: dict[str, Part] = {}
    for number, (place, part) in enumerate(parts.items(), 1):
        told = part if part.get("kind") else {}
        choices = {name: told.get(name) or beginning[name] for name in ("operation", "metric")}
        name = told.get("name", "").strip() or NAMED.format(number)
        whole[place] = {**beginning, **told, **choices, "name": name}
    return whole


def _single(part: Part) -> dict[str, Any]:
    common = {name: part[name] for name in ("name", "input", "reference")}
    if part["kind"] == Kind.STRING_CHECK:
        return {"type": part["kind"], **common, "operation": part["operation"]}
    return {"type": part["kind"], **common, "evaluation_metric": part["metric"]}
