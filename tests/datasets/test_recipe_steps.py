"""Every step: a row that it changes, and one that it leaves alone."""

import io
from copy import deepcopy

import orjson
import pytest

from apps.datasets.recipes import duplicates, engine
from apps.datasets.recipes.rows import Row
from apps.datasets.recipes.steps import STEPS, StepError, build
from apps.datasets.recipes.taking import answered, outcomes_of, take
from apps.datasets.rulebook import RULES
from tests.datasets.recipe_cases import AHOY, CASES, DROPPED, GOOD, HI, SAME, chat, msg, pair


def after(step, *rows):
    """Run one step over rows; each row may be an object or a line of bytes."""
    lines = [row if isinstance(row, bytes) else orjson.dumps(row) for row in rows]
    source = io.BytesIO(b"\n".join(lines) + b"\n")
    made = []
    [built] = build([step])
    numbered = [Row(n, line) for n, line in enumerate(source.getvalue().split(b"\n")[:-1], 1)]
    if built.needs_scan:
        built.learn([built.look(numbered)])
    built.begin()
    before = deepcopy([row.data for row in numbered])
    left = answered(take(numbered, [built], outcomes_of([built])), [built])
    assert [row.data for row in numbered] == before, "a step may not change what it is given"
    found = {row.number: row for row in left}
    for row in numbered:
        new = found.get(row.number)
        made.append(
            SAME if new is row else new and (new.data if new.data is not None else new.line)
        )
    return made


MODULES = ("chat", "dropping", "duplicates", "keys", "lengths", "lines", "pairs", "roles", "texts")
MODULES = (*MODULES, "types")  # other steps have tests of their own
OF_ALL_ROWS = {"drop_duplicates", "merge_duplicates"}
FLAT = [
    (code, *(case if len(case) == 3 else ({}, *case)))
    for code, cases in CASES.items()
    for case in cases
]


@pytest.mark.parametrize(("code", "given", "row", "expected"), FLAT)
def test_each_step_changes_what_it_should_and_nothing_else(code, given, row, expected):
    assert after({"step": code, **given}, row) == [expected]


@pytest.mark.parametrize(("code", "given", "row", "expected"), FLAT)
def test_what_a_step_has_done_it_does_not_do_again(code, given, row, expected):
    if isinstance(expected, dict):
        assert after({"step": code, **given}, expected) == [SAME]


def test_no_step_is_without_a_case():
    mine = {code for code, step in STEPS.items() if step.__module__.split(".")[-1] in MODULES}
    assert mine == {*CASES, *OF_ALL_ROWS}


def test_copies_are_dropped_exactly_or_loosely():
    shouted = chat(msg("user", "HI "), AHOY)
    other = chat(HI, msg("assistant", "Arr"))
    swapped = {"messages": [{"content": "Hi", "role": "user"}, AHOY]}
    rows = [GOOD, b"{broken", shouted, swapped, other, b"{broken"]
    kept = [SAME, SAME, SAME, DROPPED, SAME, SAME]
    assert after({"step": "drop_duplicates"}, *rows) == kept
    loosely = after({"step": "drop_duplicates", "same": "loose"}, *rows)
    assert loosely == [SAME, SAME, DROPPED, DROPPED, SAME, SAME]
    last = after({"step": "drop_duplicates", "same": "loose", "keep": "last"}, *rows)
    assert last == [DROPPED, SAME, DROPPED, SAME, SAME, SAME]
    by_question = after({"step": "drop_duplicates", "same": "question", "keep": "last"}, *rows)
    assert by_question == [DROPPED, SAME, DROPPED, DROPPED, SAME, SAME]


def test_rows_that_say_the_same_are_merged_into_the_fullest():
    fuller = chat(HI | {"name": "Ann"}, AHOY)
    assert after({"step": "merge_duplicates"}, GOOD, fuller, GOOD) == [DROPPED, SAME, DROPPED]
    assert after({"step": "merge_duplicates"}, GOOD, GOOD) == [SAME, DROPPED]


def test_to_chat_finds_the_marks_at_the_ends_by_itself():
    rows = [pair(f"Question {n}?\n\n###\n\n", f" Answer {n}. END") for n in range(3)]
    first = after({"step": "to_chat"}, *rows)[0]
    assert first == chat(msg("user", "Question 0?"), msg("assistant", "Answer 0."))


def test_to_chat_leaves_words_that_all_rows_happen_to_end_with():
    rows = [pair(f"Is {n} odd, please?", f" It is {n}.") for n in range(3)]
    first = after({"step": "to_chat"}, *rows)[0]
    assert first == chat(msg("user", "Is 0 odd, please?"), msg("assistant", "It is 0."))


@pytest.mark.parametrize(
    ("step", "field"),
    [
        ({"step": "set_system_prompt"}, "text"),
        ({"step": "set_system_prompt", "how": "sing", "text": "x"}, "how"),
        ({"step": "set_weights", "which": "not_containing"}, "text"),
        ({"step": "drop_long_rows", "most": "many"}, "most"),
        ({"step": "drop_long_rows", "most": 0}, "most"),
        ({"step": "drop_long_rows", "most": 1.5}, "most"),
        ({"step": "drop_long_rows", "most": ""}, "most"),
        ({"step": "rename_key", "old": "a"}, "new"),
        ({"step": "fix_roles", "user": [3]}, "user"),
        ({"step": "replace_text", "find": "a\0"}, "find"),
        ({"step": "replace_text", "find": "a" * 20_001}, "find"),
        ({"step": "replace_text", "find": 5}, "find"),
    ],
)
def test_a_setting_that_makes_no_sense_gets_a_sentence_at_its_place(step, field):
    with pytest.raises(StepError) as caught:
        build([step])
    assert caught.value.field == field
    assert caught.value.message.endswith(".")


def test_long_rows_are_counted_as_the_check_counts(tmp_path):
    """The step drops exactly the rows over the limit: one token more or less decides."""
    from apps.datasets.recipes.lengths import tokens_of

    size = tokens_of(Row(1, orjson.dumps(GOOD)))
    assert size == 3 + 2 * (3 + 1) + 1 + 2
    long = chat(msg("user", "Hi " * 100), AHOY)
    size = tokens_of(Row(1, orjson.dumps(long)))
    assert after({"step": "drop_long_rows", "most": size}, long) == [SAME]
    assert after({"step": "drop_long_rows", "most": size - 1}, long) == [DROPPED]


def test_dropped_problems_are_named(tmp_path):
    path = tmp_path / "rows.jsonl"
    path.write_bytes(orjson.dumps(GOOD) + b"\n{broken\n[]\n")
    [outcome] = engine.run([{"step": "drop_rows_with_problems"}], [path], io.BytesIO())
    assert outcome.learned == {"codes": {"invalid_json": 1, "not_an_object": 1}}


def test_every_repair_that_a_rule_names_is_a_step():
    named = {rule.repair for rule in RULES.values() if rule.repair}
    assert named - set(STEPS) == set()


def test_copies_are_found_among_more_rows_than_are_quick_to_find(monkeypatch):
    monkeypatch.setattr(duplicates, "MOST_NEWEST", 2)
    rows = [chat(HI, msg("assistant", f"Ahoy {n % 7}")) for n in range(20)]
    assert after({"step": "drop_duplicates"}, *rows) == [SAME] * 7 + [DROPPED] * 13
