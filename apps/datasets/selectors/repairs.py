"""What could be repaired in a version: by the problems found, and as the old tool would say."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import orjson
from django.utils.translation import gettext as _

from apps.datasets.check.kinds import PAIR
from apps.datasets.models import Version
from apps.datasets.recipes import engine, legacy, legacy_facts, repairs
from apps.datasets.recipes.escapes import typed
from apps.datasets.recipes.params import Param
from apps.datasets.recipes.steps import STEPS
from apps.datasets.rulebook import RULES, Severity, words

LOOK_SECONDS = 1.0
MOST_ROWS_NAMED = 2_000
MOST_SHOWN = 120
VERSIONS_REMEMBERED = 64


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One thing to do, why, and for how many rows (None where rows are not what it is about)."""

    title: Any
    reason: str
    severity: Severity
    steps: list[dict[str, Any]]
    rows: int | None = None

    @property
    def as_json(self) -> str:
        """What the button sends."""
        return orjson.dumps(self.steps).decode()


@dataclass(frozen=True, slots=True)
class Suggestions:
    """What to do about the problems, and about the form of prompts and completions."""

    repairs: list[Suggestion]
    preparations: list[Suggestion]
    remarks: list[legacy.Suggestion]  # what no step does
    all_repairs: str  # the steps of all of them, as a button sends them
    all_preparations: str
    earlier: "Version | None" = None  # whose steps could be taken on these rows too
    earlier_steps: str = ""
    is_complete: bool = True


def suggestions_for(version: Version) -> Suggestions:
    """Gather what could be done; reads the beginning of a file of prompts and completions."""
    groups = [*version.problem_groups, *version.examination.get("groups", [])]
    prompt = version.system_prompt
    found = repairs.repairs_for(groups, system_prompt=prompt)
    needed = repairs.recipe_for(groups, system_prompt=prompt)
    old, is_complete = _looked(version.path) if version.format == PAIR else ([], True)
    earlier = earlier_recipe(version)
    return Suggestions(
        earlier=earlier,
        earlier_steps=orjson.dumps(_repeatable(earlier)).decode() if earlier else "",
        repairs=[_suggestion(repair) for repair in found],
        preparations=[_preparation(each) for each in old if each.step],
        remarks=[each for each in old if not each.step],
        all_repairs=orjson.dumps(needed).decode(),
        all_preparations=orjson.dumps(legacy.recipe_of(old)).decode(),
        is_complete=is_complete,
    )


@lru_cache(maxsize=VERSIONS_REMEMBERED)
def _looked(path: Path) -> tuple[list[legacy.Suggestion], bool]:
    """Look once: the rows of a version never change, and the page asks with every step."""
    facts = legacy_facts.gather(path, seconds=LOOK_SECONDS)
    return legacy.suggestions_for(facts), facts.is_complete


def _suggestion(repair: repairs.Repair) -> Suggestion:
    titles = [str(words.title(code)) for code in dict.fromkeys(repair.codes)]
    return Suggestion(
        STEPS[repair.code].title,
        " · ".join(dict.fromkeys(titles)),
        repair.severity,
        [repair.step],
        repair.rows or None,
    )


def _preparation(found: legacy.Suggestion) -> Suggestion:
    step = found.step or {}
    gravity = Severity.ERROR if found.kind == legacy.NECESSARY else Severity.WARNING
    return Suggestion(STEPS[step["step"]].title, found.message, gravity, [step])


def earlier_recipe(version: Version) -> Version | None:
    """Return the last version before an uploaded one whose steps can be taken again."""
    if version.recipe:
        return None
    before = version.dataset.versions.filter(number__lt=version.number).exclude(recipe=[])
    made = before.order_by("-number").only("number", "recipe", "dataset").first()
    return made if made and _repeatable(made) else None


def _repeatable(version: Version) -> list[dict[str, Any]]:
    """The steps that mean something for other rows; numbers of rows and single edits do not."""
    return [
        step
        for step in version.recipe
        if (known := STEPS.get(step.get("step", ""))) and known.is_offered and "rows" not in step
    ]


@dataclass(frozen=True, slots=True)
class Taken:
    """A step of a version's recipe, and what it did."""

    title: Any
    settings: list[tuple[Any, str]]
    outcome: engine.StepOutcome
    found: str


def steps_taken(version: Version) -> list[Taken]:
    """Say how a version was made, step by step; of steps of a later release only their codes."""
    return [_taken(*pair) for pair in zip(version.recipe, version.outcome, strict=False)]


def made_from(version: Version) -> Version | None:
    """Return the last version that steps have made of this one; nothing of the newest."""
    if version.is_newest:
        return None
    made = Version.objects.filter(dataset=version.dataset, parent=version).exclude(recipe=[])
    return made.select_related("dataset").order_by("-number").first()


def _taken(entry: dict[str, Any], did: dict[str, Any]) -> Taken:
    names = engine.StepOutcome.__dataclass_fields__
    outcome = engine.StepOutcome(**{name: did[name] for name in names if name in did})
    step = STEPS.get(outcome.step)
    return Taken(
        step.title if step else outcome.step,
        _settings(entry, step.params) if step and step.is_offered else [],
        outcome,
        found_words(outcome),
    )


def _settings(entry: dict[str, Any], params: Iterable[Param]) -> list[tuple[Any, str]]:
    """Name the settings that were changed from the usual ones."""
    values = [(param, entry.get(param.name)) for param in params]
    return [(p.label, _shown(p, value)) for p, value in values if not _is_usual(p, value)]


def _is_usual(param: Param, value: Any) -> bool:
    usual = list(param.default) if isinstance(param.default, tuple) else param.default
    return value in (None, "", [], usual)


def _shown(param: Param, value: Any) -> str:
    if param.kind == "choice":
        return str(dict(param.choices).get(value, value))
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return text[:MOST_SHOWN] + ("…" if len(text) > MOST_SHOWN else "")


def steps_for(version: Version, code: str) -> list[dict[str, Any]]:
    """Return what repairs one kind of problem; where nothing does, its rows are left out."""
    step = repairs.repair_of(code, system_prompt=version.system_prompt)
    if step is not None:
        return [step]
    if code not in RULES:
        return []
    rows = version.problems.filter(code=code, row__gt=0).order_by("row").distinct()
    numbers = list(rows.values_list("row", flat=True)[:MOST_ROWS_NAMED])
    return [{"step": "leave_out_rows", "rows": ", ".join(map(str, numbers))}] if numbers else []


def found_words(outcome: engine.StepOutcome) -> str:
    """Say what a step has chosen or found by itself; empty when it had nothing to choose."""
    learned = outcome.learned
    if codes := learned.get("codes"):
        named = (f"{words.title(code)} ({rows})" for code, rows in codes.items())
        return _("Dropped for: %(reasons)s") % {"reasons": ", ".join(named)}
    texts = [typed(text) for text in map(learned.get, ("text", "separator", "ending")) if text]
    return (
        _("Text: %(texts)s") % {"texts": " · ".join(f"“{text}”" for text in texts)} if texts else ""
    )
