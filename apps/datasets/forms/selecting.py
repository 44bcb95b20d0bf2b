"""The forms of splits, samples and merges. A token in each makes a double click one."""

from typing import Any
from uuid import uuid4

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.datasets.recipes.selecting import CLASSIC_MOST, CLASSIC_SHARE, LARGEST_SEED, SEED

SIZES = [("share", _("A share of the rows")), ("count", _("A number of rows"))]


class ChoosingForm(forms.Form):
    """What a split and a sample have in common: how many rows, and chosen how."""

    form_token = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)
    size = forms.ChoiceField(label=_("How many rows"), choices=SIZES, widget=forms.RadioSelect)
    percent = forms.FloatField(
        label=_("Percent of the rows"), min_value=0.01, max_value=99.99, required=False
    )
    count = forms.IntegerField(label=_("Number of rows"), min_value=1, required=False)
    stratify = forms.BooleanField(
        label=_("Keep the mix of labels"),
        required=False,
        help_text=_("Each short answer keeps its share of the rows. For classification."),
    )
    seed = forms.IntegerField(
        label=_("Seed"),
        min_value=0,
        max_value=LARGEST_SEED,
        initial=SEED,
        help_text=_("The same seed chooses the same rows again."),
    )

    def clean(self) -> dict[str, Any]:
        """Ask for the number that the chosen size needs."""
        cleaned = super().clean() or self.cleaned_data
        needed = {"share": "percent", "count": "count"}.get(cleaned.get("size", ""))
        if needed and cleaned.get(needed) is None and needed not in self.errors:
            self.add_error(needed, _("Fill this in."))
        return cleaned

    def params(self) -> dict[str, Any]:
        """Return the settings of the step that chooses."""
        chosen = self.cleaned_data
        params = {"seed": chosen["seed"], "stratify": chosen["stratify"]}
        if chosen["size"] == "count":
            return params | {"count": chosen["count"]}
        return params | {"share": round(chosen["percent"] / 100, 6)}


class SplitForm(ChoosingForm):
    """Begins with the rule of OpenAI's preparation tool: 20 %, at most 1,000 rows."""

    most = forms.IntegerField(
        label=_("But at most (rows)"),
        min_value=1,
        required=False,
        help_text=_("More than a thousand rows rarely tell more about a model."),
    )
    group = forms.BooleanField(
        label=_("Keep rows with the same question together"),
        required=False,
        help_text=_("Else the model is tested on questions that it was trained to answer."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["size"].label = _("Rows to validate with")
        percent = round(100 * (1 - CLASSIC_SHARE))
        start = {"size": "share", "percent": percent, "most": CLASSIC_MOST, "group": True}
        self.initial = {**start, **self.initial}

    def params(self) -> dict[str, Any]:
        """Return the settings of the step, which speaks of the rows to train on."""
        chosen = self.cleaned_data
        params = super().params() | {"group": chosen["group"]}
        if "share" in params:
            params |= {"share": round(1 - params["share"], 6), "most": chosen["most"]}
        return params


class SampleForm(ChoosingForm):
    into = forms.ChoiceField(
        label=_("Make of it"),
        choices=[
            ("dataset", _("A dataset of its own")),
            ("version", _("The next version of this dataset")),
        ],
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial = {"size": "share", "percent": 10, "into": "dataset", **self.initial}


class MergeForm(forms.Form):
    """What to make of the chosen versions; which they are stands in the address."""

    form_token = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)
    into = forms.ChoiceField(
        label=_("Make of it"),
        choices=[
            ("dataset", _("A dataset of its own")),
            ("version", _("The next version of the first dataset")),
        ],
        initial="dataset",
        widget=forms.RadioSelect,
    )
    name = forms.CharField(label=_("Name of the new dataset"), max_length=200, required=False)
    drop_copies = forms.BooleanField(
        label=_("Leave out rows that come again"),
        required=False,
        help_text=_("Of equal rows the first one stays."),
    )
