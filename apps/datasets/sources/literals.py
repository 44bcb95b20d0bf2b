"""What Python prints, where JSON was meant: single quotes, None and True (pure)."""

import ast
import warnings
from typing import Any

LONGEST = 1_000_000  # characters: Python's own parser takes a hundred times the memory


def literal(text: str) -> Any:
    """Read a list or an object as Python prints it; ValueError where it is none. Runs nothing."""
    if len(text) > LONGEST:
        raise ValueError
    try:
        with warnings.catch_warnings(action="ignore"):
            return ast.literal_eval(text)
    except (SyntaxError, MemoryError, RecursionError) as exc:
        raise ValueError from exc
