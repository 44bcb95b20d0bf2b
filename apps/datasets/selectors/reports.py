"""Several things shaped for one page, each as one frozen value."""

from dataclasses import dataclass
from typing import Any

from apps.datasets.check.tokens import DEFAULT_ENCODING
from apps.datasets.estimates import Estimate, estimate, estimates_for, learns
from apps.datasets.models import Version
from apps.datasets.rulebook import Severity
from apps.datasets.selectors.charts import Charts, charts_of
from apps.datasets.selectors.problems import Group, opened_groups_of
from apps.providers import overrides


@dataclass(frozen=True, slots=True)
class DatasetReport:
    """What the page of a checked dataset shows beside its columns."""

    groups: list[Group]
    tokens: dict[str, Any]
    messages: dict[str, Any]
    charts: Charts
    estimates: list[Estimate]
    left_out: list[str]  # models that do not learn from such rows
    asked: Estimate | None = None

    @property
    def errors(self) -> list[Group]:
        return [group for group in self.groups if group.severity == Severity.ERROR]

    @property
    def notes(self) -> list[Group]:
        return [group for group in self.groups if group.severity == Severity.INFO]

    @property
    def warnings(self) -> list[Group]:
        return [group for group in self.groups if group.severity == Severity.WARNING]

    @property
    def priced_on(self) -> Any:
        """The date and source of the prices behind the estimates."""
        return next((item.price for item in self.estimates if item.price), None)


SHOWN = ("engine", "openai")  # whose estimates a report has


def report_of(version: Version, *, model: str = "") -> DatasetReport:
    """Gather the report of a checked dataset; costs one query."""
    statistics = version.statistics
    tokens = statistics.get("tokens", {}).get(DEFAULT_ENCODING, {})
    engine, openai = (overrides.profile_in(version.workspace_id, name) for name in SHOWN)
    return DatasetReport(
        groups=opened_groups_of(version),
        tokens=tokens,
        messages=statistics.get("messages_per_row", {}),
        charts=charts_of(statistics),
        estimates=estimates_for(version, [engine, openai]) if statistics else [],
        left_out=[
            model
            for profile in (engine, openai)
            for model in profile.base_models
            if not learns(version, profile, model)
        ],
        asked=estimate(version=version, profile=openai, model=model, n_epochs="auto")
        if model and statistics
        else None,
    )
