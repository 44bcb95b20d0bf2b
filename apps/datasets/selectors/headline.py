"""What matters most about a version, in a few lines that stand above everything else."""

from dataclasses import dataclass

from apps.accounts.models import Membership
from apps.datasets.models import Version
from apps.datasets.rulebook import Severity
from apps.datasets.rulebook.quality import PRIVATE
from apps.datasets.selectors.problems import Group, groups_of
from apps.datasets.selectors.quality import Aspect, Quality
from apps.datasets.trainability import Trainability, of_connections
from apps.providers.models import Connection

MOST = 5


def trainability_for(version: Version, membership: Membership) -> Trainability | None:
    """Say where a member's workspace can train on a version; None before it was checked."""
    if not version.row_count or version.is_checking:
        return None
    mine = Connection.objects.visible_to(membership).order_by("created_at", "pk")
    return of_connections(version, mine)


@dataclass(frozen=True, slots=True)
class Reason:
    """One kind of problem, in how many rows (0: of the file), and where the page tells more."""

    title: str
    rows: int
    address: str


@dataclass(frozen=True, slots=True)
class Headline:
    """The gravest kinds, and how many kinds there are beyond them."""

    reasons: list[Reason]
    more: int


def headline_of(version: Version, quality: Quality) -> Headline:
    """Choose from what must and what should be fixed. What is private goes before all that may."""
    groups = groups_of(version)
    aspects = [aspect for part in quality.parts for aspect in part.aspects]
    found = sorted(filter(_should_be_fixed, aspects), key=lambda each: each.code not in PRIVATE)
    every = [
        *(_of_group(group) for group in groups if group.severity == Severity.ERROR),
        *(Reason(aspect.title, aspect.rows, "#quality") for aspect in found),
        *(_of_group(group) for group in groups if group.severity == Severity.WARNING),
    ]
    return Headline(every[:MOST], max(0, len(every) - MOST))


def _should_be_fixed(aspect: Aspect) -> bool:
    return aspect.severity == Severity.WARNING


def _of_group(group: Group) -> Reason:
    return Reason(group.title, group.rows, f"#problem-{group.code}")
