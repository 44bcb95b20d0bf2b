"""Whether the answers are labels of a classification, and how they are spread (pure)."""

from collections import Counter
from typing import Any

FEWEST_ANSWERS = 20
MOST_DIFFERENT = 100
LEAST_SHARE = 0.9  # of all answers are repeated short ones: a classification
LEAST_REPEATS = 5  # times, on average, that each label comes
UNBALANCED = 10  # the commonest label comes this many times as often as the rarest
MOST_SHOWN = 30


def judge_labels(labels: Counter[str], *, answers: int) -> dict[str, Any]:
    """Describe the labels; an empty result when the answers are none."""
    repeated = Counter({label: count for label, count in labels.items() if count > 1})
    total = sum(repeated.values())
    if answers < FEWEST_ANSWERS or not repeated or len(repeated) > MOST_DIFFERENT:
        return {}
    if total < LEAST_SHARE * answers or total < LEAST_REPEATS * len(repeated):
        return {}
    common = repeated.most_common()
    return {
        "different": len(repeated),
        "answers": answers,
        "is_unbalanced": common[0][1] >= UNBALANCED * common[-1][1],
        "shown": [_entry(label, count, answers) for label, count in _ends(common)],
    }


def _ends(common: list[tuple[str, int]]) -> list[tuple[str, int]]:
    """The commonest, and the rarest last."""
    return common if len(common) <= MOST_SHOWN else [*common[: MOST_SHOWN - 1], common[-1]]


def _entry(label: str, count: int, answers: int) -> dict[str, Any]:
    return {"label": label, "count": count, "percent": round(100 * count / answers, 1)}
