"""JSON in answers: read with limits, compared field by field."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from apps.evals.graders.texts import normal
from apps.evals.graders.types import Grade, Grading, Options, Problem

MOST_CHARACTERS = 1_000_000
MOST_DEPTH = 50
MOST_FIELDS = 1_000
FENCE = "```"
ROOTS = {"object": dict, "array": list}
STEP = re.compile(r"\.?([^.\[\]\"]+)|\[(\d{1,6})\]|\.?\[\"([^\"]*)\"\]")
NOWHERE = object()

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Unreadable(Exception):
    """An answer that is no JSON that is read here."""

    grade: Grade


def json_valid(options: Options) -> Grading:
    """The answer is JSON, of the type that is asked for."""

    def grading(_expected: str, answer: str) -> Grade:
        try:
            found = read(answer, allow_fence=options["allow_fence"])
        except Unreadable as unreadable:
            return unreadable.grade
        wanted = options["root"]
        if wanted in ROOTS and not isinstance(found, ROOTS[wanted]):
            return Grade.wrong("json_root", found=type_name(found), wanted=wanted)
        return Grade.right("json_valid")

    return grading


def json_fields(options: Options) -> Grading:
    """Fields of the answer are those of the expected JSON; the score is the share that is."""
    chosen = [path_of(each) or () for each in options["fields"]]

    def grading(expected: str, answer: str) -> Grade:
        try:
            wanted = read(expected, allow_fence=True)
        except Unreadable:
            return Grade.none("expected_no_json")
        paths = chosen or list(_leaves(wanted))[:MOST_FIELDS]
        if not paths or (chosen and all(at(wanted, path) is NOWHERE for path in paths)):
            return Grade.none("fields_none")
        try:
            found = read(answer, allow_fence=options["allow_fence"])
        except Unreadable as unreadable:
            return unreadable.grade
        return _fields_compared(paths, wanted, found, options)

    return grading


def field_problems(options: Options) -> Iterator[Problem]:
    """Say which paths cannot be read."""
    for place, field in enumerate(options["fields"]):
        if path_of(field) is None:
            words = _("Write a path such as total, customer.name or items[0].price.")
            yield Problem(f"fields[{place}]", words)


def read(text: str, *, allow_fence: bool) -> Any:
    """Parse JSON strictly; raises Unreadable, with the grade of such an answer."""
    import orjson

    if len(text) > MOST_CHARACTERS:
        raise Unreadable(Grade.wrong("json_long", limit=MOST_CHARACTERS))
    bare = text.strip()
    inner = _inside_fence(bare)
    try:
        found = orjson.loads(inner if allow_fence and inner is not None else bare)
    except orjson.JSONDecodeError as error:
        raise Unreadable(_invalid(error, inner)) from None
    if is_deeper(found, MOST_DEPTH):
        raise Unreadable(Grade.wrong("json_deep", limit=MOST_DEPTH))
    return found


def path_of(text: str) -> Path | None:
    """Read `customer.name`, `items[0]` or `["a.b"]`; None when it is no path."""
    steps: list[str | int] = []
    place = 0
    while place < len(text):
        match = STEP.match(text, place)
        if match is None or (not steps and match[0].startswith(".")):
            return None
        key, index, quoted = match.groups()
        steps.append(int(index) if index is not None else quoted if key is None else key)
        place = match.end()
    return tuple(steps) or None


def path_text(path: Path) -> str:
    """Write a path the way it is read."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        elif STEP.fullmatch(step):
            text += f".{step}" if text else step
        else:
            text += f'["{step}"]'
    return text


def at(value: Any, path: Path) -> Any:
    """Return what stands at a path, NOWHERE where nothing does."""
    for step in path:
        if not _has(value, step):
            return NOWHERE
        value = value[step]
    return value


def type_name(value: Any) -> str:
    """Return JSON's name of a type."""
    names = {dict: "object", list: "array", str: "string", bool: "boolean", type(None): "null"}
    return names.get(type(value), "number")


def _fields_compared(paths: list[Path], wanted: Any, found: Any, options: Options) -> Grade:
    pairs = [(path, at(wanted, path), at(found, path)) for path in paths]
    wrong = [pair for pair in pairs if not _is_same(pair[1], pair[2], options)]
    if not wrong:
        return Grade.right("fields_same", count=len(paths))
    path, expected, answer = wrong[0]
    right = len(paths) - len(wrong)
    values = {"found": right, "count": len(paths), "path": path_text(path) or "–"}
    shown_values = {"expected": shown(expected), "answer": shown(answer)}
    return Grade.wrong("fields_differ", score=right / len(paths), **values, **shown_values)


def _has(value: Any, step: str | int) -> bool:
    if isinstance(step, str):
        return isinstance(value, dict) and step in value
    return isinstance(value, list) and step < len(value)


def _is_same(wanted: Any, found: Any, options: Options) -> bool:
    """Compare two values; what is missing is the same as null, and 1 is 1.0 but not true."""
    wanted, found = (None if value is NOWHERE else value for value in (wanted, found))
    if isinstance(wanted, dict) and isinstance(found, dict):
        keys = wanted.keys() | found.keys()
        return all(_is_same(wanted.get(key), found.get(key), options) for key in keys)
    if isinstance(wanted, list) and isinstance(found, list):
        pairs = zip(wanted, found, strict=False)
        return len(wanted) == len(found) and all(_is_same(*pair, options) for pair in pairs)
    if _is_number(wanted) and _is_number(found):
        return abs(Decimal(str(wanted)) - Decimal(str(found))) <= Decimal(str(options["tolerance"]))
    if isinstance(wanted, str) and isinstance(found, str) and options["ignore_case"]:
        return normal(wanted, options) == normal(found, options)
    return type(wanted) is type(found) and bool(wanted == found)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _leaves(value: Any, path: Path = ()) -> Iterator[Path]:
    """Yield the path of everything that holds nothing further."""
    steps = list(value.items()) if isinstance(value, dict) else []
    if isinstance(value, list):
        steps = list(enumerate(value))
    if not steps:
        yield path
    for step, inner in steps:
        yield from _leaves(inner, (*path, step))


def is_deeper(value: Any, limit: int) -> bool:
    layer = [value]
    for _level in range(limit):
        layer = [
            inner
            for each in layer
            if isinstance(each, dict | list)
            for inner in (each.values() if isinstance(each, dict) else each)
        ]
        if not layer:
            return False
    return any(isinstance(each, dict | list) for each in layer)


def _inside_fence(text: str) -> str | None:
    """Return what stands in the one code fence that a text is; None where it is none."""
    if not (text.startswith(FENCE) and text.endswith(FENCE) and len(text) > 2 * len(FENCE)):
        return None
    first, _line, rest = text.removeprefix(FENCE).removesuffix(FENCE).partition("\n")
    return rest if first.strip().lower() in ("", "json") else None


def _invalid(error: Any, inner: str | None) -> Grade:
    if inner is not None and error.pos == 0:
        return Grade.wrong("json_fenced")
    return Grade.wrong("json_invalid", line=error.lineno, column=error.colno)


def shown(value: Any) -> str:
    import orjson

    return "–" if value is NOWHERE else orjson.dumps(value).decode()
