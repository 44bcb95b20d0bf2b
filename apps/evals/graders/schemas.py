"""JSON Schema by the usual library, within bounds.

The library does what a schema says: it runs patterns in Python's engine, which a pattern can hang,
fetches references over the network, and follows nested alternatives for as long as they take. Here
patterns run in RE2, references stay within the schema, and every rule that is looked at is counted.
"""

from collections.abc import Callable, Iterator, Mapping
from contextvars import ContextVar
from functools import cache
from itertools import islice
from typing import Any

from django.utils.translation import gettext as _

from apps.evals.graders import documents, patterns
from apps.evals.graders.types import Grade, Grading, Options, Problem

MOST_CHARACTERS = 20_000
MOST_DEPTH = 50
MOST_STEPS = 200_000  # rules looked at for one answer: about two seconds
DRAFTS = {
    "https://json-schema.org/draft/2020-12/schema": "Draft202012Validator",
    "http://json-schema.org/draft-07/schema": "Draft7Validator",
}
NAMED = ("properties", "patternProperties", "$defs", "definitions", "dependentSchemas")
PLAIN = ("const", "enum", "default", "examples")  # values, whatever their fields are called
WALKS = frozenset({"items", "additionalProperties", "propertyNames", "contains"})
PAIRS = frozenset({"unevaluatedItems", "unevaluatedProperties"})  # each is sought among them all
ALTERNATIVES = ("anyOf", "oneOf")
REFERENCES = ("$ref", "$dynamicRef", "$recursiveRef")

Rule = Callable[[Any, Any, Any, Mapping[str, Any]], Iterator[Any]]
_left: ContextVar[int] = ContextVar("left")


class TooMuchWork(Exception):
    """A schema and an answer that would take too long."""


def json_schema(options: Options, *, most_steps: int = MOST_STEPS) -> Grading:
    """The answer is JSON that fits a schema."""
    from jsonschema.exceptions import best_match
    from referencing.exceptions import Unresolvable

    # Named once more, a draft would bring back the library's own, unbounded validator.
    schema = {name: rule for name, rule in options["schema"].items() if name != "$schema"}
    validator = _bounded(_draft(options["schema"]))(schema, registry=_registry())

    def grading(_expected: str, answer: str) -> Grade:
        try:
            found = documents.read(answer, allow_fence=options["allow_fence"])
        except documents.Unreadable as unreadable:
            return unreadable.grade
        _left.set(most_steps)
        try:
            error = best_match(islice(validator.iter_errors(found), 1))
        except (TooMuchWork, RecursionError):
            return Grade.none("schema_endless")
        except Unresolvable:
            return Grade.none("schema_lost")
        return Grade.right("schema_met") if error is None else _failed(error)

    return grading


def schema_problems(options: Options) -> Iterator[Problem]:
    """Say what is wrong with a schema itself."""
    import orjson
    from jsonschema.exceptions import SchemaError

    schema = options["schema"]
    if not isinstance(schema, dict):
        yield Problem("schema", _("Enter a JSON Schema: an object."))
        return
    try:
        is_long = len(orjson.dumps(schema)) > MOST_CHARACTERS
    except (TypeError, RecursionError):  # orjson's own errors are TypeErrors
        yield Problem("schema", _("This schema is no JSON, or is nested too deeply."))
        return
    if is_long or documents.is_deeper(schema, MOST_DEPTH):
        words = _("Use at most %(limit)s characters, nested at most %(depth)s levels deep.")
        yield Problem("schema", words % {"limit": MOST_CHARACTERS, "depth": MOST_DEPTH})
        return
    if "$schema" in schema and _named(schema) not in DRAFTS:
        yield Problem("schema.$schema", _("Use draft 2020-12 or draft 7 of JSON Schema."))
        return
    try:
        _validators()[_draft(schema)].check_schema(schema)
    except SchemaError as error:
        yield Problem(_place(error), _("This is not allowed in a schema."))
        return
    yield from _unbounded(schema, ("schema",))


def _unbounded(schema: Any, path: documents.Path) -> Iterator[Problem]:
    """Say what could not be kept within bounds."""
    if isinstance(schema, dict):
        place = documents.path_text(path)
        yield from (Problem(place, words) for words in _words_for(schema, is_top=len(path) == 1))
    for steps, inner in _inner(schema):
        yield from _unbounded(inner, (*path, *steps))


def _inner(schema: Any) -> Iterator[tuple[documents.Path, Any]]:
    """Yield what a schema consists of, but not its plain values."""
    if isinstance(schema, list):
        yield from (((place,), each) for place, each in enumerate(schema))
    if not isinstance(schema, dict):
        return
    for rule, value in schema.items():
        if rule in NAMED and isinstance(value, dict):
            yield from (((rule, name), each) for name, each in value.items())
        elif rule not in PLAIN:
            yield (rule,), value


def _words_for(part: dict[str, Any], *, is_top: bool) -> Iterator[str]:
    if isinstance(part.get("$schema"), str) and not is_top:
        yield _("Name the draft once, at the top.")
    references = [part[name] for name in REFERENCES if isinstance(part.get(name), str)]
    if not all(reference.startswith("#") for reference in references):
        yield _("References stay within the schema: begin with #.")
    by_pattern = part.get("patternProperties")
    if by_pattern and any(name.startswith("unevaluated") for name in part):
        yield _("Use additionalProperties beside patternProperties.")
    found = [*(by_pattern if isinstance(by_pattern, dict) else ()), part.get("pattern")]
    yield from (words for each in found if isinstance(each, str) and (words := _refused(each)))


def _refused(pattern: str) -> str:
    try:
        patterns.compiled(pattern)
    except ValueError as refusal:
        return str(refusal)
    return ""


@cache
def _validators() -> dict[str, Any]:
    import jsonschema

    return {name: getattr(jsonschema, name) for name in DRAFTS.values()}


@cache
def _bounded(draft: str) -> Any:
    """Return the library's validator with every rule counted, and ours for patterns."""
    from jsonschema.validators import extend

    validator = _validators()[draft]
    rules = {**validator.VALIDATORS, **OURS}
    return extend(validator, {name: _counted(name, rule) for name, rule in rules.items()})


def _counted(name: str, rule: Rule) -> Rule:
    def counted(validator: Any, value: Any, instance: Any, schema: Any) -> Iterator[Any]:
        _spend(1 + _size(value) + _walked(name, instance))
        if name in ALTERNATIVES:  # nothing fits `false`, and the library says so at length
            value = [each for each in value if each is not False]
        for error in rule(validator, value, instance, schema) or ():
            _spend(1 + len(error.message) // 1000)  # the library writes the whole value into it
            yield error

    return counted


def _size(value: Any) -> int:
    """Return how much a rule has to look through: its values or names, and lists of them."""
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return sum(1 + (len(part) if isinstance(part, list) else 0) for part in parts)


def _walked(name: str, instance: Any) -> int:
    """Return what it costs to visit all of a list or an object, even where nothing is asked."""
    if name not in WALKS | PAIRS or not isinstance(instance, list | dict):
        return 0
    return len(instance) if name in WALKS else len(instance) ** 2 // 1000


def _spend(steps: int) -> None:
    left = _left.get() - steps
    _left.set(left)
    if left < 0:
        raise TooMuchWork


def _pattern(_validator: Any, pattern: str, instance: Any, _schema: Any) -> Iterator[Any]:
    if isinstance(instance, str) and not _fits(pattern, instance):
        yield _error(instance)


def _pattern_properties(validator: Any, rules: Any, instance: Any, _schema: Any) -> Iterator[Any]:
    if isinstance(instance, dict):
        for pattern, rule in rules.items():
            for name in filter(lambda name: _fits(pattern, name), instance):
                yield from validator.descend(instance[name], rule, path=name, schema_path=pattern)


def _additional(validator: Any, rule: Any, instance: Any, schema: Any) -> Iterator[Any]:
    if not isinstance(instance, dict):
        return
    known, fitting = schema.get("properties", {}), list(schema.get("patternProperties", {}))
    for name in instance:
        if name in known or any(_fits(pattern, name) for pattern in fitting):
            continue
        if rule is False:
            yield _error(instance, extra=name)
        else:
            yield from validator.descend(instance[name], rule, path=name)


def _unique(_validator: Any, is_wanted: Any, instance: Any, _schema: Any) -> Iterator[Any]:
    """The library compares each item with each where they cannot be sorted."""
    import orjson

    if is_wanted and isinstance(instance, list):
        dumped = [orjson.dumps(_as_numbers(each), option=orjson.OPT_SORT_KEYS) for each in instance]
        _spend(len(dumped) // 4 + sum(map(len, dumped)) // 64)
        if len(set(dumped)) < len(dumped):
            yield _error(instance)


OURS: dict[str, Rule] = {
    "pattern": _pattern,
    "patternProperties": _pattern_properties,
    "additionalProperties": _additional,
    "uniqueItems": _unique,
}


def _as_numbers(value: Any) -> Any:
    """Make 1.0 the same as 1, as JSON Schema does."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    if isinstance(value, list):
        return [_as_numbers(each) for each in value]
    if isinstance(value, dict):
        return {name: _as_numbers(each) for name, each in value.items()}
    return value


def _fits(pattern: str, text: str) -> bool:
    _spend(1 + len(text) // 64)
    found = patterns.compiled(pattern)
    return found.search(text[: patterns.searched(found)]) is not None


def _error(instance: Any, *, extra: str = "") -> Any:
    from jsonschema.exceptions import ValidationError

    error = ValidationError(extra)
    error.instance = instance
    return error


def _failed(error: Any) -> Grade:
    where = documents.path_text(tuple(error.absolute_path)) or _("the answer")
    if error.validator == "required":
        missing = next((name for name in error.validator_value if name not in error.instance), "")
        return Grade.wrong("schema_missing", name=missing, path=where)
    if error.validator == "additionalProperties" and error.validator_value is False:
        return Grade.wrong("schema_extra", name=error.message, path=where)
    wanted = error.validator_value
    if error.validator == "type":
        shown = wanted if isinstance(wanted, str) else ", ".join(map(str, wanted))
        return Grade.wrong("schema_type", path=where, wanted=shown)
    rule, shown = str(error.validator), documents.shown(wanted)
    return Grade.wrong("schema_rule", path=where, rule=rule, wanted=shown)


def _place(error: Any) -> str:
    return documents.path_text(("schema", *error.absolute_path))


def _named(schema: Mapping[str, Any]) -> str:
    return str(schema.get("$schema", "")).rstrip("#")


def _draft(schema: Mapping[str, Any]) -> str:
    return DRAFTS.get(_named(schema), "Draft202012Validator")


@cache
def _registry() -> Any:
    """Return the drafts themselves and nothing that fetches."""
    from jsonschema_specifications import REGISTRY

    return REGISTRY
