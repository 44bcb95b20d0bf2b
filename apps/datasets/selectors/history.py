"""The versions of a dataset shaped for one page: how each was made, and what came of it."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from django.db.models import QuerySet

from apps.accounts.models import Membership
from apps.datasets.models import Dataset, Version
from apps.datasets.selectors.provenance import how_made

MOST_USES = 5


@dataclass(frozen=True, slots=True)
class Use:
    """A job that reads a version."""

    job: Any
    is_validation: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One version in the list."""

    version: Version
    how: str
    uses: list[Use]
    before: int | None  # the number of the version to compare it with
    form_token: UUID  # a double click restores once

    @property
    def shown_uses(self) -> list[Use]:
        return self.uses[:MOST_USES]

    @property
    def more_uses(self) -> int:
        return max(0, len(self.uses) - MOST_USES)


def versions_of(dataset: Dataset, membership: Membership) -> QuerySet[Version]:
    """Return the versions, newest first, with all that their lines say."""
    mine = Version.objects.visible_to(membership).filter(dataset=dataset)
    related = mine.select_related("dataset", "created_by", "parent__dataset")
    return related.prefetch_related("jobs", "validation_jobs").order_by("-number")


def lines(page: list[Version], earlier: int | None) -> list[Line]:
    """Shape one page of versions. `earlier` is the number that follows the page."""
    numbers = [*(version.number for version in page[1:]), earlier]
    return [
        Line(version, how_made(version), _uses(version), _compared_with(version, before), uuid4())
        for version, before in zip(page, numbers, strict=True)
    ]


def _compared_with(version: Version, before: int | None) -> int | None:
    """Return the version that this one was made from; of an upload, the one before it."""
    parent = version.parent
    if parent is not None and parent.dataset_id == version.dataset_id:
        return parent.number
    return before


def _uses(version: Version) -> list[Use]:
    jobs = [Use(job, is_validation=False) for job in version.jobs.all()]
    jobs += [Use(job, is_validation=True) for job in version.validation_jobs.all()]
    return sorted(jobs, key=lambda use: use.job.created_at, reverse=True)
