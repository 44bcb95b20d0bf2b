"""Whether the model that answered is the one that was asked for (pure).

Servers name a model with its date (`gpt-4o-mini-2024-07-18`), gateways with its maker
(`openai/gpt-4o-mini`). A tuned model that answers under the name of its base is another one.
"""

import re
from collections.abc import Iterable

A_DATE = re.compile(r"-\d{4}(-\d{2}-\d{2}|\d{4})?")


def is_another(served: str, asked: Iterable[str]) -> bool:
    """Say whether the server names none of these models; False when it names nothing."""
    return bool(served) and not any(_is_same(served, name) for name in asked if name)


def _is_same(served: str, asked: str) -> bool:
    return _matches(served, asked) or _matches(_without_maker(served), _without_maker(asked))


def _matches(served: str, asked: str) -> bool:
    if not served.startswith(asked):
        return False
    rest = served.removeprefix(asked)
    return not rest or A_DATE.fullmatch(rest) is not None


def _without_maker(name: str) -> str:
    """Return what stands behind the slash, of names of two parts only: others are paths."""
    maker, slash, model = name.partition("/")
    return model.lower() if slash and maker and "/" not in model else name.lower()
