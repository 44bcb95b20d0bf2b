"""What probability a model gave to each label: from the first token of its answer (pure).

Right only where every label begins with a token of its own. Two that share one cannot be told
apart by it: answers for which that matters are left out, and the labels are named.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

MOST_SHARED = 0.01  # of the probability of all labels may be open between several
WRAPPING = " \t\r\n\"'`*_“”‘’«»([{<"

Tokens = Sequence[Sequence[Any]]  # [[token, logprob, [[token, logprob], …]], …]


def label_shares(
    tokens: Tokens | None, labels: Sequence[str], *, ignore_case: bool
) -> tuple[dict[str, float] | None, set[str]]:
    """Return the probability of each label, None where it is not known; and labels mixed up."""
    folded = {label: _folded(label, ignore_case=ignore_case) for label in labels}
    found, shared, mixed = dict.fromkeys(labels, 0.0), 0.0, set[str]()
    for token, share in _alternatives(tokens or []):
        fitting = _fitting(_folded(token, ignore_case=ignore_case), folded)
        if len(fitting) == 1:
            found[fitting[0]] += share
        elif fitting:
            shared += share
            mixed.update(fitting)
    total = math.fsum(found.values()) + shared
    if not total:
        return None, set()
    if shared > MOST_SHARED * total:
        return None, mixed
    return found, set()


def _alternatives(tokens: Tokens) -> Iterable[tuple[str, float]]:
    """Return the first token that says something, and what could have stood in its place."""
    for token in tokens:
        if not _is_token(token) or not token[0].strip(WRAPPING):
            continue
        others = token[2] if len(token) > 2 and isinstance(token[2], list) else []
        told = {each[0]: each[1] for each in [token, *others] if _is_token(each)}
        return [(text, math.exp(min(0.0, logprob))) for text, logprob in told.items()]
    return []


def _is_token(token: Any) -> bool:
    return (
        isinstance(token, list)
        and len(token) > 1
        and isinstance(token[0], str)
        and isinstance(token[1], int | float)
        and not math.isnan(token[1])
    )


def _fitting(token: str, labels: Mapping[str, str]) -> list[str]:
    """Return the labels that this token begins, or is and more."""
    if not token:
        return []
    exactly = [label for label, text in labels.items() if token == text]
    begun = [label for label, text in labels.items() if text.startswith(token)]
    if begun:
        # “no” may be the whole answer or the beginning of “none”: nobody can tell.
        return begun
    whole = [label for label, text in labels.items() if text and _goes_on(token, text)]
    return exactly or whole


def _goes_on(token: str, label: str) -> bool:
    """Say whether the token is the label and then something else, such as a stop."""
    return token.startswith(label) and not token[len(label)].isalnum()


def _folded(text: str, *, ignore_case: bool) -> str:
    text = text.strip(WRAPPING)
    return text.casefold() if ignore_case else text
