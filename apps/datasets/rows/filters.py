"""Which rows of a file a person wants to see, by what the columns say (pure)."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from apps.datasets.check import digests, features
from apps.datasets.columns import Columns

ROLES = {
    "system": features.SYSTEM,
    "developer": features.DEVELOPER,
    "user": features.USER,
    "assistant": features.ASSISTANT,
    "tool": features.TOOL,
}
PARTS = {
    "tools": features.TOOLS | features.FUNCTIONS,
    "images": features.IMAGES,
    "weight": features.WEIGHT,
    "name": features.NAME,
    "several_turns": features.SEVERAL_TURNS,
}
BROKEN = features.ERRORS | features.BLANK

Mask = npt.NDArray[np.bool_]
Rows = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class RowFilter:
    """What is asked of a row; the empty values ask nothing."""

    text: str = ""
    code: str = ""
    severity: str = ""
    role: str = ""
    has: tuple[str, ...] = ()
    label: str = ""
    tokens_from: int | None = None
    tokens_to: int | None = None
    messages_from: int | None = None
    messages_to: int | None = None

    @property
    def asks_columns(self) -> bool:
        """True when the columns have to be there."""
        numbers = (self.tokens_from, self.tokens_to, self.messages_from, self.messages_to)
        asked = self.role or self.has or self.label
        return bool(asked) or any(number is not None for number in numbers)

    @property
    def asks_problems(self) -> bool:
        return bool(self.code or self.severity)

    @property
    def asks_anything(self) -> bool:
        return bool(self.text) or self.asks_columns or self.asks_problems


def matching(columns: Columns, wanted: RowFilter) -> Mask:
    """Return for each row whether its columns are as wanted."""
    mask = np.ones(len(columns), bool)
    for bits in _bits(wanted):
        mask &= (columns.flags & np.uint16(bits)) != 0
    if wanted.label:
        mask &= columns.label == np.uint64(digests.label_of(wanted.label))
    if wanted.tokens_from is not None or wanted.tokens_to is not None:
        mask &= (columns.flags & np.uint16(BROKEN)) == 0  # their tokens are not known
        mask &= _between(columns.tokens, wanted.tokens_from, wanted.tokens_to)
    mask &= _between(columns.messages, wanted.messages_from, wanted.messages_to)
    return mask


def _bits(wanted: RowFilter) -> list[int]:
    bits = [PARTS[part] for part in wanted.has]
    return [*bits, ROLES[wanted.role]] if wanted.role else bits


def _between(values: npt.NDArray[np.uint32], first: int | None, last: int | None) -> Mask:
    mask = np.ones(len(values), bool)
    if first is not None:
        mask &= values >= first
    if last is not None:
        mask &= values <= last
    return mask


def rows_of(mask: Mask) -> Rows:
    """Return the numbers of the rows that a mask lets through."""
    return np.flatnonzero(mask) + 1
