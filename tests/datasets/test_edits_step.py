"""The recipe step that writes what a person changed by hand."""

import io
from pathlib import Path

import pytest

from apps.datasets.recipes.engine import run
from apps.datasets.recipes.steps import StepError

LINES = [b'{"n": 1}', b"not json", b'{"n":  3}']


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "rows.jsonl"
    path.write_bytes(b"\n".join(LINES))
    return path


def test_rows_are_rewritten_left_out_and_added(path: Path) -> None:
    target, origins = io.BytesIO(), io.BytesIO()
    step = {"step": "edits", "rows": {"1": None, "2": '{"n":2}'}, "added": ['{"n":4}']}
    (outcome,) = run([step], [path], target, origins=origins)
    assert target.getvalue() == b'{"n":2}\n{"n":  3}\n{"n":4}\n'
    assert origins.getvalue() == bytes([2, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0])
    assert (outcome.changed, outcome.dropped, outcome.added) == (1, 1, 1)


def test_ranges_of_rows_are_left_out(path: Path) -> None:
    target = io.BytesIO()
    run([{"step": "edits", "left_out": "1-2", "rows": {"3": '{"n":5}'}}], [path], target)
    assert target.getvalue() == b'{"n":5}\n'


def test_other_files_of_a_merge_are_left_alone(path: Path) -> None:
    target = io.BytesIO()
    run([{"step": "edits", "rows": {"1": None}}], [path, path], target)
    assert target.getvalue() == b"\n".join([*LINES[1:], *LINES]) + b"\n"


def test_a_mark_that_the_row_has_nothing_for_is_refused(path: Path) -> None:
    line = '{"n":"[kept 0123456789abcdef: 5,000 characters, data:…]"}'
    with pytest.raises(StepError, match="has no long text"):
        run([{"step": "edits", "rows": {"1": line}}], [path], io.BytesIO())


@pytest.mark.parametrize(
    "params",
    [
        {"rows": []},
        {"rows": {"0": None}},
        {"rows": {"x": None}},
        {"rows": {"1": "[]"}},
        {"rows": {"1": "{\n}"}},
        {"rows": {"1": 5}},
        {"added": ["not json"]},
        {"added": [None]},
        {"left_out": "all"},
    ],
)
def test_nonsense_is_refused_before_a_row_is_written(path: Path, params: dict[str, object]) -> None:
    target = io.BytesIO()
    with pytest.raises(StepError):
        run([{"step": "edits", **params}], [path], target)
    assert target.getvalue() == b""
