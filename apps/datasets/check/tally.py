"""What is counted over all pieces of a file, and the figures of it (pure)."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Any

from apps.datasets.check import features
from apps.datasets.check.distribution import Distribution
from apps.datasets.check.gathered import MAX_ROW_TOKENS, Checked
from apps.datasets.check.token_counts import ANSWER, CONTEXT, OTHER, SYSTEM, TOOL, USER, Numbers

MOST_NAMES = 1_000  # different system prompts, grader's keys and short answers that are counted
SHOWN_LABELS = 20
ROLES = {
    "system": (SYSTEM,),
    "user": (USER,),
    "assistant": (ANSWER, CONTEXT),
    "tool": (TOOL,),
    "other": (OTHER,),
}


class Tally:
    """Grows by a piece at a time; its size does not depend on the file's."""

    def __init__(self, limits: dict[str, int], row_limits: Mapping[str, Sequence[int]]) -> None:
        self._limits, self._row_limits = limits, row_limits
        self._messages = Distribution()
        self._tokens: dict[str, Distribution] = {}
        self._tokens_by_kind: dict[str, Numbers] = {}
        self._features = Distribution()  # bits of a row, and how many rows have the same
        self._image_tiles: Counter[int] = Counter()
        self._labels: Counter[str] = Counter()
        self._labelled_rows = 0
        self._has_all_labels = True
        self.system_prompts: Counter[str] = Counter()
        self.grader_keys: Counter[str] = Counter()
        self.without_system = 0

    def add(self, checked: Checked) -> None:
        """Count one more piece."""
        self._messages.add(checked.messages)
        for encoding, counts in checked.tokens.items():
            self._tokens.setdefault(encoding, Distribution()).add(counts)
            by_kind = checked.tokens_by_kind[encoding]
            self._tokens_by_kind[encoding] = by_kind + self._tokens_by_kind.get(encoding, 0)
        self._features.add(checked.columns["flags"])
        self._image_tiles.update(checked.image_tiles)
        self.without_system += checked.without_system
        self.system_prompts = _updated(self.system_prompts, checked.system_prompts)
        self.grader_keys = _updated(self.grader_keys, checked.grader_keys)
        self._add_labels(checked.labels)

    def _add_labels(self, labels: Counter[str]) -> None:
        self._labelled_rows += labels.total()
        if self._has_all_labels:
            self._labels.update(labels)
        if len(self._labels) > MOST_NAMES:  # these are no classes
            self._has_all_labels = False
            self._labels.clear()

    @property
    def system_prompt(self) -> str:
        """The commonest one, as a database can hold it."""
        commonest = self.system_prompts.most_common(1)
        return commonest[0][0].replace("\0", "") if commonest else ""

    def figures(self) -> dict[str, Any]:
        """Return what the report shows."""
        return {
            "messages_per_row": self._messages.figures(),
            "images": self._image_tiles.total(),
            "image_tiles": {str(tiles): count for tiles, count in self._image_tiles.items()},
            "features": features.count(self._features.counts),
            "labels": self._label_figures(),
            "tokens": {encoding: self._token_figures(encoding) for encoding in self._tokens},
        }

    def _token_figures(self, encoding: str) -> dict[str, Any]:
        tally, by_kind = self._tokens[encoding], self._tokens_by_kind[encoding]
        limit = self._limits.get(encoding, MAX_ROW_TOKENS)
        return {
            **tally.figures(),
            "by_role": {role: int(by_kind[list(kinds)].sum()) for role, kinds in ROLES.items()},
            "assistant_total": int(by_kind[ANSWER]),
            "limit": limit,
            "over_limit": tally.above(limit),
            "over": {str(n): tally.above(n) for n in self._row_limits.get(encoding, ())},
            "total_within_limit": tally.capped_total(limit),
        }

    def _label_figures(self) -> dict[str, Any]:
        """How often the commonest short answers came; of too many different ones, nothing."""
        if not self._labelled_rows or not self._has_all_labels:
            return {"rows": self._labelled_rows, "distinct": None, "top": []}
        return {
            "rows": self._labelled_rows,
            "distinct": len(self._labels),
            "top": self._labels.most_common(SHOWN_LABELS),
        }


def _updated(known: Counter[str], more: Iterable[str] | Mapping[str, int]) -> Counter[str]:
    """Count more names, and forget the rarest names when there are too many of them."""
    known.update(more)
    if len(known) <= 2 * MOST_NAMES:
        return known
    # The same as `most_common`, ten times as fast: the rarest nearly all came once, in their order.
    names = sorted(known.items(), key=itemgetter(1), reverse=True)
    return Counter(dict(names[:MOST_NAMES]))
