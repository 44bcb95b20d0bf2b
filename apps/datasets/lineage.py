"""Which versions others are made from: their files, and whether they are still needed."""

from collections.abc import Sequence
from pathlib import Path

from django.db.models import Q

from apps.datasets.models import Version

GENERATIONS = 50


def merged(version: Version) -> list[str]:
    """Return the public ids of the versions that a merge puts together, in their order."""
    first = version.recipe[0] if version.recipe else {}
    return list(first.get("versions", ())) if first.get("step") == "merge" else []


def source_paths(version: Version) -> list[Path] | None:
    """Return the files that a recipe reads, in their order; None when one is gone."""
    if ids := merged(version):
        mine = Version.objects.filter(workspace=version.workspace_id, public_id__in=ids)
        by_id = {str(source.public_id): source.path for source in mine}
        paths = [by_id.get(public_id) for public_id in ids]
    else:
        paths = [version.parent.path if version.parent else None]
    found = [path for path in paths if path is not None and path.is_file()]
    return found if len(found) == len(paths) else None


def being_made_from(versions: Sequence[Version]) -> Version | None:
    """Return a version whose rows are still to be made out of one of these, if there is one."""
    wanted = Q(parent__in=versions)
    for version in versions:
        entry = {"step": "merge", "versions": [str(version.public_id)]}
        wanted |= Q(workspace=version.workspace_id, recipe__contains=[entry])
    unsettled = [Version.Status.CHECKING, Version.Status.CANCELLED]
    others = Version.objects.filter(wanted, status__in=unsettled).select_related("dataset")
    made = others.exclude(pk__in=[version.pk for version in versions])
    return next((version for version in made if not version.path.is_file()), None)


def ancestors(version: Version) -> list[Version]:
    """Return the version, what it was made from, what that was made from, and so on."""
    line = [version]
    while line[-1].parent_id and len(line) < GENERATIONS:
        line.append(Version.objects.select_related("dataset").get(pk=line[-1].parent_id))
    return line
