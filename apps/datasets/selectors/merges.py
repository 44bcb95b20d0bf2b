"""What several versions would be together, before they are put together."""

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings

from apps.accounts.models import Membership
from apps.datasets.models import Version, VersionQuerySet
from apps.datasets.selectors import plans

MOST_VERSIONS = 20
MOST_OFFERED = 200
QUICK_ROWS = 100_000  # of more rows, copies are counted when the page is there
SETTLED = (Version.Status.READY, Version.Status.INVALID)


@dataclass(frozen=True, slots=True)
class Choice:
    """One version to merge, and the addresses of the page with it moved or gone."""

    version: Version
    without: str
    earlier: str  # empty for the first one


@dataclass(frozen=True, slots=True)
class Merge:
    """The chosen versions, in their order."""

    choices: list[Choice]

    @property
    def versions(self) -> list[Version]:
        return [choice.version for choice in self.choices]

    @property
    def query(self) -> str:
        return _query(self.versions)

    @property
    def rows(self) -> int:
        return sum(version.row_count or 0 for version in self.versions)

    @property
    def tokens(self) -> int | None:
        totals = [version.token_total for version in self.versions]
        return None if None in totals else sum(total or 0 for total in totals)

    @property
    def size_bytes(self) -> int:
        return sum(version.size_bytes for version in self.versions)

    @property
    def formats(self) -> list[str]:
        """The different kinds of rows, in words; one, as it should be."""
        kinds = (version.get_format_display() for version in self.versions if version.format)
        return list(dict.fromkeys(kinds))

    @property
    def is_mixed(self) -> bool:
        return len(self.formats) > 1

    @property
    def is_too_large(self) -> bool:
        return bool(self.size_bytes > settings.MAX_UPLOAD_BYTES)

    @property
    def is_possible(self) -> bool:
        return len(self.choices) > 1 and not self.is_too_large

    @property
    def is_full(self) -> bool:
        """True when no more can be added."""
        return len(self.choices) == MOST_VERSIONS

    @property
    def is_quick(self) -> bool:
        return self.rows <= QUICK_ROWS

    def copies(self) -> int | None:
        """Count rows that an earlier version has too; None when that is not known."""
        return plans.rows_that_repeat(self.versions)


def chosen(membership: Membership, ids: Iterable[str]) -> Merge:
    """Return the versions that an address names, each once, without those that are not there."""
    wanted = [key for key in map(_uuid, dict.fromkeys(ids)) if key][:MOST_VERSIONS]
    found = {version.public_id: version for version in _mine(membership, public_id__in=wanted)}
    versions = [found[key] for key in wanted if key in found]
    return Merge([_choice(versions, place) for place in range(len(versions))])


def offered(membership: Membership, merge: Merge) -> list[Version]:
    """Return the versions that can be added, those of the newest datasets first."""
    there = [version.pk for version in merge.versions]
    others = _mine(membership).exclude(pk__in=there).order_by("-dataset__created_at", "-number")
    return list(others[:MOST_OFFERED])


def _mine(membership: Membership, **wanted: object) -> VersionQuerySet:
    mine = Version.objects.visible_to(membership).filter(status__in=SETTLED, **wanted)
    return mine.defer("problem_groups", "examination")


def _choice(versions: list[Version], place: int) -> Choice:
    before, version, after = versions[:place], versions[place], versions[place + 1 :]
    earlier = _query([*before[:-1], version, *before[-1:], *after]) if before else ""
    return Choice(version, _query([*before, *after]), earlier)


def _query(versions: list[Version]) -> str:
    return urlencode([("version", str(version.public_id)) for version in versions])


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def recipe(merge: Merge, *, drop_copies: bool) -> list[dict[str, object]]:
    """Return the steps that put the versions together."""
    ids = [str(version.public_id) for version in merge.versions]
    steps: list[dict[str, object]] = [{"step": "merge", "versions": ids}]
    return [*steps, {"step": "drop_duplicates", "keep": "first"}] if drop_copies else steps
