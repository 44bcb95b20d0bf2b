"""The form of a suite: what is asked, and how an answer is judged."""

from typing import Any
from uuid import uuid4

from django import forms
from django.utils.translation import gettext_lazy

from apps.accounts.models import Membership
from apps.datasets.models import Version
from apps.evals.cases import MOST_CASES
from apps.evals.grader_words import KIND_WORDS, OPTIONS

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
