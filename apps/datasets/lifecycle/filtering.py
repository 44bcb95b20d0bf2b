"""Tells steps what they cannot see in a row: what the database and the columns know of all."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from apps.datasets import columns
from apps.datasets.lifecycle.making import CannotBuild
from apps.datasets.models import Version
from apps.datasets.recipes.shares import Chosen, Numbers
from apps.datasets.rows import pages
from apps.datasets.rows.filters import RowFilter

SEARCH_SECONDS = 3_600.0
Recipe = Sequence[dict[str, Any]]


def step_of(wanted: RowFilter) -> dict[str, Any]:
    """Return the step of a recipe that keeps what is asked for."""
    asked = asdict(wanted)
    asked["q"] = asked.pop("text")
    kept = {name: value for name, value in asked.items() if value not in ("", None, ())}
    if "has" in kept:
        kept["has"] = list(kept["has"])
    return {"step": "filter", **kept}


def resolved(recipe: Recipe, source: Version) -> Recipe:
    """Tell the steps of a recipe what is known of the rows of its first source."""
    return [_entry(entry, source, is_first=not place) for place, entry in enumerate(recipe)]


def _entry(entry: dict[str, Any], source: Version, *, is_first: bool) -> dict[str, Any]:
    if entry.get("step") == "filter":
        return {**entry, "chosen": _chosen(entry, source)}
    if is_first and entry.get("step") in ("split", "sample"):
        return {**entry, "known": _known(source)}
    return entry


def _known(source: Version) -> tuple[Numbers, Numbers] | None:
    """Return what each row asks and answers: a million rows need not be read for it again."""
    held = columns.open(source)
    if held is None or len(held) != source.row_count:
        return None
    return held.question, held.label


def _chosen(entry: dict[str, Any], source: Version) -> Chosen:
    try:
        rows = pages.every_match(source, _wanted(entry), seconds=SEARCH_SECONDS)
    except pages.NoColumns as exc:
        raise CannotBuild("origin_gone") from exc
    if rows is None:
        raise CannotBuild("origin_gone")
    chosen = np.zeros(source.row_count or max(rows, default=0), bool)
    chosen[np.array(rows, np.int64) - 1] = True
    return chosen


def _wanted(entry: dict[str, Any]) -> RowFilter:
    asked = {name: value for name, value in entry.items() if name not in ("step", "chosen", "q")}
    return RowFilter(text=entry.get("q", ""), **{**asked, "has": tuple(asked.get("has", ()))})
