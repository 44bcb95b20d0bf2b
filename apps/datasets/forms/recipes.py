"""The form of a recipe: one small form per step, in their order. There is no other state."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import orjson
from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from apps.core.widgets import Textarea
from apps.datasets.recipes import repairs
from apps.datasets.recipes.params import Param, StepError
from apps.datasets.recipes.steps import MOST_STEPS, STEPS, build

GROUPS: tuple[tuple[Any, tuple[str, ...]], ...] = (
    (_("Lines"), ("repair_lines", "remove_blank_lines", "drop_unreadable")),
    (
        _("Keys and roles"),
        ("fix_keys", "fix_roles", "fix_types", "rename_key", "drop_extra_keys"),
    ),
    (_("Texts"), ("trim", "normalise_unicode", "replace_text", "redact")),
    (
        _("Rows"),
        (
            "drop_rows_with_problems",
            "drop_empty_answers",
            "remove_empty_messages",
            "end_with_answer",
            "drop_duplicates",
            "merge_duplicates",
            "drop_long_rows",
            "cut_long_rows",
        ),
    ),
    (
        _("Conversations"),
        ("set_system_prompt", "set_weights", "fix_weights", "to_chat", "to_prompt_completion"),
    ),
    (
        _("Prompts and completions"),
        (
            "keep_columns",
            "strip_prefix",
            "lower_case",
            "add_separator",
            "add_ending",
            "space_before_completion",
        ),
    ),
)


def offered() -> list[tuple[Any, list[tuple[str, Any]]]]:
    """List the steps that can be picked, in groups; steps of no group come last."""
    named = {code for _label, codes in GROUPS for code in codes}
    rest = tuple(code for code in STEPS if code not in named)
    groups = ((label, _picks(codes)) for label, codes in (*GROUPS, (_("More"), rest)))
    return [(label, picks) for label, picks in groups if picks]


def _picks(codes: tuple[str, ...]) -> list[tuple[str, Any]]:
    return [(c, STEPS[c].title) for c in codes if c in STEPS and STEPS[c].is_offered]


@dataclass(slots=True)
class Chosen:
    """A step as it was sent: what was typed into its controls, right or wrong."""

    code: str
    typed: dict[str, str] = field(default_factory=dict)


def chosen_from(recipe: Any) -> list[Chosen]:
    """Read steps of a recipe back into controls; what is no step any more is left out."""
    entries = recipe if isinstance(recipe, list) else [recipe]
    known = [e for e in entries if isinstance(e, dict) and _can_be_shown(str(e.get("step")))]
    return [Chosen(str(entry["step"]), _typed(entry)) for entry in known]


def _can_be_shown(code: str) -> bool:
    """Edits by hand belong to the rows of one version: there is nothing to set or to repeat."""
    return code in STEPS and (STEPS[code].is_offered or bool(STEPS[code].params))


def _typed(entry: dict[str, Any]) -> dict[str, str]:
    return {
        param.name: _text(entry.get(param.name, param.default))
        for param in STEPS[entry["step"]].params
    }


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else ""
    if isinstance(value, (list, tuple)):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)


def sent(posted: QueryDict) -> list[Chosen]:
    """Read the steps that a form holds; of a link that only names them, their usual settings."""
    codes = [code for code in posted.getlist("step") if code in STEPS][:MOST_STEPS]
    chosen = []
    for place, code in enumerate(codes):
        if f"{place}-sent" in posted:
            names = [param.name for param in STEPS[code].params]
            chosen.append(Chosen(code, {n: posted.get(f"{place}-{n}", "") for n in names}))
        else:
            chosen += chosen_from({"step": code})
    return chosen


def unknown(posted: QueryDict) -> str:
    """Return the first step that was asked for and cannot be taken here; empty when all can."""
    asked = [*posted.getlist("step"), *posted.getlist("pick")]
    return next((code for code in asked if not _can_be_shown(code)), "")


def changed(chosen: list[Chosen], posted: QueryDict) -> list[Chosen]:
    """Do what a button asked for: add steps, move one, take one out."""
    if wanted := posted.get("add", ""):
        chosen = _with(chosen, _added(wanted))
    elif "pick_add" in posted:
        chosen = [*chosen, *chosen_from({"step": posted.get("pick")})]
    elif (place := _place(posted, _taking_out(posted), len(chosen))) is not None:
        chosen = chosen[:place] + chosen[place + 1 :]
    elif (place := _place(posted, "up", len(chosen))) is not None:
        chosen = _swapped(chosen, place - 1)
    elif (place := _place(posted, "down", len(chosen))) is not None:
        chosen = _swapped(chosen, place)
    return chosen[:MOST_STEPS]


def _added(text: str) -> list[Chosen]:
    """Read what a button of a suggestion adds: steps as JSON."""
    try:
        return chosen_from(orjson.loads(text))
    except orjson.JSONDecodeError:
        return []


def _with(chosen: list[Chosen], more: list[Chosen]) -> list[Chosen]:
    """Add suggested steps where they work together with those that are there, each once."""
    if not chosen:
        return more
    for step in more:
        if not any(is_same(step, known) for known in chosen):
            turns = [repairs.turn(known.code) for known in chosen]
            later = (at for at, turn in enumerate(turns) if turn > repairs.turn(step.code))
            place = next(later, len(chosen))
            chosen = [*chosen[:place], step, *chosen[place:]]
    return chosen


def is_same(one: Chosen, other: Chosen) -> bool:
    """Whether two steps do the same work, perhaps with other settings: a repair is taken once."""
    if one.code != other.code or one.code not in repairs.ORDER:
        return one == other
    return all(one.typed.get(name) == other.typed.get(name) for name in ("column", "old"))


def as_link(chosen: list[Chosen]) -> str:
    """Return the query of an address that shows these steps again, also while they are wrong."""
    steps = [{"step": each.code, **each.typed} for each in chosen]
    return urlencode({"add": orjson.dumps(steps).decode()}) if steps else ""


def hand(posted: QueryDict, left: int) -> tuple[str, int] | None:
    """Say where the hand is after a button is gone or elsewhere: what was done, and at which step.

    `left` is how many steps there are now. None when the button is still where it was.
    """
    if "pick_add" in posted and left:
        return "added", left - 1
    if "remove" in posted:
        return "remove", 0
    for name, by in (("up", -1), ("down", 1)):
        if (place := _place(posted, name, left)) is not None:
            return name, place + by
    return None


def _taking_out(posted: QueryDict) -> str:
    """Return which button takes a step out: its own, or that of the suggestion it came from."""
    return "untick" if "untick" in posted else "remove"


def _place(posted: QueryDict, name: str, count: int) -> int | None:
    text = posted.get(name, "")
    is_place = text.isascii() and text.isdigit() and len(text) < 4 and int(text) < count
    return int(text) if is_place else None


def _swapped(chosen: list[Chosen], place: int) -> list[Chosen]:
    if not 0 <= place < len(chosen) - 1:
        return chosen
    return [*chosen[:place], chosen[place + 1], chosen[place], *chosen[place + 2 :]]


class StepForm(forms.Form):
    """The settings of one step, as its declarations describe them."""

    def __init__(self, chosen: Chosen, place: int) -> None:
        self.code, self.place = chosen.code, place
        step = STEPS[chosen.code]
        self.title, self.help, self._params = step.title, step.help, step.params
        data = {f"{place}-{name}": text for name, text in chosen.typed.items() if text}
        super().__init__(data, prefix=str(place))
        for param in self._params:
            self.fields[param.name] = _field(param)

    def settings(self) -> dict[str, Any]:
        """Return the step as a recipe keeps it; StepError names the setting that is wrong."""
        raw = {param.name: self.data.get(self.add_prefix(param.name), "") for param in self._params}
        read = {param.name: param.read(raw[param.name]) for param in self._params}
        entry = {"step": self.code, **read}
        build([entry])
        return entry


def _field(param: Param) -> forms.Field:
    known: dict[str, Any] = {"label": param.label, "help_text": param.help, "required": False}
    attrs = {"placeholder": param.placeholder} if param.placeholder else {}
    if param.kind == "flag":
        return forms.BooleanField(**known)
    if param.kind == "choice":
        return forms.ChoiceField(choices=param.choices, **known)
    if param.kind == "long":
        return forms.CharField(widget=Textarea({"rows": 4, **attrs}), strip=False, **known)
    if param.kind in ("number", "share"):
        step = {"step": "any"} if param.kind == "share" else {}
        least = {"min": f"{param.minimum:g}"}
        return forms.CharField(widget=forms.NumberInput({**least, **step, **attrs}), **known)
    return forms.CharField(widget=forms.TextInput(attrs), strip=False, **known)


class RecipeForm:
    """The steps of a form, with what is wrong beside the control where it is wrong."""

    def __init__(self, chosen: list[Chosen]) -> None:
        self.chosen = chosen
        self.steps = [StepForm(each, place) for place, each in enumerate(chosen)]
        self.recipe: list[dict[str, Any]] = []
        self.is_valid = bool(self.steps)
        for step in self.steps:
            step.full_clean()
            try:
                self.recipe.append(step.settings())
            except StepError as exc:
                self.is_valid = False
                step.add_error(exc.field if exc.field in step.fields else None, exc.message)

    def place_of(self, steps: list[dict[str, Any]]) -> int | None:
        """Return where a step stands that does the work of this suggestion."""
        wanted = chosen_from(steps)
        places = (
            at for at, step in enumerate(self.chosen) if any(is_same(step, w) for w in wanted)
        )
        return max(places, default=None)

    def __iter__(self) -> Iterator[StepForm]:
        return iter(self.steps)

    def __len__(self) -> int:
        return len(self.steps)
