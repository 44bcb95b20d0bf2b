"""The form of a sweep: the form of a job whose settings take several values."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django import forms
from django.core.validators import MinValueValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.jobs.forms import JobForm
from apps.jobs.forms.settings import field_of
from apps.jobs.starting.wanted import Wanted
from apps.providers.profiles.hyperparameters import HyperparameterField
from apps.providers.types import Hyperparameter, Method
from apps.sweeps import grid as grids

MOST_AT_ONCE = 8


class SweepForm(JobForm):
    """One value of a setting is the same in every job; several are tried one by one."""

    at_once = forms.IntegerField(
        label=gettext_lazy("Jobs at the same time"), min_value=1, max_value=MOST_AT_ONCE, initial=2
    )
    budget_usd = forms.DecimalField(
        label=gettext_lazy("Budget, in US dollars"),
        required=False,
        max_digits=12,
        decimal_places=2,
        validators=[MinValueValidator(0)],
        help_text=gettext_lazy(
            "A job that could go over it is not started. Left empty, all of them are."
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for setting in self.settings:
            self.fields[setting.name] = _values_field(setting)
        self.fields["name"].help_text = _("To find it again. Its jobs are named after it.")

    @property
    def value_fields(self) -> list[forms.BoundField]:
        """The settings, each with a field for its values."""
        return [self[setting.name] for setting in self.settings]

    def clean(self) -> None:
        """Refuse a grid that is none, and one that is too large."""
        super().clean()
        if any(setting.name in self.errors for setting in self.settings):
            return
        total = grids.count(self.grid())
        if total < 2:
            self.add_error(None, _("Give at least one setting several values, such as: 1, 2, 4."))
        if total > grids.MOST_TRIALS:
            words = _("These are %(total)d jobs. A sweep has at most %(most)d; give fewer values.")
            self.add_error(None, words % {"total": total, "most": grids.MOST_TRIALS})

    def wanted(self) -> Wanted:
        """Return what every job is made from; a grader comes from the job that was begun with."""
        model = self.cleaned_data["cloned_from"]
        is_reinforcement = self.chosen.method == Method.REINFORCEMENT
        grader = model.grader if model and is_reinforcement else {}
        return replace(super().wanted(), grader=grader)

    def grid(self) -> dict[str, list[Hyperparameter]]:
        """Return the settings that differ between the jobs, with their values."""
        return {name: values for name, values in self._values().items() if len(values) > 1}

    def hyperparameters(self) -> dict[str, Hyperparameter]:
        """Return the settings that are the same in every job."""
        same = {name: values[0] for name, values in self._values().items() if len(values) == 1}
        left = [setting for setting in self.settings if setting.takes_auto]
        auto = {setting.name: "auto" for setting in left if not self._values().get(setting.name)}
        return {**auto, **same}

    def _values(self) -> dict[str, list[Hyperparameter]]:
        data = self.cleaned_data
        return {setting.name: data.get(setting.name) or [] for setting in self.settings}


class ValuesField(forms.CharField):
    """Several values of one setting, as text; cleans to a list of them."""

    def __init__(self, read: Callable[[str], list[Hyperparameter]], **kwargs: Any) -> None:
        super().__init__(required=False, max_length=500, **kwargs)
        self._read = read

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        try:
            return self._read(text or "")
        except grids.BadValue as problem:
            raise forms.ValidationError(str(problem)) from None


def _values_field(setting: HyperparameterField) -> ValuesField:
    """Return the field of one setting: what the form of a job says of it, for several values."""
    single = field_of(setting)
    hint = ", ".join(setting.choices) or single.widget.attrs.get("placeholder", "")
    attrs = {"placeholder": hint, "autocomplete": "off", "spellcheck": "false"}
    return ValuesField(
        lambda text: grids.read_values(text, setting),
        label=single.label,
        help_text=single.help_text,
        widget=forms.TextInput(attrs=attrs),
    )
