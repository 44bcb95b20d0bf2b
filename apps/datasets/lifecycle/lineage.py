"""Which versions others are made from, and whether they are still needed for it."""

from collections.abc import Sequence

from django.db.models import Q

from apps.datasets.models import Version

GENERATIONS = 50


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
