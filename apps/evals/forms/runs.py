"""The form of a run: which models are asked, and how."""

from typing import Any
from uuid import uuid4

from django import forms
from django.core.validators import MinValueValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.evals.asking import model_options
from apps.evals.asking.model_options import Option
from apps.evals.asking.starting import ModelChoice
from apps.evals.models import MOST_SAMPLES
from apps.evals.services import MOST_MODELS

LARGEST_SEED = 2_147_483_647
SETTINGS = ("temperature", "max_tokens", "samples", "seed", "wants_logprobs", "budget_usd")


class RunForm(forms.Form):
    """Which models are asked, and with which settings."""

    form_token = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)
    baseline = forms.ChoiceField(
        label=gettext_lazy("Compare with"),
        required=False,
        help_text=gettext_lazy(
            "Mostly the base model, or the model that is to be replaced. One model can be measured "
            "by itself, but only a comparison says whether it is better."
        ),
    )
    others = forms.MultipleChoiceField(
        label=gettext_lazy("Which models?"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Choose a model.")},
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
    samples = forms.IntegerField(
        label=gettext_lazy("Answers to each question"),
        min_value=1,
        max_value=MOST_SAMPLES,
        initial=1,
        required=False,
        help_text=gettext_lazy(
            "Several answers of each model show how steady it is. They cost as many times as much."
        ),
    )
    seed = forms.IntegerField(
        label=gettext_lazy("Seed"),
        min_value=0,
        max_value=LARGEST_SEED,
        required=False,
        help_text=gettext_lazy(
            "With a seed, models try to give the same answers again; each further answer to a "
            "question counts it up by one."
        ),
    )
    wants_logprobs = forms.BooleanField(
        label=gettext_lazy("Ask for the probabilities of words"),
        required=False,
        help_text=gettext_lazy(
            "With them, labels get curves and a calibration. Models that tell none are asked "
            "without."
        ),
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
        baseline: Any = self.fields["baseline"]
        others: Any = self.fields["others"]
        shown = model_options.grouped(options)
        alone = ("", _("nothing: measure one model by itself"))
        baseline.choices, others.choices = [alone, *shown], shown

    def clean_samples(self) -> int:
        """Take one answer where nothing is said."""
        return self.cleaned_data["samples"] or 1

    def clean(self) -> None:
        """Refuse a model beside itself, too many of them, and several without a first."""
        data = self.cleaned_data
        chosen, baseline = data.get("others") or [], data.get("baseline")
        if baseline == "" and len(chosen) > 1:
            self.add_error("baseline", _("Choose which model these are compared with."))
        if baseline in chosen:
            self.add_error("others", _("This is the model that the others are compared with."))
        if len(chosen) > MOST_MODELS - 1:
            words = _("Choose at most %(limit)d models.")
            self.add_error("others", words % {"limit": MOST_MODELS - 1})

    def choices(self) -> list[ModelChoice]:
        """Return the chosen models, first the one that the others are compared with, if any."""
        baseline = self.cleaned_data["baseline"]
        chosen = [*([baseline] if baseline else []), *self.cleaned_data["others"]]
        return [self._options[value].choice for value in chosen]

    def groups(self) -> list[tuple[str, list[Any]]]:
        """Return the boxes of all models under their connections."""
        found: dict[str, list[Any]] = {}
        for box in self["others"].subwidgets:
            group = self._options[str(box.data["value"])].group
            found.setdefault(group, []).append(box)
        return list(found.items())

    def settings(self) -> dict[str, Any]:
        """Return what all models are asked with, as a run keeps it."""
        return {name: self.cleaned_data[name] for name in SETTINGS}


class AgainForm(forms.Form):
    """Going on with a run that has ended; with more money where that was the reason."""

    budget_usd = forms.DecimalField(
        label=gettext_lazy("Budget, in US dollars"),
        required=False,
        max_digits=12,
        decimal_places=2,
        validators=[MinValueValidator(0)],
    )
