"""Which rows differ between two versions, with and without knowing where rows came from."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.datasets.diffs.versions import Diff, Entry, Kind, Side, compare_versions, composed

ROWS = st.lists(st.integers(0, 5), max_size=20)


def side(rows: list[int], questions: list[int] | None = None) -> Side:
    asked = questions if questions is not None else [0] * len(rows)
    return Side(np.array(rows, np.uint64), np.array(asked, np.uint64))


def diff(before: Side, after: Side, origins: list[int] | None = None, same=lambda *_: True) -> Diff:
    known = None if origins is None else np.array(origins, np.uint32)
    return compare_versions(before, after, origins=known, is_same_line=same)


def entries(found: Diff, kind: Kind | None = None) -> list[tuple[int, int]]:
    shown, _next = found.page(start=0, most=1_000, kind=kind)
    return [(entry.before, entry.after) for entry in shown]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ([1, 2, 3], [1, 2, 3], []),
        ([1, 2, 3], [1, 3], [(2, 0)]),
        ([1, 3], [1, 2, 3], [(0, 2)]),
        ([1, 1, 2], [1, 2], [(2, 0)]),  # one copy of two is gone
        ([], [1], [(0, 1)]),
        ([1], [], [(1, 0)]),
        ([], [], []),
    ],
)
def test_rows_are_found_again_by_what_they_hold(before, after, expected):
    assert entries(diff(side(before), side(after))) == expected


def test_a_row_with_the_same_question_is_a_row_that_changed():
    before, after = side([1, 2, 3], [11, 12, 13]), side([1, 9, 3], [11, 12, 13])
    assert entries(diff(before, after)) == [(2, 2)]
    assert diff(before, after).counts == {Kind.CHANGED: 1, Kind.ADDED: 0, Kind.REMOVED: 0}


def test_origins_decide_where_they_are_known():
    before, after = side([1, 2, 3]), side([1, 9, 8])
    found = diff(before, after, origins=[1, 3, 0])
    assert entries(found) == [(2, 0), (3, 2), (0, 3)]
    assert entries(found, Kind.REMOVED) == [(2, 0)]
    assert entries(found, Kind.ADDED) == [(0, 3)]
    assert entries(found, Kind.CHANGED) == [(3, 2)]


def test_a_row_that_was_made_twice_is_there_once_and_added_once():
    assert entries(diff(side([1]), side([1, 1]), origins=[1, 1])) == [(0, 2)]


def test_rows_in_another_order_are_the_same_rows():
    found = diff(side([1, 2, 3]), side([3, 1, 2]))
    assert (found.is_empty, found.is_reordered, found.same) == (True, True, 3)
    assert not diff(side([1, 2]), side([2])).is_reordered


def test_rows_that_cannot_be_read_are_compared_byte_by_byte():
    lines = {"before": {1: b"{", 2: b"["}, "after": {1: b"{", 2: b"x"}}
    found = diff(
        side([0, 0]),
        side([0, 0]),
        same=lambda ours, theirs: lines["before"][ours] == lines["after"][theirs],
    )
    assert entries(found) == [(2, 2)]


def test_origins_are_followed_over_generations():
    first, second = np.array([3, 1, 0], np.uint32), np.array([2, 3, 0, 9], np.uint32)
    assert composed(first, second).tolist() == [1, 0, 0, 0]


def test_pages_follow_each_other_without_gap_or_overlap():
    found = diff(side([1, 2, 3, 4]), side([5, 6, 1]))
    start: int | None = 0
    seen: list[Entry] = []
    while start is not None:
        page, start = found.page(start=start, most=2, kind=None)
        seen += page
    assert [(entry.before, entry.after) for entry in seen] == entries(found)
    assert found.page(start=10**12, most=2, kind=None) == ([], None)


@settings(max_examples=80, deadline=None)
@given(ROWS, ROWS, st.data())
def test_the_counts_always_add_up(before, after, data):
    questions = st.integers(0, 3)
    ours = data.draw(st.lists(questions, min_size=len(before), max_size=len(before)))
    theirs = data.draw(st.lists(questions, min_size=len(after), max_size=len(after)))
    origin = st.lists(st.integers(0, 25), min_size=len(after), max_size=len(after))
    origins = data.draw(st.none() | origin)
    found = diff(side(before, ours), side(after, theirs), origins)
    counts = found.counts
    assert len(after) == len(before) - counts[Kind.REMOVED] + counts[Kind.ADDED]
    assert found.same + counts[Kind.CHANGED] + counts[Kind.ADDED] == len(after)
    for place in (0, 1):
        rows = [entry[place] for entry in entries(found) if entry[place]]
        assert len(rows) == len(set(rows))
