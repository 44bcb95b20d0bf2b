"""The settings of a training as form fields: those that a provider has for a method."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext as _

from apps.core.widgets import WireSelect
from apps.providers.profiles import Profile
from apps.providers.profiles.hyperparameter_words import WORDS
from apps.providers.profiles.hyperparameters import HyperparameterField
from apps.providers.types import Hyperparameter, Method

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

MAX_TEXT = 500
MOST_USED = 3  # epochs, batch size and learning rate, at every provider
# What any provider calls a setting: values of these are never lost without a word.
LABELS: dict[str, "StrPromise"] = {name: label for name, (label, _about) in WORDS.items()}


def in_order(profile: Profile, method: Method) -> list[HyperparameterField]:
    """Return the settings as they are shown: those of this method only right after the first."""
    found = profile.hyperparameters_for(method)
    first, rest = found[:MOST_USED], found[MOST_USED:]
    return [*first, *sorted(rest, key=lambda setting: setting.methods != (method,))]


def field_of(setting: HyperparameterField) -> forms.Field:
    """Return the field of one setting. Empty leaves it to the provider."""
    words: dict[str, Any] = {"label": _label(setting), "help_text": _help(setting)}
    words["required"] = False
    if setting.kind == "boolean":
        empty, yes, no = ("", _when_empty(setting)), ("true", _("Yes")), ("false", _("No"))
        return forms.ChoiceField(choices=[empty, yes, no], **words)
    if setting.kind == "choice":
        choices = [("", _when_empty(setting)), *((each, each) for each in setting.choices)]
        return forms.ChoiceField(choices=choices, widget=WireSelect, **words)
    attrs = {"placeholder": _when_empty(setting), "autocomplete": "off"}
    if setting.kind == "text":
        return forms.CharField(max_length=MAX_TEXT, widget=forms.TextInput(attrs=attrs), **words)
    limits: dict[str, Any] = {"min_value": setting.minimum, "max_value": setting.maximum}
    if setting.is_integer:
        limits = {name: None if end is None else int(end) for name, end in limits.items()}
        return forms.IntegerField(widget=forms.NumberInput(attrs=attrs), **limits, **words)
    widget = forms.NumberInput(attrs={**attrs, "step": "any"})
    return forms.FloatField(widget=widget, **limits, **words)


def chosen(
    settings: Iterable[HyperparameterField], data: Mapping[str, Any]
) -> dict[str, Hyperparameter]:
    """Return what was chosen. Empty is "auto" where a provider knows the word, else left out."""
    found: dict[str, Hyperparameter] = {}
    for setting in settings:
        value = data.get(setting.name)
        if value not in (None, ""):
            found[setting.name] = value == "true" if setting.kind == "boolean" else value
        elif setting.takes_auto:
            found[setting.name] = "auto"
    return found


def as_typed(value: object) -> object:
    """Return a kept value as a person would have put it into the field."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None or value == "auto" else value


def _label(setting: HyperparameterField) -> str:
    if setting.unit == "absolute":
        return _("%(label)s, absolute") % {"label": setting.label}
    return str(setting.label)


def _help(setting: HyperparameterField) -> str:
    return " ".join(filter(None, (str(setting.explanation), _range(setting))))


def _range(setting: HyperparameterField) -> str:
    low, high = setting.minimum, setting.maximum
    if setting.kind not in ("integer", "number") or low is None:
        return ""
    if high is None:
        return _("At least %(low)g.") % {"low": low}
    return _("From %(low)s to %(high)s.") % {"low": _plain(low), "high": _plain(high)}


def _when_empty(setting: HyperparameterField) -> str:
    if setting.takes_auto:
        return _("Automatic")
    if setting.default is None:
        return _("The provider's choice")
    default = setting.default
    if isinstance(default, bool):
        default = _("yes") if default else _("no")
    words = _("The provider's choice: %(default)s")
    return words % {"default": default if isinstance(default, str) else _plain(default)}


def _plain(number: float) -> str:
    """Write a number as one would: 0.0001 and 131072, not 1e-04 and 1.31072e+05."""
    text = f"{number:.10f}".rstrip("0").rstrip(".")
    return text if float(text or 0) == number else f"{number:g}"
