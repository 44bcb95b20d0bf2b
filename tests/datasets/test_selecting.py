"""Splits, samples and rows by number: what is chosen, and that nothing is lost or doubled."""

import io
from pathlib import Path

import numpy as np
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.datasets.recipes import engine
from apps.datasets.recipes.picking import ranges
from apps.datasets.recipes.selecting import Sample, Split
from apps.datasets.recipes.shares import choose
from apps.datasets.recipes.steps import StepError, build
from tests.factories import chat_row

NUMBERS = st.lists(st.integers(0, 6), min_size=1, max_size=60)


def file_of(tmp_path: Path, pairs: list[tuple[str, str]]) -> Path:
    path = tmp_path / "rows.jsonl"
    path.write_bytes(b"".join(orjson.dumps(chat_row(*pair)) + b"\n" for pair in pairs))
    return path


def result(path: Path, *steps: dict) -> list[bytes]:
    target = io.BytesIO()
    engine.run(steps, [path], target)
    return target.getvalue().splitlines()


def both(path: Path, **params) -> tuple[list[bytes], list[bytes]]:
    parts = [{"step": "split", "part": part, **params} for part in ("train", "validation")]
    return result(path, parts[0]), result(path, parts[1])


@pytest.fixture
def thirty(tmp_path) -> Path:
    """Thirty questions: two thirds are answered yes, the others no."""
    return file_of(tmp_path, [(f"Question {n}?", "no" if n % 3 else "yes") for n in range(30)])


def test_a_split_is_the_same_every_time(thirty):
    """Golden: also a new machine and a new release must come to these rows."""
    _train, validation = both(thirty, seed=42, share=0.8)
    asked = [orjson.loads(line)["messages"][1]["content"] for line in validation]
    assert asked == [f"Question {n}?" for n in (5, 10, 13, 20, 25, 29)]
    assert both(thirty, seed=42, share=0.8)[1] == validation
    assert both(thirty, seed=43, share=0.8)[1] != validation


def test_both_parts_together_are_the_file(thirty):
    train, validation = both(thirty)
    assert (len(train), len(validation)) == (24, 6)
    assert sorted(train + validation) == sorted(thirty.read_bytes().splitlines())


def test_a_stratified_split_keeps_the_mix_of_labels(thirty):
    _train, validation = both(thirty, count=6, stratify=True)
    answers = [orjson.loads(line)["messages"][2]["content"] for line in validation]
    assert sorted(answers) == ["no"] * 4 + ["yes"] * 2


def test_rows_with_the_same_question_stay_together(tmp_path):
    asked = [(f"Question {n // 3}?" + " " * (n % 3), f"Answer {n}") for n in range(30)]
    train, validation = both(file_of(tmp_path, asked))
    questions = [
        {orjson.loads(line)["messages"][1]["content"].strip() for line in part}
        for part in (train, validation)
    ]
    assert not questions[0] & questions[1]
    assert len(validation) == 6
    apart = both(file_of(tmp_path, asked), group=False)[1]
    assert len({orjson.loads(line)["messages"][1]["content"].strip() for line in apart}) > 2


def test_later_rows_leave_most_others_on_their_side(tmp_path):
    first = [(f"Question {n}?", "yes") for n in range(200)]
    early = set(both(file_of(tmp_path, first))[1])
    more = [("A new one at the front?", "no"), *first]
    late = set(both(file_of(tmp_path, more))[1])
    assert len(early & late) >= 38


@pytest.mark.parametrize(
    ("rows", "params", "expected"),
    [
        (100, {"share": 0.8, "most": 1000}, 20),
        (5_000, {"share": 0.8, "most": 1000}, 1_000),
        (50_000, {"share": 0.8, "most": 1000}, 1_000),
        (7, {"share": 0.8, "most": 1000}, 2),
        (10, {"count": 3}, 3),
        (10, {"count": 30}, 9),
        (1, {}, 0),
    ],
)
def test_how_many_rows_validate(rows, params, expected):
    """The first ones are the rule of old: n_train = max(n - 1000, int(0.8 n))."""
    assert Split(**params).validation_rows(rows) == expected


@settings(max_examples=60, deadline=None)
@given(NUMBERS, st.data())
def test_what_is_chosen_are_whole_groups_and_never_too_many(groups, data):
    strata = data.draw(st.lists(st.integers(0, 2), min_size=len(groups), max_size=len(groups)))
    want = data.draw(st.integers(0, len(groups) - 1))
    numbers = np.array(groups, np.uint64)
    chosen = choose(want, groups=numbers, strata=np.array(strata, np.uint64), seed=7)
    sides = {
        side: {g for g, c in zip(groups, chosen, strict=True) if g and c == side} for side in (0, 1)
    }
    assert not sides[0] & sides[1]
    smallest = min((groups.count(g) for g in groups if g), default=1)
    assert chosen.sum() <= max(want, smallest)
    assert not chosen.all()
    if not any(groups):
        assert chosen.sum() == want


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.sampled_from([b"", b"{", b"[]", b'{"prompt":"a"}', b'{"prompt":"b"}']), max_size=20)
)
def test_any_lines_can_be_split(tmp_path_factory, lines):
    path = tmp_path_factory.mktemp("split") / "rows.jsonl"
    path.write_bytes(b"".join(line + b"\n" for line in lines))
    train, validation = both(path)
    assert sorted(train + validation) == sorted(lines)


def test_a_sample_has_as_many_rows_as_asked_for_in_their_order(thirty):
    lines = thirty.read_bytes().splitlines()
    sample = result(thirty, {"step": "sample", "count": 7})
    assert len(sample) == 7
    assert sample == [line for line in lines if line in sample]
    assert len(result(thirty, {"step": "sample", "share": 0.5})) == 15
    assert len(result(thirty, {"step": "sample", "count": 99})) == 30


def test_a_sample_needs_a_size():
    with pytest.raises(StepError):
        Sample()


def test_rows_are_kept_and_left_out_by_number(thirty):
    lines = thirty.read_bytes().splitlines()
    kept = result(thirty, {"step": "keep_rows", "rows": "2-3, 30, 3 – 4"})
    assert kept == [lines[1], lines[2], lines[3], lines[29]]
    left = result(thirty, {"step": "leave_out_rows", "rows": "2-30"})
    assert left == [lines[0]]


@pytest.mark.parametrize("text", ["", "x", "0", "5-2", "1..4", "1-2-3", "-4", ","])
def test_nonsense_row_numbers_are_refused(text):
    with pytest.raises(StepError, match="row numbers"):
        build([{"step": "keep_rows", "rows": text}])


def test_ranges_are_joined():
    assert ranges("5-9,1,2,7-12") == [(1, 2), (5, 12)]


def test_a_merge_takes_the_files_in_their_order(tmp_path, thirty):
    (tmp_path / "second").mkdir()
    second = file_of(tmp_path / "second", [("A", "B")])
    target = io.BytesIO()
    engine.run([{"step": "merge", "versions": ["a", "b"]}], [thirty, second], target)
    assert target.getvalue() == thirty.read_bytes() + second.read_bytes()


def test_what_is_left_after_rounding_goes_to_the_largest_remainder():
    """Of 16 and 4 rows 7 are 5.6 and 1.4: six and one, whatever the seed."""
    strata = np.array([1] * 16 + [2] * 4, np.uint64)
    for seed in range(10):
        chosen = choose(7, groups=np.zeros(20, np.uint64), strata=strata, seed=seed)
        assert (chosen[:16].sum(), chosen[16:].sum()) == (6, 1)
