"""Templates of graders: `{{item.answer}}` and `{{sample.output_text}}` filled in (pure)."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

OUTPUT = "sample.output_text"
REFERENCE = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
ITEM = re.compile(r"item((?:\.[^\s.\[\]{}]+|\[\d+\])+)")
STEP = re.compile(r"\.([^\s.\[\]{}]+)|\[(\d+)\]")
BRACES = re.compile(r"\{\{|\}\}")


class Missing(Exception):
    """This row has nothing at the path; `str()` is the path."""


@dataclass(frozen=True, slots=True)
class Template:
    """A text with references. `unknown` are those that nothing can be put in for."""

    text: str

    @property
    def references(self) -> list[str]:
        return [found.strip() for found in REFERENCE.findall(self.text)]

    @property
    def unknown(self) -> list[str]:
        return [name for name in self.references if name != OUTPUT and not ITEM.fullmatch(name)]

    @property
    def has_loose_braces(self) -> bool:
        return bool(BRACES.search(REFERENCE.sub("", self.text)))

    @property
    def reads_the_answer(self) -> bool:
        return OUTPUT in self.references

    @property
    def keys(self) -> list[str]:
        """The keys of the row that are read, without what is inside of them."""
        found = (ITEM.fullmatch(name) for name in self.references)
        paths = (STEP.match(match[1]) for match in found if match)
        return [step[1] for step in paths if step and step[1]]

    def filled(self, item: Mapping[str, Any], output_text: str) -> str:
        """Put the row and the answer in; raises Missing where the row has no such value."""

        def value(match: re.Match[str]) -> str:
            name = match[1].strip()
            return output_text if name == OUTPUT else _as_text(_found(item, name))

        return REFERENCE.sub(value, self.text)


def item_reference(key: str) -> str | None:
    """Return the template of a key, None where a key cannot be named in one."""
    return f"{{{{item.{key}}}}}" if ITEM.fullmatch(f"item.{key}") else None


def _found(item: Mapping[str, Any], name: str) -> Any:
    value: Any = item
    for key, index in STEP.findall(name.removeprefix("item")):
        try:
            value = value[key] if isinstance(value, Mapping) else _at(value, key or index)
        except (KeyError, IndexError, TypeError, ValueError):
            raise Missing(name) from None
    return value


def _at(value: Any, index: str) -> Any:
    if not isinstance(value, list):
        raise TypeError(index)
    return value[int(index)]


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
