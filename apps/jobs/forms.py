"""The forms of jobs: shape and ownership. Whether a job may start is the service's business."""

from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.core.validators import MinValueValidator, RegexValidator
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Membership
from apps.datasets.models import Version
from apps.jobs.base_models import ModelPicker
from apps.jobs.models import Budget
from apps.jobs.selectors import Filters
from apps.providers.hyperparameters import HyperparameterField
from apps.providers.models import Connection
from apps.providers.profiles import profile_for
from apps.providers.types import Hyperparameter, JobStatus

LARGEST_SEED = 2_147_483_647
HYPERPARAMETERS = profile_for("generic").hyperparameters  # the same numbers for every profile
SUGGESTIONS_ID = "model-suggestions"
SUFFIX = RegexValidator(r"\A[A-Za-z0-9_-]*\Z", _("Use only letters, digits, - and _."))


class JobForm(forms.Form):
    """Everything a job needs. The token makes a double click one job."""

    form_token = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)
    training_data = forms.ModelChoiceField(
        label=_("Training dataset"),
        queryset=Version.objects.none(),
        to_field_name="public_id",
        empty_label=_("Choose a dataset"),
        help_text=_("The examples that the model learns from."),
    )
    validation_data = forms.ModelChoiceField(
        label=_("Validation dataset"),
        queryset=Version.objects.none(),
        to_field_name="public_id",
        required=False,
        empty_label=_("None"),
        help_text=_("Other examples, to see whether the model learns more than the words."),
    )
    connection = forms.ModelChoiceField(
        label=_("Connection"),
        queryset=Connection.objects.none(),
        to_field_name="public_id",
        empty_label=None,
        help_text=_("Who trains the model."),
    )
    base_model = forms.CharField(
        label=_("Base model"), max_length=200, help_text=_("The model that training starts from.")
    )
    name = forms.CharField(
        label=_("Name"),
        max_length=200,
        required=False,
        help_text=_("To find the job again. Left empty, it is named after dataset and model."),
    )
    suffix = forms.CharField(
        label=_("Suffix"),
        max_length=64,
        required=False,
        validators=[SUFFIX],
        help_text=_("Becomes part of the tuned model's name."),
    )
    seed = forms.IntegerField(
        label=_("Seed"),
        min_value=0,
        max_value=LARGEST_SEED,
        required=False,
        help_text=_("The same seed, data and settings give the same or nearly the same model."),
    )

    def __init__(self, *args: Any, membership: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ready = Version.objects.visible_to(membership).ready().defer("statistics")
        newest = ready.order_by("-created_at", "-pk")
        connections = Connection.objects.visible_to(membership).order_by("created_at", "pk")
        for name, rows in (
            ("training_data", newest),
            ("validation_data", newest),
            ("connection", connections),
        ):
            self.fields[name].queryset = rows  # type: ignore[attr-defined]
        for number in HYPERPARAMETERS:
            self.fields[number.name] = _number_field(number)
        self.order_fields([name for name in self.fields if name != "seed"])  # as on the page

    def offer(self, picker: ModelPicker) -> None:
        """Show the base models as a list to choose from, or as suggestions for free text."""
        attrs = {"list": SUGGESTIONS_ID, "autocomplete": "off", "maxlength": 200}
        options = [(model, model) for model in picker.tunable]
        widget = forms.Select(choices=options) if options else forms.TextInput(attrs=attrs)
        widget.is_required = True
        self.fields["base_model"].widget = widget
        self.initial["base_model"] = picker.chosen

    def focus_first_error(self) -> None:
        """Let the browser go to the first wrong field; it needs no JavaScript for that."""
        for name in self.fields:
            if name in self.errors:
                self.fields[name].widget.attrs["autofocus"] = True
                return

    @property
    def hyperparameter_fields(self) -> list[forms.BoundField]:
        return [self[number.name] for number in HYPERPARAMETERS]

    def hyperparameters(self) -> dict[str, Hyperparameter]:
        """Return what was chosen; an empty field leaves the number to the provider."""
        chosen = {number.name: self.cleaned_data.get(number.name) for number in HYPERPARAMETERS}
        return {name: "auto" if value is None else value for name, value in chosen.items()}

    def wish(self) -> dict[str, Any]:
        """Return the arguments of services.create_job."""
        names = ("training_data", "validation_data", "connection", "base_model", "name", "suffix")
        wish = {name: self.cleaned_data[name] for name in (*names, "seed")}
        token = self.cleaned_data["form_token"]
        return wish | {"hyperparameters": self.hyperparameters(), "public_id": token}


def _number_field(number: HyperparameterField) -> forms.Field:
    """Return the field of one hyperparameter. Empty means automatic."""
    step = "1" if number.is_integer else "any"
    widget = forms.NumberInput(attrs={"placeholder": _("Automatic"), "step": step})
    words: dict[str, Any] = {"label": number.label, "help_text": number.explanation}
    words |= {"required": False, "widget": widget}
    if number.is_integer:
        low, high = int(number.minimum or 0), int(number.maximum or 0)
        return forms.IntegerField(min_value=low, max_value=high, **words)
    return forms.FloatField(min_value=number.minimum, max_value=number.maximum, **words)


class FilterForm(forms.Form):
    """The filters of the list, as they stand in its address."""

    status = forms.ChoiceField(
        label=_("Status"),
        choices=[("", _("All")), ("active", _("Active")), *JobStatus.choices],
        required=False,
    )
    connection = forms.ModelChoiceField(
        label=_("Connection"),
        queryset=Connection.objects.none(),
        to_field_name="public_id",
        required=False,
        empty_label=_("All"),
    )
    q = forms.CharField(
        label=_("Search"),
        max_length=100,
        required=False,
        widget=forms.TextInput(
            attrs={"type": "search", "placeholder": _("Name, model or dataset")}
        ),
    )

    def __init__(self, data: QueryDict, *, membership: Membership) -> None:
        super().__init__(data)
        connections = Connection.objects.visible_to(membership).order_by("name", "pk")
        self.fields["connection"].queryset = connections  # type: ignore[attr-defined]

    def filters(self) -> Filters:
        """Return the filters that make sense; the others are not there."""
        self.is_valid()
        connection: Connection | None = self.cleaned_data.get("connection")
        return Filters(
            status=self.cleaned_data.get("status", ""),
            connection=connection.public_id if connection else None,
            search=self.cleaned_data.get("q", ""),
        )


class BudgetForm(forms.ModelForm):  # type: ignore[type-arg]
    """The limits of a workspace."""

    class Meta:
        model = Budget
        fields = ("monthly_usd", "per_job_usd", "holds_unknown")
        labels = {
            "monthly_usd": _("Limit of a month, in US dollars"),
            "per_job_usd": _("Limit of a job, in US dollars"),
            "holds_unknown": _("Ask an owner also when nobody can tell what a job will cost"),
        }
        help_texts = {
            "monthly_usd": _("Of the calendar month. Left empty, a month has no limit."),
            "per_job_usd": _("Left empty, a job has no limit of its own."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("monthly_usd", "per_job_usd"):
            self.fields[name].validators.append(MinValueValidator(0))
            self.fields[name].widget.attrs["min"] = "0"


def training_data_asked_for(query: QueryDict) -> UUID | None:
    """Return the dataset that a link to the form preselects."""
    try:
        return UUID(query.get("training_data", ""))
    except ValueError:
        return None
