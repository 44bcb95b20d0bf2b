"""A text as JSON: whether it is valid, what is wrong, how it reads with line breaks (pure)."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

MOST_SHOWN = 20_000  # characters; more helps nobody to read
INDENT = "  "
PART = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+')


@dataclass(frozen=True, slots=True)
class JsonView:
    """`shown` has line breaks where the text is valid; where it is not, `problem` says why."""

    is_valid: bool
    shown: str
    problem: str = ""
    is_cut: bool = False


def read(text: str) -> JsonView:
    """Read a text as strict JSON: NaN and Infinity are none."""
    try:
        json.loads(text, parse_constant=_refuse, parse_int=str, parse_float=str)
    except json.JSONDecodeError as exc:
        place = {"line": exc.lineno, "column": exc.colno}
        return _view(text, problem=_("Look at line %(line)d, column %(column)d.") % place)
    except ValueError as exc:
        return _view(text, problem=_("%(name)s is no value of JSON.") % {"name": exc})
    except RecursionError:
        return _view(text, problem=_("It is nested too deeply."))
    return _view(_with_line_breaks(text))


def _view(shown: str, problem: str = "") -> JsonView:
    return JsonView(not problem, shown[:MOST_SHOWN], problem, len(shown) > MOST_SHOWN)


def _with_line_breaks(text: str) -> str:
    """Lay out valid JSON. Values stay as they were written: 1.10, long numbers, double names."""
    return "".join(_laid_out(PART.findall(text)))


def _laid_out(parts: list[str]) -> Iterator[str]:
    depth, length = 0, 0
    for place, part in enumerate(parts):
        before = parts[place - 1] if place else ""
        depth -= part in ("}", "]")
        if before in ("{", "[", ",") or part in ("}", "]"):
            is_empty = before in ("{", "[") and part in ("}", "]")
            if place and not is_empty:
                yield "\n" + INDENT * depth
        yield ": " if part == ":" else part
        length += len(part) + len(INDENT) * depth
        if length > MOST_SHOWN:
            return
        depth += part in ("{", "[")


def _refuse(name: str) -> Any:
    raise ValueError(name)
