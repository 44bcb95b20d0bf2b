"""Chooses a share of many rows: the same rows for the same seed, on every machine (pure).

A group is chosen by the seed and its name, not by where its rows stand: rows that are added later
leave most others on their side. Rows without a group are known by their place alone.
"""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.uint64]
Chosen = npt.NDArray[np.bool_]
Places = npt.NDArray[np.int64]
NOTHING = 0  # a row that belongs to no group
STEP = np.uint64(0x9E3779B97F4A7C15)
FIRST, SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
TAG = np.uint64(0xD6E8FEB86659FD93)  # keeps row numbers and digests apart


def choose(
    want: int,
    *,
    groups: Numbers,
    strata: Numbers | None = None,
    seed: int,
) -> Chosen:
    """Choose `want` rows, whole groups at a time, and from each stratum its share.

    Where the groups do not allow it exactly, fewer; but where there are two groups, at least one.
    Rows of group 0 are on their own.
    """
    rows = len(groups)
    if not rows:
        return np.zeros(0, bool)
    members = _Groups(groups)
    chosen = np.zeros(len(members.sizes), bool)
    keys = _mixed(members.names, seed)
    labels = strata[members.first] if strata is not None else np.zeros(len(keys), np.uint64)
    for places, most in _quotas(labels, members.sizes, min(want, rows)):
        _fill(chosen, places[np.argsort(keys[places], kind="stable")], members.sizes, most)
    _top_up(chosen, keys, members.sizes, min(want, rows), rows)
    return chosen[members.of_row]


class _Groups:
    """Each group once: its name, first row and size, and of each row its group."""

    def __init__(self, groups: Numbers) -> None:
        names = groups.copy()
        alone = np.flatnonzero(names == NOTHING)
        names[alone] = (alone.astype(np.uint64) + np.uint64(1)) * TAG
        self.names, self.first, self.of_row, self.sizes = np.unique(
            names, return_index=True, return_inverse=True, return_counts=True
        )


def _mixed(names: Numbers, seed: int) -> Numbers:
    """Throw the names about evenly (splitmix64): the same result everywhere, for ever."""
    with np.errstate(over="ignore"):
        mixed = names ^ (np.uint64(seed % 2**63 + 1) * STEP)
        mixed = (mixed ^ (mixed >> np.uint64(30))) * FIRST
        mixed = (mixed ^ (mixed >> np.uint64(27))) * SECOND
        return np.asarray(mixed ^ (mixed >> np.uint64(31)), np.uint64)


def _quotas(labels: Numbers, sizes: Places, want: int) -> Iterator[tuple[Places, int]]:
    """Yield the groups of each stratum and how many rows it gives; together exactly `want`."""
    _names, which = np.unique(labels, return_inverse=True)
    rows = np.bincount(which, weights=sizes).astype(np.int64)
    exact = rows * (want / max(1, int(sizes.sum())))
    given = np.floor(exact + 1e-9).astype(np.int64)
    rest = np.argsort(given - exact, kind="stable")[: want - int(given.sum())]
    given[rest] += 1  # the largest remainders
    order = np.argsort(which, kind="stable")
    ends = np.cumsum(np.bincount(which))
    yield from zip(np.split(order, ends[:-1]), given.tolist(), strict=True)


def _fill(chosen: Chosen, order: Places, sizes: Places, most: int) -> int:
    """Take groups in this order as long as they fit; return how many rows were taken."""
    taken = 0
    for place in order.tolist():
        if taken >= most:
            break
        if taken + sizes[place] <= most:
            chosen[place] = True
            taken += int(sizes[place])
    return taken


def _top_up(chosen: Chosen, keys: Numbers, sizes: Places, want: int, rows: int) -> None:
    """Fill what whole groups left open, from any stratum; never leave either side empty."""
    missing = want - int(sizes[chosen].sum())
    free = np.flatnonzero(~chosen)
    order = free[np.argsort(keys[free], kind="stable")]
    _fill(chosen, order, sizes, missing)
    if want and not chosen.any() and len(sizes) > 1:
        chosen[order[np.argmin(sizes[order])]] = True
