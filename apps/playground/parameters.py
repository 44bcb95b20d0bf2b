"""What people type for stop sequences and tools: read, checked, and written back (pure)."""

import json
import re
from typing import Any

from django.utils.translation import gettext as _

from apps.datasets.check.tools import declaration_findings
from apps.datasets.rulebook import words
from apps.evals.graders.documents import MOST_DEPTH, is_deeper
from apps.playground.models.settings import LONGEST_SEPARATOR, MOST_STOPS

LONGEST_STOP = 200
LONGEST_TOOLS = 100_000  # characters
ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\"}
ESCAPED = re.compile(r"\\([ntr\\])")
UNSEEN = str.maketrans({character: f"\\{letter}" for letter, character in ESCAPES.items()})
EXAMPLE_OF_TOOLS = """[
  {
    "type": "function",
    "function": {
      "name": "get_weather",
      "description": "Tell the weather of a city",
      "parameters": {
        "type": "object",
        "properties": {"city": {"type": "string"}},
        "required": ["city"]
      }
    }
  }
]"""


def stops_of(text: str) -> list[str]:
    r"""Read one stop sequence a line; `\n`, `\t` and `\\` mean what they mean in programs.

    Raises ValueError with words for people.
    """
    lines = [line for line in text.replace("\r\n", "\n").split("\n") if line.strip()]
    stops = list(dict.fromkeys(unescaped(line) for line in lines))
    if len(stops) > MOST_STOPS:
        raise ValueError(_("Write at most %(limit)d stop sequences.") % {"limit": MOST_STOPS})
    if any(len(stop) > LONGEST_STOP for stop in stops):
        told = {"limit": LONGEST_STOP}
        raise ValueError(_("A stop sequence has at most %(limit)d characters.") % told)
    return stops


def unescaped(text: str) -> str:
    """Return a text with its line breaks and tabs, which were written out."""
    return ESCAPED.sub(lambda found: ESCAPES[found[1]], text)


def separator_of(text: str) -> str:
    """Read what ends a prompt. Raises ValueError with words for people."""
    separator = unescaped(text)
    if len(separator) > LONGEST_SEPARATOR:
        told = {"limit": LONGEST_SEPARATOR}
        raise ValueError(_("A separator has at most %(limit)d characters.") % told)
    return separator


def escaped(text: str) -> str:
    """Write out what cannot be seen in one line."""
    return text.translate(UNSEEN)


def tools_of(text: str) -> list[dict[str, Any]]:
    """Read tools in OpenAI's shape. Raises ValueError: what is wrong, and where."""
    told = {"limit": LONGEST_TOOLS}
    if len(text) > LONGEST_TOOLS:
        raise ValueError(_("Tools have at most %(limit)d characters.") % told)
    tools = read_json(text)
    if isinstance(tools, dict):
        raise ValueError(_("Tools are a list: put [ before and ] after the tool."))
    for finding in declaration_findings({"tools": tools}):
        raise ValueError(f"{finding.path}: {words.message(finding.code, finding.params)}")
    return list(tools)


def read_json(text: str) -> Any:
    """Read what people type as JSON. Raises ValueError: what is wrong, and where."""
    try:
        read = json.loads(text)
        json.dumps(read, ensure_ascii=False, allow_nan=False).encode()
    except json.JSONDecodeError as error:
        reason = words.REASONS.get(error.msg, error.msg)
        told = {"line": error.lineno, "column": error.colno, "reason": reason}
        sentence = _("This is not JSON, at line %(line)d, character %(column)d: %(reason)s.")
        raise ValueError(sentence % told) from None
    except (RecursionError, ValueError):  # NaN, infinity, half a character
        raise ValueError(_("This JSON holds something that cannot be sent.")) from None
    if is_deeper(read, MOST_DEPTH) or "\\u0000" in text:
        raise ValueError(_("This JSON holds something that cannot be sent."))
    return read


def json_text(value: Any) -> str:
    """Write JSON as it is edited; nothing where there is nothing."""
    return json.dumps(value, indent=2, ensure_ascii=False) if value else ""
