"""Recipes on rows that nobody thought of: what goes in, what may come out."""

import io
import tempfile
from copy import deepcopy
from pathlib import Path

import orjson
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.datasets.check import file
from apps.datasets.check.spool import Spool
from apps.datasets.recipes import engine
from apps.datasets.recipes.repairs import recipe_for
from apps.datasets.recipes.rows import Row
from apps.datasets.recipes.steps import build
from apps.datasets.recipes.taking import answered, outcomes_of, take
from apps.datasets.rulebook import Severity, severity
from tests.datasets.recipe_cases import CASES

quickly = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow], database=None
)
FITTING = {
    "set_system_prompt": {"text": "You are a parrot."},
    "rename_key": {"old": "content", "new": "text"},
    "replace_text": {"find": "a", "by": "b"},
}
CODES = (*CASES, "drop_duplicates", "merge_duplicates")
RECIPE = [{"step": code, **FITTING.get(code, {})} for code in CODES]
# A second run finds less to strip, cuts what has become last, or begins with other columns.
NOT_TWICE = {"strip_prefix", "rename_key"}

LETTERS = "ab A\n\té\u200b\0Ã©😀:->#"
NAMES = ("user", "User", "gpt", "human", "assistant", "system", "tool", "zebra", "", "usr")


class Writer:
    """Writes files of rows that are nearly right."""

    def __init__(self, chance):
        self.chance = chance

    def one(self, *makers):
        maker = self.chance.choice(makers)
        return maker() if callable(maker) else maker

    def some(self, most, maker):
        return [maker() for _ in range(self.chance.randrange(most + 1))]

    def having(self, share, **makers):
        return {k: self.one(m) for k, m in makers.items() if self.chance.random() < share}

    def text(self):
        return "".join(self.some(6, lambda: self.chance.choice(LETTERS)))

    def name(self):
        return self.chance.choice(NAMES)

    def anything(self):
        other = (None, True, -1, 0.5, "", {}, [], {"a": [None]}, ["x", 1])
        return self.one(*other, self.text)

    def call(self):
        function = self.having(0.8, name="f", arguments=self.chance.choice(["{}", {}, None, "x"]))
        return self.having(0.8, id="c", type="function", function=function)

    def part(self):
        return self.having(0.8, type=self.chance.choice(["text", "image_url"]), text=self.text)

    def content(self):
        return self.one(self.text, self.text, self.anything, lambda: self.some(2, self.part))

    def message(self):
        usual = self.having(0.95, role=self.name, content=self.content)
        more = {"weight": self.anything, "tool_calls": lambda: self.some(2, self.call)}
        more |= {"from": self.name, "value": self.text, "id": self.anything, "name": self.text}
        return usual | self.having(0.1, **more, tool_call_id="c")

    def conversation(self):
        return self.one(*[lambda: self.some(4, self.message)] * 6, self.anything)

    def pair(self):
        return self.having(0.9, prompt=self.content, completion=self.content)

    def foreign(self):
        key = self.one("conversations", "Mesages", "contents", "chosen", "preferred_output")
        return {key: self.conversation(), **self.having(0.5, rejected=self.conversation)}

    def row(self):
        chat = lambda: {"messages": self.conversation()}  # noqa: E731
        base = self.one(chat, chat, chat, self.pair, self.foreign, self.anything)
        more = {"system": self.text, "input": self.anything, "tools": self.anything}
        extra = self.having(0.05, **more, id=7, output=self.text, instruction=self.text)
        return base | extra if isinstance(base, dict) else base

    def line(self):
        broken = (
            b"",
            b"{broken",
            b"\xff",
            b'{"a":1,"a":2}',
            b"NaN",
            b'"\\ud800"',
            b"\xef\xbb\xbf{}",
        )
        if self.chance.random() < 0.1:
            return self.chance.choice(broken)
        return orjson.dumps(self.row())

    def file(self):
        return b"".join(line + b"\n" for line in self.some(9, self.line))


def written(chance):
    return Writer(chance).file()


files = st.randoms(use_true_random=False).map(written) | st.binary(max_size=60)


def run(recipe, content):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "rows.jsonl")
        path.write_bytes(content)
        target = io.BytesIO()
        engine.run(recipe, [path], target)
        return target.getvalue()


def checked(content):
    """Return the report of the check itself."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "rows.jsonl")
        path.write_bytes(content)
        with Spool(path.parent) as spool, Path(folder, "rows.idx").open("wb+") as index:
            return file.check_file(
                path,
                encodings=("bytes",),
                limits={"bytes": 65_536},
                spool=spool,
                index=index,
                on_progress=lambda _: None,
                process_count=0,
            )


@quickly
@given(files, st.permutations(RECIPE))
def test_whatever_comes_in_lines_of_json_come_out_or_what_came_in(content, recipe):
    came_in = {e.rstrip(b"\r") for e in content.removeprefix(b"\xef\xbb\xbf").split(b"\n")}
    for line in run(recipe, content).split(b"\n")[:-1]:
        if line not in came_in:
            assert isinstance(orjson.loads(line), dict)


@quickly
@given(files, st.sampled_from(RECIPE))
def test_no_step_changes_what_it_is_given(content, entry):
    [step] = build([entry])
    given_rows = [Row(n, line) for n, line in enumerate(content.splitlines(), 1)]
    before = [(row.line, deepcopy(row.data)) for row in given_rows]
    if step.needs_scan:
        step.learn([step.look(given_rows)])
    step.begin()
    answered(take(given_rows, [step], outcomes_of([step])), [step])
    assert [(row.line, row.data) for row in given_rows] == before


@quickly
@given(files, st.sampled_from([entry for entry in RECIPE if entry["step"] not in NOT_TWICE]))
def test_a_step_run_twice_does_what_it_does_once(content, entry):
    once = run([entry], content)
    assert run([entry], once) == once


@quickly
@given(files)
def test_what_is_repaired_as_suggested_has_nothing_left_to_fix(content):
    report = checked(content)
    recipe = recipe_for(report.groups, system_prompt="You are a parrot.")
    repaired = run(recipe, content)
    if report.failure or not repaired.strip():
        return
    again = checked(repaired)
    wrong = [g["code"] for g in again.groups if severity(g["code"]) == Severity.ERROR]
    assert wrong == [], (recipe, repaired)
