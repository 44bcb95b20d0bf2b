"""What was done to the last upload, done to the next one."""

from typing import Any

from apps.datasets.lifecycle import versioning
from apps.datasets.models import Dataset, Version
from apps.datasets.recipes.steps import STEPS

# These mean certain rows or files, and say nothing about others.
ONCE_ONLY = ("edits", "keep_rows", "leave_out_rows", "merge", "split")

Recipe = list[dict[str, Any]]


def steps_to_repeat(dataset: Dataset) -> Recipe:
    """Return all steps between the last upload and the newest version with rows, in order."""
    recipes: list[Recipe] = []
    settled = dataset.versions.filter(status__in=[Version.Status.READY, Version.Status.INVALID])
    version = settled.select_related("parent").order_by("-number").first()
    while version is not None and version.recipe:
        recipes.insert(0, [step for step in version.recipe if step.get("step") not in ONCE_ONLY])
        parent = version.parent
        version = parent if parent and parent.dataset_id == dataset.pk else None
    return [step for recipe in recipes for step in recipe]


def titles(recipe: Recipe) -> list[str]:
    """Name the steps for a reader."""
    codes = [str(step.get("step")) for step in recipe]
    return [str(STEPS[code].title) if code in STEPS else code for code in codes]


def begin(version: Version) -> None:
    """Make the next version out of a checked upload, if that was wished; in its transaction."""
    if version.next_recipe:
        versioning.append(
            dataset=version.dataset,
            created_by_id=version.created_by_id,
            parent=version,
            recipe=version.next_recipe,
            filename=f"{version.dataset.name}.jsonl"[-255:],
            size_bytes=0,  # until a worker has made the rows
            sha256="",
        )
