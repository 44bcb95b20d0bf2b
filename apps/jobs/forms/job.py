"""The form of a new job: what the page shows of it, and what it asks for."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _

from apps.jobs.forms import settings
from apps.jobs.forms.offered import OPTIONAL, OfferedFields
from apps.jobs.starting import methods, wandb
from apps.jobs.starting.wanted import Wanted
from apps.providers.profiles import offers
from apps.providers.types import Hyperparameter, Method

SETTINGS_SHOWN = 4


class JobForm(OfferedFields):
    """The form as a person meets it."""

    def focus_first_error(self) -> None:
        """Let the browser go to the first wrong field; it needs no JavaScript for that."""
        for name in self.fields:
            if name in self.errors:
                self.fields[name].widget.attrs["autofocus"] = True
                return

    @property
    def first_settings(self) -> list[forms.BoundField]:
        """The settings that most people look for."""
        return [self[setting.name] for setting in self.settings[:SETTINGS_SHOWN]]

    @property
    def other_settings(self) -> list[forms.BoundField]:
        """The settings that are folded away."""
        return [self[setting.name] for setting in self.settings[SETTINGS_SHOWN:]]

    @property
    def are_others_used(self) -> bool:
        """Say whether a folded setting has a value, which nobody should overlook."""
        return any(field.value() not in (None, "") for field in self.other_settings)

    @property
    def has_labels(self) -> bool:
        """Say whether labels or reports have a value."""
        names = ("metadata", *OPTIONAL["wandb"])
        return any(self[name].value() for name in names if name in self.fields)

    @property
    def method_choices(self) -> list[methods.MethodChoice]:
        profile = self.chosen.profile if self.chosen.connection else None
        return list(methods.choices(profile, self.chosen.method))

    @property
    def mismatch(self) -> str:
        """Say that the method does not learn from the chosen rows; empty when it does."""
        rows = self.chosen.training_data
        return methods.mismatch(self.chosen.method, rows) if rows else ""

    @property
    def not_offered(self) -> list[str]:
        """Why fields that other providers have are not here."""
        profile = self.chosen.profile
        return [words for name in OPTIONAL if (words := profile.why_not(name))]

    @property
    def unconfirmed(self) -> list[str]:
        """Fields that are here although nobody could confirm that this provider has them."""
        doubtful = self.chosen.profile.capabilities.unconfirmed
        return [str(offers.LABELS[name]) for name in OPTIONAL if name in doubtful]

    def clean_method(self) -> Method:
        """Return the method: one that is not chosen follows from the data."""
        return self.chosen.method

    def clean_wandb_tags(self) -> list[str]:
        """Return the tags, each once."""
        tags = wandb.tags_in(self.cleaned_data["wandb_tags"])
        if problem := wandb.problem_with(tags):
            raise forms.ValidationError(problem)
        return tags

    def clean(self) -> None:
        """Refuse what would get lost: values that this provider has no place for."""
        data = self.cleaned_data
        is_possible = not (self.mismatch or self.chosen.profile.why_not(self.chosen.method))
        if self.graders and is_possible and not self.graders.check():
            self.add_error(None, _("The grader is not complete: see below."))
        if self.dropped:
            left_out = ", ".join(f"{each.label} ({each.value})" for each in self.dropped)
            words = _("Not offered by this provider, and left out: %(names)s. Look again.")
            self.add_error(None, words % {"names": left_out})
        beside = [data.get(name) for name in OPTIONAL["wandb"][1:]]
        if any(beside) and not data.get("wandb_project"):
            self.add_error("wandb_project", _("Name the project that the run belongs to."))

    def hyperparameters(self) -> dict[str, Hyperparameter]:
        """Return what was chosen; an empty field leaves the number to the provider."""
        return settings.chosen(self.settings, self.cleaned_data)

    def wanted(self) -> Wanted:
        """Return what the valid form asks for."""
        data = self.cleaned_data
        names = ("training_data", "validation_data", "connection", "base_model", "cloned_from")
        return Wanted(
            **{name: data[name] for name in names},
            method=self.chosen.method,
            hyperparameters=self.hyperparameters(),
            suffix=data.get("suffix", ""),
            seed=data.get("seed"),
            metadata=data.get("metadata", {}),
            grader=self.graders.shape() if self.graders else {},
            integrations=self._integrations(),
        )

    def _integrations(self) -> list[dict[str, Any]]:
        data = self.cleaned_data
        if not data.get("wandb_project"):
            return []
        told = {name: data[f"wandb_{name}"] for name in ("project", "name", "entity", "tags")}
        return [wandb.integration(**told)]
