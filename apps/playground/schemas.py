"""A JSON Schema that an answer has to follow: read, and checked before it is sent (pure)."""

import re
from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from apps.evals.graders.documents import path_text
from apps.evals.graders.schemas import MOST_CHARACTERS, schema_problems
from apps.playground.models.settings import LONGEST_SCHEMA_NAME
from apps.playground.parameters import read_json

PLAIN_NAME = "answer"  # of a schema that nobody has named
LONGEST_TEXT = 5 * MOST_CHARACTERS  # with spaces and line breaks
NAME = re.compile(rf"[A-Za-z0-9_-]{{1,{LONGEST_SCHEMA_NAME}}}")
# What OpenAI's strict mode refuses or limits (developers.openai.com, structured outputs).
REFUSED_IN_STRICT = frozenset(
    {"allOf", "oneOf", "not", "if", "then", "else", "dependentRequired", "dependentSchemas"}
)
MOST_LEVELS, MOST_FIELDS, MOST_ENUM_VALUES = 10, 5_000, 1_000
WRAPPED = {"schema", "json_schema"}  # of a whole response_format, and of no schema
BY_NAME, LISTED = ("properties", "$defs", "definitions"), ("anyOf", "prefixItems")
EXAMPLE = """{
  "type": "object",
  "properties": {
    "city": {"type": "string"},
    "degrees": {"type": ["number", "null"]},
    "sky": {"enum": ["clear", "cloudy", "rain"]}
  },
  "required": ["city", "degrees", "sky"],
  "additionalProperties": false
}"""

Part = tuple[tuple[str | int, ...], dict[str, Any], int]  # where, what, levels of objects around it


def schema_of(text: str) -> dict[str, Any]:
    """Read a schema. Raises ValueError: what is wrong, and where."""
    if len(text) > LONGEST_TEXT:
        told = {"limit": LONGEST_TEXT}
        raise ValueError(_("A schema has at most %(limit)d characters.") % told)
    schema = read_json(text)
    if isinstance(schema, dict) and not WRAPPED.isdisjoint(schema):
        raise ValueError(_("Write only the schema itself: what stands after “schema”."))
    for problem in schema_problems({"schema": schema}):
        raise ValueError(f"{problem.path}: {problem.message}")
    return dict(schema)


def name_of(text: str) -> str:
    """Read the name of a schema. Raises ValueError with words for people."""
    if text and not NAME.fullmatch(text):
        told = {"limit": LONGEST_SCHEMA_NAME}
        words = _("Use only letters from a to z, digits, - and _, at most %(limit)d of them.")
        raise ValueError(words % told)
    return text


def refuse_beyond_strict(schema: dict[str, Any]) -> None:
    """Raise ValueError for the first thing that a strict schema must not be."""
    for problem in _beyond_strict(schema):
        words = _("%(problem)s OpenAI takes no other schema as strict; without “Strict” it may do.")
        raise ValueError(words % {"problem": problem})


def _beyond_strict(schema: dict[str, Any]) -> Iterator[str]:
    if schema.get("type") != "object" or "anyOf" in schema:
        yield _("At its top the schema has to be of type “object”, and no “anyOf”.")
    parts = list(_parts(schema, ("schema",), 0))
    for path, part, levels in parts:
        yield from _of_part(path_text(path), part, levels)
    fields = sum(len(_of(part, "properties", dict)) for _path, part, _levels in parts)
    values = sum(len(_of(part, "enum", list)) for _path, part, _levels in parts)
    if fields > MOST_FIELDS or values > MOST_ENUM_VALUES:
        told = {"fields": MOST_FIELDS, "values": MOST_ENUM_VALUES}
        yield _("It has more than %(fields)d fields, or %(values)d values of “enum”.") % told


def _of_part(path: str, part: dict[str, Any], levels: int) -> Iterator[str]:
    for keyword in sorted(REFUSED_IN_STRICT & part.keys()):
        yield _("%(path)s has “%(keyword)s”.") % {"path": path, "keyword": keyword}
    if not _is_object(part):
        return
    if levels > MOST_LEVELS:
        yield _("It is nested more than %(most)d levels deep.") % {"most": MOST_LEVELS}
    if part.get("additionalProperties") is not False:
        yield _("%(path)s lacks “additionalProperties”: false.") % {"path": path}
    required = _of(part, "required", list)
    optional = [name for name in _of(part, "properties", dict) if name not in required]
    if optional:
        words = _(
            "%(path)s does not require “%(name)s”. A field that may be missing is required, "
            "and may be of type “null”."
        )
        yield words % {"path": path, "name": optional[0]}


def _is_object(part: dict[str, Any]) -> bool:
    kind = part.get("type")
    return kind == "object" or (isinstance(kind, list) and "object" in kind) or "properties" in part


def _parts(schema: Any, path: tuple[str | int, ...], levels: int) -> Iterator[Part]:
    """Yield every schema within a schema, itself first."""
    if not isinstance(schema, dict):
        return
    levels += _is_object(schema)
    yield path, schema, levels
    for name in BY_NAME:
        for key, inner in _of(schema, name, dict).items():
            yield from _parts(inner, (*path, name, key), 0 if name != "properties" else levels)
    for name in LISTED:
        for place, inner in enumerate(_of(schema, name, list)):
            yield from _parts(inner, (*path, name, place), levels)
    yield from _parts(schema.get("items"), (*path, "items"), levels)


def _of(schema: dict[str, Any], name: str, kind: type) -> Any:
    """Return a rule if it is of its kind: drafts do not look at the rules of other drafts."""
    found = schema.get(name)
    return found if isinstance(found, kind) else kind()
