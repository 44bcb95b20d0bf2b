"""The form of what a workspace knows better: limits and dates, and a line of prices per model."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.core.validators import MinValueValidator
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.providers.overrides import DATES, LIMITS
from apps.providers.profiles import Profile
from apps.providers.profiles.prices import AMOUNTS, Price
from apps.providers.profiles.words import AMOUNT_LABELS

NEW_LINES = 2
LABELS = {
    "last_training_date": gettext_lazy("Last day for new jobs"),
    "last_answers_date": gettext_lazy("Last day on which tuned models answer"),
    "min_examples": gettext_lazy("Examples at least"),
    "max_examples": gettext_lazy("Examples at most"),
    "max_file_bytes": gettext_lazy("File at most, in bytes"),
}
Values = Mapping[tuple[str, str], str]  # (model, name) → value as text; "" takes ours again


class OverrideForm(forms.Form):
    """Empty fields leave what Retune's own data says, which stands in them as a hint."""

    as_of = forms.DateField(
        label=gettext_lazy("Read on"), widget=forms.DateInput(attrs={"type": "date"})
    )
    source = forms.CharField(
        label=gettext_lazy("Where you read it"),
        max_length=300,
        help_text=gettext_lazy("An address, an offer, a contract. Kept for what you change now."),
    )

    def __init__(self, *args: Any, profile: Profile, own: Values, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("as_of", timezone.localdate().isoformat())
        for name in DATES:
            self.fields[name] = _date(name, own, profile)
        for name in LIMITS:
            self.fields[name] = _count(name, own, profile)
        priced = sorted({*profile.prices, *(model for model, _name in own if model)})
        self.models = [*priced, *[""] * NEW_LINES]
        for number, model in enumerate(self.models):
            self._add_line(number, model, profile.prices.get(model), own)

    def _add_line(self, number: int, model: str, ours: Price | None, own: Values) -> None:
        self.fields[f"model_{number}"] = forms.CharField(
            label=_("Model"),
            required=False,
            max_length=200,
            initial=model,
            widget=forms.HiddenInput if model else forms.TextInput,
        )
        for name in AMOUNTS:
            hint = getattr(ours, name) if ours else None
            value = own.get((model, name), "") if model else ""
            self.fields[f"{name}_{number}"] = _amount(name, hint, value)

    @property
    def amount_labels(self) -> list[Any]:
        """The heads of the columns of prices."""
        return list(AMOUNT_LABELS.values())

    @property
    def general_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in (*DATES, *LIMITS)]

    @property
    def lines(self) -> Iterator[tuple[str, forms.BoundField, list[forms.BoundField]]]:
        """Yield each line of prices: its model, that field, and its amounts."""
        for number, model in enumerate(self.models):
            amounts = [self[f"{name}_{number}"] for name in AMOUNTS]
            yield model, self[f"model_{number}"], amounts

    def clean(self) -> None:
        """Refuse an amount without a model."""
        for number in range(len(self.models)):
            amounts = [self.cleaned_data.get(f"{name}_{number}") for name in AMOUNTS]
            has_amount = any(amount is not None for amount in amounts)
            if has_amount and not self.cleaned_data.get(f"model_{number}"):
                self.add_error(f"model_{number}", _("Name the model that this is the price of."))

    def values(self) -> dict[tuple[str, str], str]:
        """Return every field as text, by model and name."""
        data = self.cleaned_data
        found = {("", name): _text(data.get(name)) for name in (*DATES, *LIMITS)}
        for number in range(len(self.models)):
            if model := data.get(f"model_{number}"):
                amounts = {(model, name): _text(data.get(f"{name}_{number}")) for name in AMOUNTS}
                found |= amounts
        return found


def _date(name: str, own: Values, profile: Profile) -> forms.Field:
    return forms.DateField(
        label=LABELS[name],
        required=False,
        initial=own.get(("", name), ""),
        help_text=_hint(getattr(profile, name)),
        widget=forms.DateInput(attrs={"type": "date"}),
    )


def _count(name: str, own: Values, profile: Profile) -> forms.Field:
    return forms.IntegerField(
        label=LABELS[name],
        required=False,
        min_value=1,
        max_value=10**15,
        initial=own.get(("", name), ""),
        help_text=_hint(getattr(profile, name)),
    )


def _hint(ours: object) -> str:
    return "" if ours is None else _("Retune’s data says: %(value)s.") % {"value": ours}


def _amount(name: str, ours: Decimal | None, value: str) -> forms.Field:
    widget = forms.NumberInput(attrs={"placeholder": "–" if ours is None else f"{ours:f}"})
    return forms.DecimalField(
        label=AMOUNT_LABELS[name],
        required=False,
        max_digits=12,
        decimal_places=4,
        validators=[MinValueValidator(0)],
        initial=value,
        widget=widget,
    )


def _text(value: object) -> str:
    return "" if value is None else str(value)
