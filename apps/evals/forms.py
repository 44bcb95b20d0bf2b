"""The forms of evals: shape and ownership."""

from typing import Any
from uuid import uuid4

from django import forms
from django.core.validators import MinValueValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.accounts.models import Membership
from apps.datasets.models import Version
from apps.evals.cases import MOST_CASES
from apps.evals.grader_words import KIND_WORDS, OPTIONS
from apps.evals.model_options import Option
from apps.evals.services import MOST_MODELS, ModelChoice

LARGEST_SEED = 2_147_483_647


class SuiteForm(forms.Form):
    """Which rows are asked, and how an answer is judged. The token makes a double click one."""

    form_token = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)
    dataset = forms.ModelChoiceField(
        label=gettext_lazy("Dataset"),
        queryset=Version.objects.none(),
        to_field_name="public_id",
        empty_label=gettext_lazy("Choose a dataset"),
        help_text=gettext_lazy(
            "Take rows that no model was trained on, such as your validation data: "
            "what a model has seen it only has to remember."
        ),
    )
    count = forms.IntegerField(
        label=gettext_lazy("Rows at most"),
        min_value=1,
        max_value=MOST_CASES,
        initial=200,
        help_text=gettext_lazy(
            "Taken at random. More rows show smaller differences, and cost more."
        ),
    )
    seed = forms.IntegerField(
        label=gettext_lazy("Seed"),
        min_value=0,
        max_value=LARGEST_SEED,
        initial=1,
        help_text=gettext_lazy("The same seed takes the same rows."),
    )
    kinds = forms.MultipleChoiceField(
        label=gettext_lazy("An answer is right if it"),
        choices=list(KIND_WORDS.items()),
        initial=["normalised"],
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Each of them is judged and compared by itself."),
    )
    name = forms.CharField(label=gettext_lazy("Name"), max_length=200, required=False)

    def __init__(self, *args: Any, membership: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ready = Version.objects.visible_to(membership).ready().defer("statistics")
        dataset: Any = self.fields["dataset"]
        dataset.queryset = ready.order_by("-created_at", "-pk")

    def graders(self) -> list[dict[str, Any]]:
        """Return the chosen graders as a suite keeps them."""
        return [{"kind": kind, **OPTIONS.get(kind, {})} for kind in self.cleaned_data["kinds"]]


class RunForm(forms.Form):
    """Which models are asked, and with which settings."""

    form_token = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)
    baseline = forms.ChoiceField(
        label=gettext_lazy("Compare with"),
        help_text=gettext_lazy("Mostly the base model, or the model that is to be replaced."),
    )
    others = forms.MultipleChoiceField(
        label=gettext_lazy("Is this better?"), widget=forms.CheckboxSelectMultiple
    )
    temperature = forms.FloatField(
        label=gettext_lazy("Temperature"),
        min_value=0,
        max_value=2,
        initial=0,
        required=False,
        help_text=gettext_lazy(
            "0 gives the same answer each time, and an answer that is known is not asked for again."
        ),
    )
    max_tokens = forms.IntegerField(
        label=gettext_lazy("Longest answer, in tokens"),
        min_value=1,
        max_value=100_000,
        initial=512,
        required=False,
    )
    budget_usd = forms.DecimalField(
        label=gettext_lazy("Budget, in US dollars"),
        required=False,
        max_digits=12,
        decimal_places=2,
        validators=[MinValueValidator(0)],
        help_text=gettext_lazy("Nothing more is asked once the answers have cost this much."),
    )

    def __init__(self, *args: Any, options: list[Option], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._options = {option.value: option for option in options}
        shown = [(option.value, option.label) for option in options]
        baseline: Any = self.fields["baseline"]
        others: Any = self.fields["others"]
        baseline.choices, others.choices = shown, shown

    def clean(self) -> None:
        """Refuse a model beside itself, and too many of them."""
        data = self.cleaned_data
        chosen = data.get("others") or []
        if data.get("baseline") in chosen:
            self.add_error("others", _("This is the model that the others are compared with."))
        if len(chosen) > MOST_MODELS - 1:
            words = _("Choose at most %(limit)d models.")
            self.add_error("others", words % {"limit": MOST_MODELS - 1})

    def choices(self) -> list[ModelChoice]:
        """Return the chosen models, first the one that the others are compared with."""
        chosen = [self.cleaned_data["baseline"], *self.cleaned_data["others"]]
        return [self._options[value].choice for value in chosen]
