"""Rows that repeat one another by their digests, and questions with several answers (pure)."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from apps.datasets.check.digests import NOTHING

Digests = npt.NDArray[np.uint64]
Rows = npt.NDArray[np.int64]


def first_rows(digests: Digests) -> Rows:
    """Return for each row the first row with its digest; itself where it has none."""
    _values, first, which = np.unique(digests, return_index=True, return_inverse=True)
    rows = first[which]
    return np.where(digests == NOTHING, np.arange(len(digests)), rows)


def loose_copies(exact: Digests, loose: Digests) -> tuple[Rows, Rows]:
    """Return rows that differ from an earlier one only in capitals, spaces and the like, and it."""
    rows = np.arange(len(loose))
    same = first_rows(loose)
    is_exact = first_rows(exact) != rows
    copies = np.flatnonzero((same != rows) & ~is_exact)
    return copies, same[copies]


@dataclass(slots=True)
class Conflicts:
    """Questions that were answered in different ways."""

    rows: Rows  # every row with such a question
    first: Rows  # for each of them, the first row with its question
    others: Rows  # for each of them, a row with its question and another answer
    questions: int


def conflicts(question: Digests, loose: Digests) -> Conflicts:
    """Find rows whose question is the same, and whose answers are not."""
    order = np.lexsort((loose, question))
    order = order[question[order] != NOTHING]
    asked, said = question[order], loose[order]
    differs = np.flatnonzero((asked[1:] == asked[:-1]) & (said[1:] != said[:-1]))
    disputed = np.unique(asked[differs])
    if not len(disputed):
        return Conflicts(differs, differs, differs, 0)
    rows = np.flatnonzero(np.isin(question, disputed))
    first = first_rows(question)[rows]
    return Conflicts(rows, first, _others(rows, first, question, loose), len(disputed))


def _others(rows: Rows, first: Rows, question: Digests, loose: Digests) -> Rows:
    """Name the first row of each question, and beside its own answer the first that differs."""
    differing = rows[loose[rows] != loose[first]]
    asked, index = np.unique(question[differing], return_index=True)
    second = differing[index][np.searchsorted(asked, question[rows])]
    return np.where(loose[rows] != loose[first], first, second)
