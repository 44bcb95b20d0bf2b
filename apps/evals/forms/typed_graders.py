"""What was typed into the builder of graders, and kept graders as if they had been typed."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
from django.http import QueryDict

from apps.evals.graders import Kind
from apps.evals.graders.fields import Field, Shape
from apps.evals.graders.kinds import KINDS
from apps.evals.questions.grader_fields import RUBRIC

MOST_GRADERS = 8
PLACE = re.compile(r"[0-9]{1,4}")
MOST_SENT = 30_000  # characters of one field
SHOWN = "shown"  # says that the fields of a kind were there: a box that is off sends nothing
FIRST_KIND = Kind.NORMALISED
# What a new grader begins with, where that is not what a field means when left out.
STARTING: dict[Kind, dict[str, Any]] = {
    Kind.NORMALISED: {"ignore_punctuation": True},
    Kind.JUDGE: {"rubric": RUBRIC},
}

Part = Mapping[str, str]  # "kind", "name", and "contains-texts" of each kind that was ever shown


@dataclass(frozen=True, slots=True)
class TypedGraders:
    """The parts by place, so that one can be taken out; and texts to try them with."""

    parts: Mapping[str, Part] = field(default_factory=dict)
    expected: str = ""
    answer: str = ""


def typed_in(data: QueryDict) -> TypedGraders:
    """Read what was sent; the pressed button adds a part or takes one out."""
    places = [place for place in data.getlist("grader")[:MOST_GRADERS] if PLACE.fullmatch(place)]
    parts = {place: _part(data, f"grader-{place}-") for place in places}
    change = data.get("change", "")
    if change == "add-grader" and len(parts) < MOST_GRADERS:
        parts[str(max(map(int, parts), default=0) + 1)] = {}
    elif change.startswith("remove-grader-"):
        parts.pop(change.removeprefix("remove-grader-"), None)
    return TypedGraders(parts, data.get("try-expected", ""), data.get("try-answer", ""))


def typed_of(graders: Sequence[Mapping[str, Any]]) -> TypedGraders:
    """Read the graders of a suite."""
    parts = {str(place): _kept(grader) for place, grader in enumerate(graders, 1)}
    return TypedGraders(parts)


def complete(part: Part) -> Part:
    """Fill in what nobody has said yet: the kind, and the fields of a kind just chosen."""
    told = part.get("kind", "")
    kind = Kind(told) if told in set(Kind) else FIRST_KIND
    whole = {"name": "", **part, "kind": str(kind)}
    if f"{kind}-{SHOWN}" not in part:
        starting = STARTING.get(kind, {})
        whole |= {
            f"{kind}-{name}": _written(each, starting.get(name, each.default))
            for name, each in KINDS[kind].fields.items()
        }
    return whole


def value(known: Field, text: str) -> Any:
    """Read what was typed into one field; what cannot be read stays text, for the check to say."""
    if known.shape is Shape.CHOICE and not text:
        return known.default
    return READERS[known.shape](text.replace("\r\n", "\n")[:MOST_SENT])


def _part(data: QueryDict, prefix: str) -> Part:
    return {
        name.removeprefix(prefix): data.get(name, "")[:MOST_SENT]
        for name in data
        if name.startswith(prefix)
    }


def _kept(grader: Mapping[str, Any]) -> Part:
    kind = Kind(grader["kind"])
    fields = {
        f"{kind}-{name}": _written(each, grader.get(name, each.default))
        for name, each in KINDS[kind].fields.items()
    }
    return {"kind": str(kind), "name": grader.get("name", ""), f"{kind}-{SHOWN}": "1", **fields}


def _written(known: Field, told: Any) -> str:
    """Write a value as it would be typed."""
    if told is None:
        return ""
    if known.shape is Shape.FLAG:
        return "on" if told else ""
    if known.shape is Shape.TEXTS:
        return "\n".join(told)
    if known.shape is Shape.JSON:
        return orjson.dumps(told, option=orjson.OPT_INDENT_2).decode()
    return f"{told:g}" if known.shape is Shape.NUMBER else str(told)


def _number(text: str) -> Any:
    text = text.strip().replace(",", ".")
    try:
        number = float(text)
    except ValueError:
        return text or None
    return int(number) if number.is_integer() else number


def _json(text: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return text or None


READERS: dict[Shape, Callable[[str], Any]] = {
    Shape.FLAG: bool,
    Shape.CHOICE: str,
    Shape.NUMBER: _number,
    Shape.TEXT: str.strip,
    Shape.TEXTS: lambda text: [line.strip() for line in text.splitlines() if line.strip()],
    Shape.JSON: _json,
}
