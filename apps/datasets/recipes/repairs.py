"""Which steps put right what the check has found (pure)."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from apps.datasets.recipes.steps import STEPS
from apps.datasets.rulebook import RULES, Severity, severity

# A step helps those after it: what can be read can be renamed, what is renamed can be judged.
# What gives prompts and completions their form comes last, in the order of the tool of old.
ORDER = (
    "repair_lines", "remove_blank_lines", "fix_keys", "rename_key", "fix_roles", "fix_types",
    "fix_weights", "normalise_unicode", "trim", "drop_extra_keys", "keep_columns",
    "remove_empty_messages", "end_with_answer", "set_system_prompt", "set_weights", "redact",
    "drop_unreadable", "drop_empty_answers", "cut_long_rows", "drop_long_rows",
    "drop_rows_with_problems", "leave_out_rows", "drop_duplicates", "strip_prefix", "lower_case",
    "add_separator", "add_ending", "space_before_completion",
)  # fmt: skip
SETTINGS: dict[str, dict[str, Any]] = {
    "loose_copy": {"step": "drop_duplicates", "same": "loose"},
    "conflicting_answers": {"step": "drop_duplicates", "same": "question"},
    "missing_system": {"step": "set_system_prompt", "how": "add"},
    "system_sometimes_missing": {"step": "set_system_prompt", "how": "add"},
    "system_varies": {"step": "set_system_prompt", "how": "replace"},
    "nothing_trained": {"step": "set_weights", "which": "all"},
    "foreign_format": {"step": "fix_keys"},
    "garbled_text": {"step": "normalise_unicode"},
    "hidden_text": {"step": "normalise_unicode"},
}

Steps = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Repair:
    """A step, and the problems it is for."""

    step: dict[str, Any]
    codes: tuple[str, ...]
    rows: int  # with these problems; a row with two of them counts twice
    severity: Severity

    @property
    def code(self) -> str:
        return str(self.step["step"])


def repair_of(code: str, *, system_prompt: str = "") -> dict[str, Any] | None:
    """Return the step for one kind of problem; None when only a person can repair it."""
    if code in SETTINGS:
        step = dict(SETTINGS[code])
    elif code in RULES and RULES[code].repair in STEPS:
        step = {"step": RULES[code].repair}
    else:
        return None
    if step["step"] == "drop_rows_with_problems":
        step["codes"] = [code]
    if step["step"] == "set_system_prompt":
        step["text"] = system_prompt
    return step if step["step"] in STEPS else None


def repairs_for(groups: Iterable[dict[str, Any]], *, system_prompt: str = "") -> list[Repair]:
    """Return a step for each kind of problem, in the order in which they work together."""
    found: dict[str, Repair] = {}
    for group in groups:
        code, rows = group["code"], group["rows"]
        step = repair_of(code, system_prompt=system_prompt)
        if step is not None:
            repair = Repair(step, (code,), rows, severity(code))
            known = found.get(repair.code)
            found[repair.code] = _joined(known, repair) if known else repair
    return sorted(found.values(), key=lambda repair: turn(repair.code))


def _joined(one: Repair, other: Repair) -> Repair:
    gravity = list(Severity)
    step = dict(one.step)
    if "codes" in step:
        step["codes"] = [*step["codes"], *other.step["codes"]]
    gravest = min(one.severity, other.severity, key=gravity.index)
    return Repair(step, one.codes + other.codes, one.rows + other.rows, gravest)


def turn(code: str) -> int:
    """Return when a step is to be taken among others; those of no certain turn come last."""
    return ORDER.index(code) if code in ORDER else len(ORDER)


def recipe_for(groups: Iterable[dict[str, Any]], *, system_prompt: str = "") -> Steps:
    """Put all that is needed together; rows that stay wrong are dropped at the end."""
    groups = list(groups)
    found = repairs_for(groups, system_prompt=system_prompt)
    needed = [repair for repair in found if repair.severity != Severity.INFO]
    steps = [r.step for r in needed if r.code != "drop_rows_with_problems"]
    is_wrong = any(severity(group["code"]) == Severity.ERROR for group in groups)
    last: Steps = [{"step": "drop_rows_with_problems", "codes": []}] if is_wrong else []
    return steps[: _before_duplicates(steps)] + last + steps[_before_duplicates(steps) :]


def _before_duplicates(steps: Steps) -> int:
    """Copies are dropped last: repaired rows may have become copies of others."""
    codes = [step["step"] for step in steps]
    return codes.index("drop_duplicates") if "drop_duplicates" in codes else len(codes)
