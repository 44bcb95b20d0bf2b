"""A field of names and values: rows of two inputs each, empty rows left out."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from apps.jobs.starting.metadata import problem_with

Pairs = list[tuple[str, str]]


class PairsInput(forms.Widget):
    """Reads `<name>_key` and `<name>_value`, each as often as there are rows."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Pairs:
        """Return the rows that hold anything, in their order."""
        rows = zip(data.getlist(f"{name}_key"), data.getlist(f"{name}_value"), strict=False)
        return [(key, value) for key, value in rows if key.strip() or value.strip()]

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        """Say whether the rows were not sent at all."""
        return f"{name}_key" not in data


class PairsField(forms.Field):
    """Cleans to a dictionary of stripped texts."""

    widget = PairsInput

    def prepare_value(self, value: Any) -> Pairs:
        """Return the rows to show."""
        if isinstance(value, Mapping):
            return [(str(key), str(text)) for key, text in value.items()]
        return list(value or ())

    def clean(self, value: Any) -> dict[str, str]:
        """Refuse a name that comes twice, and whatever a provider would refuse."""
        rows: Iterable[tuple[str, str]] = value or ()
        pairs: dict[str, str] = {}
        for key, text in ((key.strip(), text.strip()) for key, text in rows):
            if key in pairs:
                raise forms.ValidationError(_("“%(key)s” is there twice.") % {"key": key})
            pairs[key] = text
        if problem := problem_with(pairs):
            raise forms.ValidationError(problem)
        return pairs
