"""What a person asks for when a job is made: from the form, a clone or a sweep."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from apps.datasets.models import Version
from apps.jobs.models import Job
from apps.providers import overrides
from apps.providers.models import Connection
from apps.providers.profiles import Profile
from apps.providers.types import Hyperparameter, Method


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """The settings of a job. The names are those of its columns."""

    connection: Connection
    training_data: Version
    base_model: str
    validation_data: Version | None = None
    method: Method = Method.SUPERVISED
    hyperparameters: Mapping[str, Hyperparameter] = field(default_factory=dict)
    grader: Mapping[str, Any] = field(default_factory=dict)
    suffix: str = ""
    seed: int | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    integrations: Sequence[Mapping[str, Any]] = ()
    cloned_from: Job | None = None

    @property
    def profile(self) -> Profile:
        return overrides.profile_of(self.connection)

    @property
    def columns(self) -> dict[str, Any]:
        """Return what a job's row keeps of it."""
        return {each.name: getattr(self, each.name) for each in fields(self)}
