"""Makes what strangers sent fit for PostgreSQL (pure).

What it cannot hold is shown as U+FFFD, so that nobody takes the rest for the whole.
"""

import math
import re
from collections.abc import Mapping
from typing import Any, overload

from apps.core.sentences import Sentence

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
LONE_SURROGATE = re.compile("[\ud800-\udfff]")


@overload
def storable(value: str) -> str: ...
@overload
def storable(value: Any) -> Any: ...
def storable(value: Any) -> Any:
    """Return JSON or text without NUL, lone surrogates, NaN and infinity; sentences stay such."""
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {_text(str(name)): storable(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [storable(item) for item in value]
    return value


def _text(text: str) -> str:
    if isinstance(text, Sentence):
        return text
    text = text.replace("\0", REPLACEMENT)
    try:
        text.encode()  # far quicker than looking for surrogates, and there are none
    except UnicodeEncodeError:
        return LONE_SURROGATE.sub(REPLACEMENT, text)
    return text
