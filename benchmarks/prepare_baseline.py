"""What the old preparation tool does with a file of prompts and completions, in its own way.

Our own code of its published description, with pandas as it had, or with plain lists where pandas
is not installed. Every suggestion is taken. Prints which of the two ran.

    python benchmarks/prepare_baseline.py SOURCE TARGET
"""

import json
import sys
from collections.abc import Callable, Iterable
from typing import Any

try:
    import pandas
except ImportError:
    pandas = None

SEPARATORS = (" ->", "\n\n###\n\n", "\n\n===\n\n", "\n\n---\n\n", "\n\n===>\n\n", "\n\n--->\n\n")
Change = Callable[[Any], Any]  # of a data frame, whose types few have installed
Row = dict[str, str]
ENDINGS = ("\n", ".", " END", "***", "+++", "&&&", "$$$", "@@@", "%%%")


def capitals(texts: Iterable[str]) -> bool:
    texts = list(texts)
    upper = sum(sum(1 for c in text if c.isalpha() and c.isupper()) for text in texts)
    lower = sum(sum(1 for c in text if c.isalpha() and c.islower()) for text in texts)
    return upper * 2 > lower


def with_pandas(source: str, target: str) -> None:
    frame = pandas.read_json(source, lines=True, dtype=str).fillna("")
    frame = frame[["prompt", "completion"]]
    frame = frame[frame.completion != ""].reset_index(drop=True)
    task = pandas_task(frame)
    later: list[Change] = []
    if frame.duplicated(subset=["prompt", "completion"]).any():
        later.append(lambda f: f.drop_duplicates(subset=["prompt", "completion"]))

    def is_long(f: Any) -> Any:
        return f.apply(lambda row: len(row.prompt) + len(row.completion) > 10_000, axis=1)

    if task != "open" and is_long(frame).any():
        later.append(lambda f: f[~is_long(f)])
    for column in ("prompt", "completion"):
        if capitals(frame[column]):
            later.append(pandas_lower(column))
    separator = pandas_unused(
        frame.prompt, SEPARATORS, "\n\n### =>\n\n", skip=frame.prompt.str.contains("\n").any()
    )
    if pandas_common(frame.prompt, end=True) == "":
        later.append(lambda f: f.assign(prompt=f.prompt + separator))
    prefix = pandas_common(frame.prompt, end=False)
    if len(prefix) > 12:
        later.append(lambda f: f.assign(prompt=f.prompt.str[len(prefix) :]))
    start = pandas_common(frame.completion, end=False)
    if len(start) >= 5:
        space = " " if start.startswith(" ") else ""
        later.append(lambda f: f.assign(completion=space + f.completion.str[len(start) :]))
    if pandas_task(frame) == "conditional":
        ending = pandas_unused(frame.completion, ENDINGS, " [END]")
        if pandas_common(frame.completion, end=True) == "":
            later.append(lambda f: f.assign(completion=f.completion + ending))
    if frame.completion.str[:1].nunique() != 1 or frame.completion.to_numpy()[0][0] != " ":
        later.append(
            lambda f: f.assign(
                completion=f.completion.apply(lambda t: ("" if t.startswith(" ") else " ") + t)
            )
        )
    for change in later:
        frame = change(frame)
    frame[["prompt", "completion"]].to_json(target, lines=True, orient="records", force_ascii=False)


def pandas_lower(column: str) -> Change:
    return lambda f: f.assign(**{column: f[column].str.lower()})


def pandas_task(frame: Any) -> str:
    if frame.prompt.str.len().sum() == 0:
        return "open"
    return "classification" if frame.completion.nunique() < len(frame) / 3 else "conditional"


def pandas_unused(texts: Any, marks: tuple[str, ...], last: str, *, skip: bool = False) -> str:
    for mark in marks:
        if mark == " ->" and skip:
            continue
        if not texts.str.contains(mark, regex=False).any():
            return mark
    return last


def pandas_common(texts: Any, *, end: bool) -> str:
    common = ""
    while True:
        size = len(common) + 1
        cut = texts.str[-size:] if end else texts.str[:size]
        if cut.nunique() != 1 or cut.to_numpy()[0] == common:
            return common
        common = cut.to_numpy()[0]


def with_lists(source: str, target: str) -> None:
    with open(source, encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    rows = [{"prompt": r["prompt"], "completion": r["completion"]} for r in rows]
    rows = [row for row in rows if row["completion"]]
    is_open = not sum(len(row["prompt"]) for row in rows)
    different = len({row["completion"] for row in rows})
    later: list[Callable[[list[Row]], list[Row]]] = []
    if len({(r["prompt"], r["completion"]) for r in rows}) < len(rows):
        later.append(lambda rs: list({(r["prompt"], r["completion"]): r for r in rs}.values()))

    def is_long(row: Row) -> bool:
        return len(row["prompt"]) + len(row["completion"]) > 10_000

    if not is_open and any(map(is_long, rows)):
        later.append(lambda rs: [row for row in rs if not is_long(row)])
    for column in ("prompt", "completion"):
        if capitals(row[column] for row in rows):
            later.append(list_lower(column))
    prompts, completions = ([row[key] for row in rows] for key in ("prompt", "completion"))
    has_lines = any("\n" in text for text in prompts)
    separator = list_unused(prompts, SEPARATORS[1:] if has_lines else SEPARATORS, "\n\n### =>\n\n")
    if list_common(prompts, end=True) == "":
        later.append(lambda rs: [{**row, "prompt": row["prompt"] + separator} for row in rs])
    prefix = list_common(prompts, end=False)
    if len(prefix) > 12:
        later.append(lambda rs: [{**row, "prompt": row["prompt"][len(prefix) :]} for row in rs])
    start = list_common(completions, end=False)
    if len(start) >= 5:
        space = " " if start.startswith(" ") else ""
        later.append(
            lambda rs: [{**r, "completion": space + r["completion"][len(start) :]} for r in rs]
        )
    if not is_open and different >= len(rows) / 3 and list_common(completions, end=True) == "":
        ending = list_unused(completions, ENDINGS, " [END]")
        later.append(lambda rs: [{**row, "completion": row["completion"] + ending} for row in rs])
    if any(not text.startswith(" ") for text in completions):
        later.append(
            lambda rs: [
                r if r["completion"][:1] == " " else {**r, "completion": " " + r["completion"]}
                for r in rs
            ]
        )
    for change in later:
        rows = change(rows)
    with open(target, "w", encoding="utf-8") as file:
        for row in rows:
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


def list_lower(column: str) -> Callable[[list[Row]], list[Row]]:
    return lambda rows: [{**row, column: row[column].lower()} for row in rows]


def list_unused(texts: list[str], marks: tuple[str, ...], last: str) -> str:
    return next((mark for mark in marks if not any(mark in text for text in texts)), last)


def list_common(texts: list[str], *, end: bool) -> str:
    common = ""
    while True:
        size = len(common) + 1
        cut = {text[-size:] if end else text[:size] for text in texts}
        if len(cut) != 1 or (found := cut.pop()) == common:
            return common
        common = found


if __name__ == "__main__":
    (with_pandas if pandas else with_lists)(*sys.argv[1:])
    print("pandas " + pandas.__version__ if pandas else "plain lists (pandas is not installed)")
