"""The form of a new job, as far as its fields depend on the connection and on the method."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from django import forms
from django.db.models import Model
from django.http import QueryDict
from django.utils.translation import gettext as _

from apps.accounts.models import Membership
from apps.datasets.models import Version
from apps.datasets.trainability import method_for
from apps.jobs.forms import settings
from apps.jobs.forms.fields import JobFields
from apps.jobs.forms.grader_input import GraderInput, typed_in
from apps.jobs.forms.graders import GraderBuilder
from apps.jobs.models import Job
from apps.jobs.starting import trials
from apps.jobs.starting.base_models import ModelPicker
from apps.providers.models import Connection
from apps.providers.profiles import Profile, profile_for
from apps.providers.types import Method

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

ANY_PROVIDER = "generic"  # until a connection is chosen
SUGGESTIONS_ID = "model-suggestions"
# Fields that a provider may not have, by the capability that says so.
OPTIONAL = {
    "suffix": ("suffix",),
    "seed": ("seed",),
    "metadata": ("metadata",),
    "wandb": ("wandb_project", "wandb_name", "wandb_entity", "wandb_tags"),
}
REPORTS = "Weights & Biases"
MOST_SHOWN = 200
LAST = ("suffix", "seed", "metadata", *OPTIONAL["wandb"])  # as on the page
ROWS = ("connection", "training_data", "validation_data", "cloned_from")
M = TypeVar("M", bound=Model)


@dataclass(frozen=True, slots=True)
class Dropped:
    """A value that was chosen, and has no place in the form as it is now."""

    label: "StrPromise | str"
    value: str


@dataclass(frozen=True, slots=True)
class Chosen:
    """What decides which fields there are."""

    connection: Connection | None
    training_data: Version | None
    profile: Profile
    method: Method


class OfferedFields(JobFields):
    """The fields, of which a provider may not have all, and the settings that it has."""

    def __init__(self, *args: Any, membership: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._offer_rows(membership)
        self.chosen = self._deciding()
        self.settings = settings.in_order(self.chosen.profile, self.chosen.method)
        self.dropped: list[Dropped] = []
        self.graders = self._grader_builder()
        self._keep_what_is_offered()

    def _offer_rows(self, membership: Membership) -> None:
        ready = Version.objects.visible_to(membership).ready().defer("statistics")
        newest = ready.order_by("-created_at", "-pk")
        connections = Connection.objects.visible_to(membership).order_by("created_at", "pk")
        jobs = Job.objects.visible_to(membership)
        for name, rows in zip(ROWS, (connections, newest, newest, jobs), strict=True):
            self.fields[name].queryset = rows  # type: ignore[attr-defined]

    def _row(self, name: str, kind: type[M]) -> M | None:
        """Return what is chosen in a field, before anything is validated."""
        value = self._sent(name)
        try:
            row = value if isinstance(value, kind) else self.fields[name].clean(value)
        except forms.ValidationError:
            return None
        return row if isinstance(row, kind) else None

    def _deciding(self) -> Chosen:
        """Read what decides. Without a choice, the method is the one that fits the rows."""
        connection = self._row("connection", Connection)
        rows = self._row("training_data", Version)
        profile = profile_for(connection.profile if connection else ANY_PROVIDER)
        method = self._sent("method")
        fitting = method_for(rows.format if rows else "")
        method = Method(method) if method in Method.values else fitting
        return Chosen(connection, rows, profile, method)

    def _grader_builder(self) -> GraderBuilder | None:
        """Return the builder that reinforcement needs; elsewhere say what is lost."""
        data = self.data if isinstance(self.data, QueryDict) else None
        typed = typed_in(data) if data else self.initial.get("graders", GraderInput())
        if self.chosen.method == Method.REINFORCEMENT:
            return GraderBuilder(typed, trials.readable(self.chosen.training_data))
        if names := [part["name"] or part["reference"] for part in typed.parts.values()]:
            self.dropped.append(Dropped(_("Grader"), ", ".join(names)[:MOST_SHOWN]))
        return None

    def _sent(self, name: str) -> Any:
        """Return a value as it was sent, or as the form begins with it."""
        if not self.is_bound:
            return self.initial.get(name)
        field = self.fields.get(name)
        if field is None:
            return self.data.get(name)
        return field.widget.value_from_datadict(self.data, self.files, name)

    def _keep_what_is_offered(self) -> None:
        """Leave out the fields that this provider does not have, and remember what was in them."""
        for capability, names in OPTIONAL.items():
            if not self.chosen.profile.capabilities.offers(capability):
                for name in names:
                    label = self.fields[name].label or name
                    self._drop(name, f"{REPORTS}: {label}" if capability == "wandb" else label)
                    del self.fields[name]
        offered = {setting.name: setting for setting in self.settings}
        for name, label in settings.LABELS.items():
            if name not in offered and name not in self.fields:
                self._drop(name, label)
        for setting in self.settings:
            self.fields[setting.name] = settings.field_of(setting)
        self.order_fields([name for name in self.fields if name not in LAST] + list(LAST))

    def _drop(self, name: str, label: "StrPromise | str") -> None:
        value = settings.as_typed(self._sent(name))
        if value not in ("", None, [], {}):
            self.dropped.append(Dropped(label, _shown(value)))

    @property
    def model_so_far(self) -> str:
        """The base model as it was sent, or as the form begins with it."""
        return str(self._sent("base_model") or "")

    def offer(self, picker: ModelPicker) -> None:
        """Show the base models as a list to choose from, or as suggestions for free text."""
        attrs = {"list": SUGGESTIONS_ID, "autocomplete": "off", "maxlength": 200}
        groups = list(picker.groups())
        choices = groups if len(groups) > 1 else groups[0][1]
        widget = forms.Select(choices=choices) if picker.tunable else forms.TextInput(attrs=attrs)
        widget.is_required = True
        self.fields["base_model"].widget = widget
        self.initial["base_model"] = picker.chosen


def _shown(value: object) -> str:
    """Return a dropped value in a few words."""
    pairs = value.items() if isinstance(value, Mapping) else value
    if isinstance(pairs, Iterable) and not isinstance(pairs, str):
        return ", ".join(": ".join(map(str, pair)) for pair in pairs)[:MOST_SHOWN]
    return str(value)[:MOST_SHOWN]
