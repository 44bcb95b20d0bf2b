"""The old preparation tool's validators, in order, each at its threshold and one beside it."""

import io

import orjson
import pytest

from apps.datasets.recipes import engine, parts
from apps.datasets.recipes.escapes import spelled, typed
from apps.datasets.recipes.legacy import recipe_of, split_sizes, suggest

WORDS = ("ape", "bee", "cod", "doe", "eel", "fox", "gnu", "hen", "ibex", "jay")


def prepared(n=120, *, prompt="{w} {i} ->", completion=" {i}{w} {i} fine END", **more):
    """Rows about which the tool has nothing to say but their number."""
    return [
        {
            "prompt": prompt.format(i=i, w=WORDS[i % 10]),
            "completion": completion.format(i=i, w=WORDS[i % 7]),
            **more,
        }
        for i in range(n)
    ]


@pytest.fixture
def looked(tmp_path):
    """Write rows to a file and look at it."""

    def look(rows, **how):
        path = tmp_path / "rows.jsonl"
        path.write_bytes(b"".join(orjson.dumps(row) + b"\n" for row in rows))
        return {suggestion.code: suggestion for suggestion in suggest(path, **how)}

    return look


def made_by(tmp_path, rows, recipe):
    path = tmp_path / "before.jsonl"
    path.write_bytes(b"".join(orjson.dumps(row) + b"\n" for row in rows))
    target = io.BytesIO()
    engine.run(recipe, [path], target)
    return [orjson.loads(line) for line in target.getvalue().splitlines()]


QUIET = {"count", "has_separator", "has_ending"}


def test_a_prepared_file_gets_no_suggestion(looked):
    found = looked(prepared())
    assert set(found) == QUIET
    assert found["has_separator"].params == {"text": " ->"}
    assert found["has_ending"].params == {"text": " fine END"}


def test_1_fewer_than_a_hundred_rows_are_few(looked):
    assert "few_rows" in looked(prepared(99))
    assert "few_rows" not in looked(prepared(100))


def test_2_and_3_columns_are_found_by_their_small_names(looked):
    rows = [{"Prompt": r["prompt"], "COMPLETION": r["completion"]} for r in prepared()]
    found = looked(rows)
    assert found["column_name"].kind == "necessary"
    assert found["column_name"].step == {
        "step": "rename_key",
        "old": "COMPLETION",
        "new": "completion",
    }
    assert "missing_column" not in found


@pytest.mark.parametrize("name", ["prompt", "completion"])
def test_2_and_3_a_missing_column_ends_the_looks(looked, name):
    found = looked([{key: row[key] for key in row if key != name} for row in prepared()])
    assert found["missing_column"].kind == "error"
    assert found["missing_column"].params == {"name": name}
    assert list(found)[-1] == "missing_column"


def test_4_other_columns_go_and_only_alike_names_are_warned_of(looked):
    found = looked(prepared(id=1))
    assert found["more_columns"].step == {"step": "keep_columns"}
    assert "similar_columns" not in found  # the old tool warned here, of “id” containing “id”
    assert looked(prepared(prompt_2="x"))["similar_columns"].params == {"names": "prompt_2"}


@pytest.mark.parametrize("empty", ["", None])
def test_5_empty_completions_are_dropped(looked, empty):
    rows = prepared()
    rows[6]["completion"] = empty
    found = looked(rows)["empty"]
    assert (found.kind, found.params) == ("necessary", {"n": 1, "rows": "7"})
    assert found.step == {"step": "drop_empty_answers"}


@pytest.mark.parametrize(("labels", "is_one"), [(39, True), (40, False)])
def test_6_it_is_classification_below_a_third(looked, labels, is_one):
    rows = prepared(120)
    for place, row in enumerate(rows):
        row["completion"] = f" {place % labels}q{WORDS[place % labels % 7]}"
    found = looked(rows)
    assert ("classification" in found) == is_one
    assert ("ending" in found) == (not is_one)  # labels need no ending
    assert ("split" in found) == is_one


def test_7_pairs_that_repeat_are_dropped(looked):
    rows = prepared()
    assert looked([*rows, rows[3], rows[3]])["duplicates"].params == {"n": 2}
    assert "duplicates" not in looked([*rows, rows[3] | {"completion": " other END"}])


@pytest.mark.parametrize(("size", "is_long"), [(10_000, False), (10_001, True)])
def test_8_rows_of_more_than_ten_thousand_characters_are_long(looked, size, is_long):
    rows = prepared()
    rows[0]["prompt"] = "a" * (size - len(rows[0]["completion"]) - 3) + " ->"
    found = looked(rows)
    assert ("long" in found) == is_long


def test_8_long_texts_without_prompts_are_no_problem(looked):
    rows = prepared(prompt="")
    rows[0]["completion"] = "a" * 20_000
    assert "long" not in looked(rows)


@pytest.mark.parametrize(("text", "is_loud"), [("AB abcd", False), ("ABC abcde", True)])
def test_9_and_10_a_third_of_capitals_is_much(looked, text, is_loud):
    rows = prepared(prompt=text + " {i} ->", completion=" {i} " + text)
    found = looked(rows)
    assert ("capitals_prompt" in found, "capitals_completion" in found) == (is_loud, is_loud)


def test_9_capitals_of_other_scripts_count_and_scripts_without_case_do_not(looked):
    assert "capitals_prompt" in looked(prepared(prompt="ПРИВЕТ {i} ->"))
    assert "capitals_prompt" not in looked(prepared(prompt="привет 你好 {i} ->"))


def test_11_the_first_separator_that_stands_nowhere_is_suggested(looked):
    assert looked(prepared(prompt="{w} {i}"))["separator"].step["text"] == " ->"
    several_lines = looked(prepared(prompt="{w}\n{i}"))["separator"]
    assert spelled(several_lines.step["text"]) == "\n\n###\n\n"
    taken = looked(prepared(prompt="{w} -> \n\n###\n\n {i}"))["separator"]
    assert spelled(taken.step["text"]) == "\n\n===\n\n"


def test_11_equal_prompts_end_the_looks(looked):
    found = looked(prepared(prompt="same"))
    assert list(found)[-1] == "equal_prompts"


def test_11_a_long_or_ambiguous_separator_is_remarked_on(looked):
    found = looked(prepared(prompt="{w} -> {i} ->"))
    assert "separator_inside" in found
    found = looked(prepared(prompt="{w} {i} and so on ->"))
    assert found["long_separator"].kind == "info"
    assert "separator_inside" not in found


def test_11_open_ended_files_need_no_separator(looked):
    assert not {"separator", "has_separator", "equal_prompts"} & set(looked(prepared(prompt="")))


@pytest.mark.parametrize(("prefix", "kind"), [("a" * 12, "info"), ("a" * 13, "recommended")])
def test_12_a_common_beginning_of_prompts_goes_when_it_is_long(looked, prefix, kind):
    found = looked(prepared(prompt=prefix + "{i}{w} ->"))["prompt_prefix"]
    assert found.kind == kind


@pytest.mark.parametrize(("prefix", "is_found"), [(" abc", False), (" abcd", True)])
def test_13_five_characters_at_the_beginning_of_completions_go(looked, prefix, is_found):
    found = looked(prepared(completion=prefix + "{i}{w} {i}q END"))
    assert ("completion_prefix" in found) == is_found


def test_13_what_follows_the_beginning_stays_as_it_was(tmp_path, looked):
    """The old tool put a dump of the whole column into every completion here."""
    rows = prepared(completion=" The answer: {i}{w} {i}q END")
    step = looked(rows)["completion_prefix"].step
    made = made_by(tmp_path, rows, [step])
    assert [row["completion"] for row in made[:2]] == [" 0ape 0q END", " 1bee 1q END"]


def test_14_the_first_ending_that_stands_nowhere_is_suggested(looked):
    plain = looked(prepared(completion=" {i} {w}{i}"))["ending"]
    assert spelled(plain.step["text"]) == "\n"
    taken = looked(prepared(completion=" {i}\n. {w}{i}"))["ending"]
    assert taken.step["text"] == " END"


def test_14_equal_completions_are_an_error(looked):
    rows = [{"prompt": f"{i} ->", "completion": " x"} for i in range(2)]
    assert list(looked(rows))[-1] == "equal_completions"


def test_15_completions_begin_with_a_space(looked):
    rows = prepared()
    rows[0]["completion"] = rows[0]["completion"].strip()
    assert looked(rows)["space"].params == {"n": 1}


def test_the_split_keeps_at_most_a_thousand_and_a_fifth(looked):
    assert split_sizes(100) == (80, 20)
    assert split_sizes(5_000) == (4_000, 1_000)
    assert split_sizes(20_000) == (19_000, 1_000)
    assert split_sizes(7) == (5, 2)


def test_the_steps_together_leave_nothing_to_suggest(tmp_path, looked):
    rows = prepared(prompt="QUESTION NUMBER {w} {i}", completion="WELL: {w} IS: {i} {w}{i}")
    rows += [rows[0], {"prompt": "x", "completion": ""}]
    rows = [{"Prompt": r["prompt"], "completion": r["completion"], "id": 7} for r in rows]
    recipe = recipe_of(list(looked(rows).values()))
    made = made_by(tmp_path, rows, recipe)
    assert made[0] == {"prompt": "ape 0 ->", "completion": " ape is: 0 ape0\n"}
    again = looked(made)
    assert {s.kind for s in again.values()} == {"info"}, again
    assert len(made) == 120


def test_a_part_of_a_file_suggests_steps_that_look_at_all_of_it(looked, monkeypatch):
    monkeypatch.setattr(parts, "PART_BYTES", 500)
    found = looked(prepared(prompt="{w} {i}"), seconds=0)
    assert found["count"].params["n"] < 120
    many = looked([*prepared(1), *prepared(300, prompt="{w} {i}")], seconds=0)
    assert all(not (s.step or {}).get("text") for s in many.values())


def test_texts_with_line_breaks_survive_being_typed():
    for text in ("\n\n###\n\n", "a\\nb", "\t\\", "plain", "\\\\n\n"):
        assert spelled(typed(text)) == text
