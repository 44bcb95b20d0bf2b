"""The fields of a new job that have nothing to do with the method."""

from contextlib import suppress
from uuid import uuid4

from django import forms
from django.core.validators import RegexValidator
from django.db.models import Model
from django.utils.translation import gettext_lazy as _

from apps.datasets.models import Version
from apps.jobs.forms.pairs import PairsField
from apps.jobs.models import Job
from apps.jobs.starting import wandb
from apps.providers.models import Connection
from apps.providers.types import Method

LARGEST_SEED = 2_147_483_647
SUFFIX = RegexValidator(r"\A[A-Za-z0-9_-]*\Z", _("Use only letters, digits, - and _."))


class Origin(forms.ModelChoiceField):  # type: ignore[type-arg]
    """A row that is only remembered: one that is gone meanwhile holds nobody up."""

    widget = forms.HiddenInput

    def clean(self, value: object) -> Model | None:
        """Return the row, or None where there is none."""
        with suppress(forms.ValidationError):
            return super().clean(value)  # type: ignore[no-any-return]
        return None


class JobFields(forms.Form):
    """Everything a job may need. The token makes a double click one job."""

    form_token = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)
    cloned_from = Origin(queryset=Job.objects.none(), to_field_name="public_id", required=False)
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
    method = forms.ChoiceField(label=_("Method"), choices=Method.choices, required=False)
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
    metadata = PairsField(label=_("Labels"), required=False)
    wandb_project = forms.CharField(
        label=_("Project"),
        max_length=wandb.MAX_TEXT,
        required=False,
        help_text=_("Left empty, nothing is reported."),
    )
    wandb_name = forms.CharField(
        label=_("Name of the run"), max_length=wandb.MAX_TEXT, required=False
    )
    wandb_entity = forms.CharField(
        label=_("Team or user"), max_length=wandb.MAX_TEXT, required=False
    )
    wandb_tags = forms.CharField(
        label=_("Tags"), max_length=4000, required=False, help_text=_("With commas between them.")
    )
