"""The forms around one answer: the right one, and the question saved for later."""

from typing import cast

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Membership
from apps.core.widgets import Textarea
from apps.datasets.models import Dataset
from apps.evals.questions.saving import LONGEST_NAME

LONGEST_ANSWER = 200_000
LONGEST_NOTE = 2_000


class CorrectionForm(forms.Form):
    """The right answer, and the dataset whose next version is to teach it."""

    REPLACE, ADD = "replace", "add"

    answer = forms.CharField(
        label=_("The right answer"),
        max_length=LONGEST_ANSWER,
        strip=False,
        error_messages={"required": _("Write the right answer first.")},
        widget=Textarea(attrs={"rows": 6, "data-grow": True}),
    )
    dataset = forms.ModelChoiceField(
        Dataset.objects.none(),
        label=_("Dataset"),
        to_field_name="public_id",
        empty_label=_("Choose a dataset"),
        error_messages={
            "required": _("Choose a dataset."),
            "invalid_choice": _("Choose a dataset."),
        },
    )
    where = forms.ChoiceField(
        choices=[(REPLACE, _("Replace the answer that is there")), (ADD, _("Add another row"))],
        required=False,
    )
    own_prompt = forms.BooleanField(required=False)

    def __init__(self, *args: object, membership: Membership, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        field = cast("forms.ModelChoiceField[Dataset]", self.fields["dataset"])
        field.queryset = Dataset.objects.editable_by(membership).order_by("name", "pk")

    def clean_answer(self) -> str:
        """Return the answer with the line ends of training data; spaces alone are none."""
        answer: str = self.cleaned_data["answer"].replace("\r\n", "\n")
        if not answer.strip():
            raise forms.ValidationError(gettext("Write the right answer first."))
        return answer


class CaseForm(forms.Form):
    """A question saved for evals. A collection is what a suite is made from."""

    collection = forms.CharField(
        label=_("Collection"),
        max_length=LONGEST_NAME,
        help_text=_("A suite is made from one collection. A new name makes a new one."),
        widget=forms.TextInput(attrs={"list": "collections", "autocomplete": "off"}),
        error_messages={"required": _("Give the collection a name.")},
    )
    expected = forms.CharField(
        label=_("Expected answer"),
        max_length=LONGEST_ANSWER,
        strip=False,
        required=False,
        help_text=_("Leave it empty where people or a judge decide."),
        widget=Textarea(attrs={"rows": 5, "data-grow": True}),
    )
    note = forms.CharField(
        label=_("Note"),
        max_length=LONGEST_NOTE,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def clean_expected(self) -> str:
        """Return the answer with the line ends of training data."""
        expected: str = self.cleaned_data["expected"]
        return expected.replace("\r\n", "\n")
