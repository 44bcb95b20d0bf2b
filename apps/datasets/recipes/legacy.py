"""The fifteen looks at a file of the preparation tool for prompts and completions (pure).

The order, the thresholds and the candidates are the tool's own. Where it was wrong we are not: it
spoiled every completion when it removed a common beginning that starts with a space, and it warned
of every further column, because each contains its own name.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.utils.translation import gettext_lazy as _

from apps.datasets.recipes.escapes import typed
from apps.datasets.recipes.legacy_facts import COLUMNS, LONG_CHARACTERS, Column, Facts, gather

NECESSARY, RECOMMENDED, INFO, ERROR = "necessary", "recommended", "info", "error"
FEW_ROWS = 100
LONG_MARK = 10
PROMPT_PREFIX = 12  # a longer one is removed
COMPLETION_PREFIX = 5  # one of this length is removed
MOST_VALIDATION_ROWS = 1_000
SHOWN = 60
STRIP, LOWER, END, SPACE = range(3, 7)  # when it is applied; before these, in order of the looks


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One thing the tool would say, and the step that does it."""

    code: str
    kind: str
    sentence: Any  # lazy
    params: dict[str, Any] = field(default_factory=dict)
    step: dict[str, Any] | None = None
    turn: int = 0  # steps are applied in the order of their turns

    @property
    def message(self) -> str:
        return str(self.sentence) % self.params if self.params else str(self.sentence)


Suggestions = Iterator[Suggestion]


def suggest(path: Path, *, seconds: float | None = None) -> list[Suggestion]:
    """Look at a file of prompts and completions; what must be done comes before what should be."""
    return suggestions_for(gather(path, seconds=seconds))


def suggestions_for(facts: Facts) -> list[Suggestion]:
    """Go through the looks in their order. An error ends them, as it did in the tool."""
    made: list[Suggestion] = []
    for look in LOOKS:
        made += look(facts)
        if made and made[-1].kind == ERROR:
            break
    return made


def recipe_of(suggestions: list[Suggestion]) -> list[dict[str, Any]]:
    """Put the steps in the order in which they work together."""
    steps = sorted((s for s in suggestions if s.step), key=lambda s: (s.kind != NECESSARY, s.turn))
    return [suggestion.step for suggestion in steps if suggestion.step]


def split_sizes(rows: int) -> tuple[int, int]:
    """Return how many rows to train on and how many to validate with, by the tool's rule."""
    training = max(rows - MOST_VALIDATION_ROWS, int(0.8 * rows))
    return training, rows - training


def shown(text: str) -> str:
    """Write a text so that its line breaks and spaces can be seen, and not too much of it."""
    return typed(text[:SHOWN]) + ("…" if len(text) > SHOWN else "")


def _count(facts: Facts) -> Suggestions:
    """1. num_examples"""
    count = facts.rows + facts.empty
    yield Suggestion("count", INFO, _("Pairs of prompt and completion: %(n)s."), {"n": count})
    if count < FEW_ROWS:
        words = _("Have a few hundred at least: each doubling helps about as much as the last one.")
        yield Suggestion("few_rows", INFO, words)


def _columns(facts: Facts) -> Suggestions:
    """2. and 3. necessary_column, for prompt and for completion"""
    for name in COLUMNS:
        if name in facts.keys:
            continue
        if other := next((key for key in facts.keys if key.strip().lower() == name), ""):
            words = _("The column “%(other)s” must be called “%(name)s”.")
            named = {"other": shown(other), "name": name}
            step = {"step": "rename_key", "old": other, "new": name}
            yield Suggestion("column_name", NECESSARY, words, named, step)
        else:
            words = _("There is no column “%(name)s”.")
            yield Suggestion("missing_column", ERROR, words, {"name": name})
            return


def _not_texts(facts: Facts) -> Suggestions:
    if facts.not_texts:
        words = _("Rows in which the prompt or the completion is not a text: %(n)s.")
        step = {"step": "fix_types"}
        yield Suggestion("not_texts", NECESSARY, words, {"n": facts.not_texts}, step)


def _more_columns(facts: Facts) -> Suggestions:
    """4. additional_column"""
    more = [key for key in facts.keys if key.strip().lower() not in COLUMNS]
    if not more:
        return
    words = _("Only prompt and completion belong here; these other columns go: %(names)s.")
    names = shown(", ".join(more))
    yield Suggestion("more_columns", NECESSARY, words, {"names": names}, {"step": "keep_columns"})
    alike = [key for key in more if any(name in key.lower() for name in COLUMNS)]
    if alike:
        words = _("Their names are much like the ones that stay: %(names)s. Is it the right one?")
        yield Suggestion("similar_columns", INFO, words, {"names": shown(", ".join(alike))})


def _empty(facts: Facts) -> Suggestions:
    """5. non_empty_field"""
    if facts.empty:
        words = _("Rows with an empty completion: %(n)s (%(rows)s).")
        step = {"step": "drop_empty_answers"}
        yield Suggestion("empty", NECESSARY, words, _rows(facts.empty, facts.empty_rows), step)


def _rows(count: int, numbers: list[int]) -> dict[str, Any]:
    more = "…" if count > len(numbers) else ""
    return {"n": count, "rows": ", ".join(map(str, numbers)) + more}


def _task(facts: Facts) -> Suggestions:
    """6. format_inferrer"""
    if facts.rows and facts.task == "classification":
        words = _(
            "This looks like classification: few different completions (%(n)s) in many rows. A "
            "small model does it well; keep some rows aside to validate with."
        )
        yield Suggestion("classification", INFO, words, {"n": facts.completions.distinct})


def _duplicates(facts: Facts) -> Suggestions:
    """7. duplicated_rows"""
    if facts.duplicates:
        words = _("Rows that repeat an earlier pair: %(n)s.")
        step = {"step": "drop_duplicates", "same": "exact", "keep": "first"}
        yield Suggestion("duplicates", RECOMMENDED, words, {"n": facts.duplicates}, step, 1)


def _long(facts: Facts) -> Suggestions:
    """8. long_examples"""
    if facts.long and facts.task != "open_ended":
        words = _("Rows of more than 10,000 characters: %(n)s (%(rows)s).")
        step = {"step": "drop_long_rows", "most": LONG_CHARACTERS, "unit": "characters"}
        yield Suggestion("long", RECOMMENDED, words, _rows(facts.long, facts.long_rows), step, 2)


def _capitals(facts: Facts) -> Suggestions:
    """9. and 10. lower_case, of prompts and of completions"""
    words = {
        "prompt": _("More than a third of the letters in the prompts are capitals."),
        "completion": _("More than a third of the letters in the completions are capitals."),
    }
    for name, column in zip(COLUMNS, (facts.prompts, facts.completions), strict=True):
        if column.is_mostly_capitals:
            step = {"step": "lower_case", "column": name}
            yield Suggestion(f"capitals_{name}", RECOMMENDED, words[name], {}, step, LOWER)


def _separator(facts: Facts) -> Suggestions:
    """11. common_prompt_suffix"""
    if facts.task == "open_ended":
        return
    if facts.prompts.common.are_all_equal:
        words = _(
            "All prompts are the same. Leave them empty if the model should write freely; else "
            "make them different."
        )
        yield Suggestion("equal_prompts", ERROR, words)
        return
    if facts.prompts.common.suffix:
        yield from _present(facts.prompts, "separator", is_inside=facts.separator_is_inside)
        return
    words = _(
        "The prompts do not all end with the same separator. One like “%(text)s”, which stands "
        "nowhere else in them, tells the model where to begin."
    )
    text = facts.prompts.unused.best
    step = {"step": "add_separator", "text": _typed(text, facts)}
    yield Suggestion("separator", RECOMMENDED, words, {"text": shown(text)}, step, END)


def _typed(text: str, facts: Facts) -> str:
    """What was chosen by a part of the rows is chosen again by all of them."""
    return typed(text) if facts.is_complete else ""


def _present(column: Column, what: str, *, is_inside: bool) -> Suggestions:
    ends = {
        "separator": _("All prompts end with “%(text)s”."),
        "ending": _("All completions end with “%(text)s”."),
    }
    text = column.common.suffix
    yield Suggestion(f"has_{what}", INFO, ends[what], {"text": shown(text)})
    if len(text) > LONG_MARK:
        words = _("That is long; a shorter one such as “%(text)s” costs fewer tokens.")
        yield Suggestion(f"long_{what}", INFO, words, {"text": shown(column.unused.best)})
    if is_inside:
        words = _("Some contain “%(text)s” in the middle too, so it does not mark the end clearly.")
        yield Suggestion(f"{what}_inside", INFO, words, {"text": shown(text)})


def _prompt_prefix(facts: Facts) -> Suggestions:
    """12. common_prompt_prefix"""
    common = facts.prompts.common
    if common.prefix and not common.are_all_equal:
        words = _("All prompts begin with “%(text)s”.")
        if len(common.prefix) <= PROMPT_PREFIX:
            yield Suggestion("prompt_prefix", INFO, words, {"text": shown(common.prefix)})
            return
        words = _("All prompts begin with “%(text)s”. A tuned model does not need to be told.")
        named = {"text": shown(common.prefix)}
        step = _strip("prompt", common.prefix, facts)
        yield Suggestion("prompt_prefix", RECOMMENDED, words, named, step, STRIP)


def _completion_prefix(facts: Facts) -> Suggestions:
    """13. common_completion_prefix; one space that it begins with stays"""
    common = facts.completions.common
    if len(common.prefix) >= COMPLETION_PREFIX and not common.are_all_equal:
        words = _("All completions begin with “%(text)s”, which teaches nothing.")
        named = {"text": shown(common.prefix)}
        step = _strip("completion", common.prefix, facts)
        yield Suggestion("completion_prefix", RECOMMENDED, words, named, step, STRIP)


def _strip(column: str, prefix: str, facts: Facts) -> dict[str, Any]:
    return {"step": "strip_prefix", "column": column, "text": _typed(prefix, facts)}


def _ending(facts: Facts) -> Suggestions:
    """14. common_completion_suffix"""
    if facts.task != "conditional":
        return
    if facts.completions.common.are_all_equal:
        words = _("All completions are the same; the model would only learn to repeat it.")
        yield Suggestion("equal_completions", ERROR, words)
        return
    if facts.completions.common.suffix:
        yield from _present(facts.completions, "ending", is_inside=facts.ending_is_inside)
        return
    words = _(
        "The completions do not all end in the same way. An ending like “%(text)s”, which stands "
        "nowhere else in them, tells the model where to stop."
    )
    text = facts.completions.unused.best
    step = {"step": "add_ending", "text": _typed(text, facts)}
    yield Suggestion("ending", RECOMMENDED, words, {"text": shown(text)}, step, END)


def _space(facts: Facts) -> Suggestions:
    """15. completions_space_start"""
    if facts.without_space:
        words = _("Completions that do not begin with a space: %(n)s.")
        step = {"step": "space_before_completion"}
        yield Suggestion("space", RECOMMENDED, words, {"n": facts.without_space}, step, SPACE)


def _split(facts: Facts) -> Suggestions:
    """The question that the tool asked last, of classification only"""
    if facts.task == "classification" and facts.rows > 1:
        training, validation = split_sizes(facts.rows)
        words = _("Split it: %(training)s rows to train on, %(validation)s to validate with.")
        sizes = {"training": training, "validation": validation}
        yield Suggestion("split", INFO, words, sizes)


LOOKS: tuple[Callable[[Facts], Suggestions], ...] = (
    _count, _columns, _not_texts, _more_columns, _empty, _task, _duplicates, _long, _capitals,
    _separator, _prompt_prefix, _completion_prefix, _ending, _space, _split,
)  # fmt: skip
