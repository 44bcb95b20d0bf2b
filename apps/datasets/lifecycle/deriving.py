"""Makes the rows of a version out of those of others, by its recipe."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from apps.datasets import storage
from apps.datasets.lifecycle import filtering
from apps.datasets.lifecycle.making import CannotBuild, MustWait, OnProgress
from apps.datasets.models import Version
from apps.datasets.recipes import engine
from apps.datasets.recipes.steps import StepError


def derive(version: Version, target: storage.Incoming, on_progress: OnProgress) -> dict[str, Any]:
    """Run the recipe; return what is kept of it. CannotBuild when nothing comes out."""
    sources = sources_of(version)
    paths = [source.path for source in sources]
    try:
        with _origins(version) as origins:
            outcomes = engine.run(
                filtering.resolved(version.recipe, sources[0]),
                paths,
                target,
                origins=origins,
                on_progress=lambda p: on_progress(p.bytes, p.total_bytes, p.rows),
            )
            _refuse_nothing(version, outcomes, target, is_one=len(paths) == 1)
    except StepError as exc:
        raise CannotBuild("recipe_refused", reason=exc.message) from exc
    return {"outcome": [outcome.as_dict() for outcome in outcomes]}


def _refuse_nothing(
    version: Version,
    outcomes: list[engine.StepOutcome],
    target: storage.Incoming,
    *,
    is_one: bool,
) -> None:
    """Say so instead of keeping an empty version, or one like its parent."""
    if not target.size_bytes:
        raise CannotBuild("recipe_left_nothing")
    is_next = version.parent is not None and version.parent.dataset_id == version.dataset_id
    did_nothing = not any(outcome.did_anything for outcome in outcomes)
    if outcomes and did_nothing and is_one and is_next:
        raise CannotBuild("recipe_changed_nothing")


def sources_of(version: Version) -> list[Version]:
    """Return whose rows the recipe is run on; they are on disk."""
    named: list[str] = next((s["versions"] for s in version.recipe if s.get("step") == "merge"), [])
    if named:
        same = Version.objects.filter(workspace_id=version.workspace_id)
        found = {str(source.public_id): source for source in same.filter(public_id__in=named)}
        sources = [found.get(str(public_id)) for public_id in named]
    else:
        sources = [version.parent]
    return [_with_rows(source) for source in sources]


def _with_rows(source: Version | None) -> Version:
    if source is None:
        raise CannotBuild("origin_gone")
    if source.path.is_file():
        return source
    if source.is_checking:
        raise MustWait
    raise CannotBuild("origin_gone")


@contextmanager
def _origins(version: Version) -> Iterator[BinaryIO]:
    """Write which row each row was; in place before the rows are, so never missing beside them."""
    target = version.path.with_suffix(".origin")
    partial = Path(f"{target}.{version.check_attempts}.part")
    try:
        with partial.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)
