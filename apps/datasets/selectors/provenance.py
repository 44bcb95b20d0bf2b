"""How a version was made, in words."""

from typing import Any

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.datasets.models import Version
from apps.datasets.recipes.picking import ranges
from apps.datasets.recipes.steps import STEPS
from apps.datasets.rulebook import words

MOST_STEPS_NAMED = 5
Entry = dict[str, Any]


def how_made(version: Version) -> str:
    """Say in a sentence where the rows of a version come from; `parent` should be loaded."""
    if not version.recipe and version.parent is None:
        return _("Uploaded: %(filename)s") % {"filename": version.filename}
    if not version.recipe:
        return _("The rows of %(origin)s again") % {"origin": _origin(version)}
    words = [_step_words(entry) for entry in version.recipe[:MOST_STEPS_NAMED]]
    more = len(version.recipe) - len(words)
    if more:
        others = ngettext("%(count)d more step", "%(count)d more steps", more)
        words.append(others % {"count": more})
    steps = "; ".join(words)
    return _("From %(origin)s: %(steps)s") % {"origin": _origin(version), "steps": steps}


def _origin(version: Version) -> str:
    parent = version.parent
    if parent is None:
        return _("a version that was deleted")
    if parent.dataset_id == version.dataset_id:
        return _("version %(number)d") % {"number": parent.number}
    names = {"name": parent.name, "number": parent.number}
    return _("“%(name)s”, version %(number)d") % names


def _step_words(entry: Entry) -> str:
    code = str(entry.get("step", ""))
    if say := PARTICULARS.get(code):
        return say(entry)
    return str(STEPS[code].title) if code in STEPS else code


def _split(entry: Entry) -> str:
    seed = {"seed": entry.get("seed", 42)}
    if entry.get("part") == "validation":
        return _("validation part of a split (seed %(seed)s)") % seed
    return _("training part of a split (seed %(seed)s)") % seed


def _sample(entry: Entry) -> str:
    seed = entry.get("seed", 42)
    if entry.get("count"):
        sample = {"count": intcomma(entry["count"]), "seed": seed}
        return _("a sample of %(count)s rows (seed %(seed)s)") % sample
    sample = {"percent": f"{100 * entry.get('share', 0):g}", "seed": seed}
    return _("a sample of %(percent)s %% of the rows (seed %(seed)s)") % sample


def _merge(entry: Entry) -> str:
    others = max(0, len(entry.get("versions", ())) - 1)
    words = ngettext("%(count)d version added", "%(count)d versions added", others)
    return words % {"count": others}


def _filter(entry: Entry) -> str:
    labels = {param.name: param.label for param in STEPS["filter"].params}
    asked = [
        f"{labels[name]}: {_answer(name, value)}"
        for name, value in entry.items()
        if name in labels and value not in ("", None, [], ())
    ]
    return _("only rows that match (%(asked)s)") % {"asked": ", ".join(asked)}


def _answer(name: str, value: Any) -> str:
    if name == "code":
        return str(words.title(str(value)))
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _edits(entry: Entry) -> str:
    """Count what was done by hand; rows left out by ranges are counted too."""
    left_out = sum(last - first + 1 for first, last in _ranges(entry.get("left_out")))
    left_out += sum(content is None for content in entry.get("rows", {}).values())
    changed = sum(content is not None for content in entry.get("rows", {}).values())
    added = len(entry.get("added", ()))
    said = [
        (changed, ngettext("%(count)s row changed", "%(count)s rows changed", changed)),
        (left_out, ngettext("%(count)s row left out", "%(count)s rows left out", left_out)),
        (added, ngettext("%(count)s row added", "%(count)s rows added", added)),
    ]
    changes = ", ".join(one % {"count": intcomma(count)} for count, one in said if count)
    return _("by hand: %(changes)s") % {"changes": changes}


def _ranges(text: Any) -> list[tuple[int, int]]:
    return ranges(text) if isinstance(text, str) and text else []


PARTICULARS = {
    "edits": _edits,
    "split": _split,
    "sample": _sample,
    "merge": _merge,
    "filter": _filter,
}
