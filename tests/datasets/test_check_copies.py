"""Which rows repeat which, compared with the obvious way to find out."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.datasets.check import copies
from apps.datasets.check.copies import NOTHING, Digested


def obvious(digests: list[int]) -> list[tuple[int, int]]:
    first: dict[int, int] = {}
    pairs = [(row, first.setdefault(digest, row)) for row, digest in enumerate(digests, 1)]
    return [(row, original) for row, original in pairs if row != original and digests[row - 1]]


@pytest.fixture(scope="module", autouse=True)
def _small_shares():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(copies, "SHARE_ROWS", 5)
        patch.setattr(copies, "BLOCK_ROWS", 3)
        yield


@given(digests=st.lists(st.integers(NOTHING, 12) | st.integers(2**64 - 3, 2**64 - 1), max_size=40))
def test_copies_are_those_that_the_obvious_way_finds(tmp_path_factory, digests):
    with Digested(tmp_path_factory.getbasetemp()) as digested:
        for start in range(0, len(digests), 4):
            digested.add(np.array(digests[start : start + 4], np.uint64))
        found = digested.copies(most=7)
    assert found.count == len(obvious(digests))
    assert found.listed == obvious(digests)[:7]
