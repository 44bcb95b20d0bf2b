"""The engine of recipes: what comes through untouched, what is counted, what a preview says."""

import io
import struct
from pathlib import Path

import orjson
import pytest

from apps.datasets.recipes import engine, parts
from apps.datasets.recipes.rows import Row, made
from apps.datasets.recipes.steps import STEPS, Step, StepError, build

GOOD = b'{"messages": [ {"role":"user","content":"Hi"},{"role":"assistant","content":"Ahoy"} ]}'
PADDED = b'{"messages":[{"role":"user","content":" Hi\\n"},{"role":"assistant","content":"Ahoy"}]}'


def file_of(tmp_path: Path, *lines: bytes, end: bytes = b"\n") -> Path:
    path = tmp_path / "rows.jsonl"
    path.write_bytes(b"\n".join(lines) + end)
    return path


def run(recipe, *paths, origins=None):
    target = io.BytesIO()
    outcomes = engine.run(recipe, paths, target, origins=origins)
    return target.getvalue(), outcomes


def test_what_no_step_changes_stays_byte_for_byte(tmp_path):
    odd = [GOOD, b"", b"{broken", b"[1]", b"\xff\xfe", b'{"a":1,"a":2}', b'{"big":1e400}', b"  "]
    path = file_of(tmp_path, *odd)
    written, [outcome] = run([{"step": "trim"}], path)
    assert written == path.read_bytes()
    assert not outcome.did_anything


def test_a_file_without_a_last_line_end_and_with_a_mark_gets_and_loses_it(tmp_path):
    path = file_of(tmp_path, b"\xef\xbb\xbf" + GOOD + b"\r", GOOD, end=b"")
    assert run([], path)[0] == GOOD + b"\n" + GOOD + b"\n"


def test_each_step_is_counted_and_origins_name_the_old_rows(tmp_path):
    path = file_of(tmp_path, b"", PADDED, b"{broken", GOOD)
    recipe = [{"step": "remove_blank_lines"}, {"step": "drop_unreadable"}, {"step": "trim"}]
    origins = io.BytesIO()
    written, outcomes = run(recipe, path, origins=origins)
    assert [orjson.loads(line)["messages"][0]["content"] for line in written.splitlines()] == [
        "Hi",
        "Hi",
    ]
    assert [(o.step, o.changed, o.dropped) for o in outcomes] == [
        ("remove_blank_lines", 0, 1),
        ("drop_unreadable", 0, 1),
        ("trim", 1, 0),
    ]
    assert struct.unpack("<2I", origins.getvalue()) == (2, 4)


def test_a_row_too_large_to_hold_is_copied_from_the_disk(tmp_path, monkeypatch):
    monkeypatch.setattr(parts, "MAX_ROW_BYTES", 100)
    huge = b'{"messages": "' + b"x" * 500 + b'"}'
    path = file_of(tmp_path, GOOD, huge, GOOD, huge, end=b"")
    written, _ = run([{"step": "trim"}], path)
    assert written == path.read_bytes() + b"\n"
    assert run([{"step": "drop_unreadable"}], path)[0] == GOOD + b"\n" + GOOD + b"\n"


class _AddsWhatItSaw(Step):
    code, needs_scan = "adds", True

    def look(self, rows):
        return len(rows)

    def learn(self, looks):
        self.seen = sum(looks)

    def added(self):
        yield made({"messages": f" {self.seen} "})

    def learned(self):
        return {"seen": self.seen}


def test_a_step_learns_from_what_the_steps_before_it_left(tmp_path, monkeypatch):
    monkeypatch.setitem(STEPS, "adds", _AddsWhatItSaw)
    path = file_of(tmp_path, b"", GOOD, b"", GOOD)
    recipe = [{"step": "remove_blank_lines"}, {"step": "adds"}, {"step": "adds"}]
    written, outcomes = run(recipe, path)
    assert [outcome.learned for outcome in outcomes] == [{}, {"seen": 2}, {"seen": 3}]
    assert outcomes[1].added == 1
    assert written.count(b"\n") == 4


def test_progress_reaches_the_end_of_all_passes(tmp_path, monkeypatch):
    monkeypatch.setitem(STEPS, "adds", _AddsWhatItSaw)
    monkeypatch.setattr(parts, "PART_BYTES", 1)
    path = file_of(tmp_path, GOOD, GOOD, GOOD)
    seen = []
    engine.run(
        [{"step": "adds"}],
        [path],
        io.BytesIO(),
        on_progress=lambda p: seen.append((p.bytes, p.total_bytes)),
    )
    assert seen[-1] == (2 * path.stat().st_size, 2 * path.stat().st_size)
    assert seen == sorted(seen)


def test_a_preview_shows_rows_before_and_after(tmp_path):
    path = file_of(tmp_path, GOOD, PADDED, b"{broken")
    preview = engine.preview([{"step": "trim"}, {"step": "drop_unreadable"}], path)
    assert [(c.before.number, c.after is None) for c in preview.changes] == [(2, False), (3, True)]
    assert (preview.rows, preview.left, preview.is_complete) == (3, 2, True)


def test_a_preview_without_time_looks_at_a_part_and_says_so(tmp_path):
    path = file_of(tmp_path, *[PADDED] * 50)
    preview = engine.preview([{"step": "trim"}], path, seconds=0, most=3)
    assert preview.rows < 50
    assert not preview.is_complete
    assert preview.changed == preview.rows


@pytest.mark.parametrize(
    ("recipe", "field", "place"),
    [
        ([{"step": "trim"}, {"step": "nonsense"}], "step", 1),
        ([{"step": "trim", "much": 3}], "much", 0),
    ],
)
def test_a_recipe_that_makes_no_sense_is_refused_before_anything_is_read(recipe, field, place):
    with pytest.raises(StepError) as caught:
        build(recipe)
    assert (caught.value.field, caught.value.place) == (field, place)
    assert caught.value.message


def test_rows_compare_by_what_they_hold():
    row = Row(1, GOOD)
    assert row.having({"a": 1}).line == b'{"a":1}'
    assert row.line == GOOD


@pytest.mark.parametrize(
    "line",
    [
        b'{"a":"x","a":"y"}',
        b'{"a":"x", "a" : "y:"}',
        b'{"a":"x","a":"\\u003a"}',
        b'{"a":"x","a":"y\\u003A\\u003a"}',
        b'{"messages":[{"role":"user","role":"user","content":"Hi"}]}',
        b'{"a":{"b":1,"b":2}}',
        b'["a:"]',
        b"NaN",
    ],
)
def test_a_row_that_the_check_cannot_read_is_not_read_here_either(line):
    assert Row(1, line).data is None


def test_colons_in_texts_and_keys_are_no_repeated_keys():
    for line in (b'{"a":"b: c\\u003a d","e:f":"::"}', b'{"a" :\t"b","c":{"d:":[":"]}}'):
        assert Row(1, line).data == orjson.loads(line)
