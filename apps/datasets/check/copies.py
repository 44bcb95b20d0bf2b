"""Finds rows that repeat earlier ones, in little memory whatever their number (pure).

Of each row 8 bytes are kept, on disk. They are compared by a share of all values at a time, so that
memory holds about a million of them, also when every row is different or all are the same.
"""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from heapq import nsmallest
from pathlib import Path
from types import TracebackType

import numpy as np
import numpy.typing as npt

Digests = npt.NDArray[np.uint64]
Rows = npt.NDArray[np.int64]
NOTHING = 0  # the digest of a row that is compared with no other
SHARE_ROWS = 1_000_000
BLOCK_ROWS = 500_000


@dataclass(slots=True)
class Copies:
    """How many rows repeat an earlier one; of the first few, (copy, the row it repeats)."""

    count: int = 0
    listed: list[tuple[int, int]] = field(default_factory=list)


class Digested:
    """The digests of all rows in a temporary file; gone when closed."""

    def __init__(self, folder: Path) -> None:
        self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 (closed by __exit__)
        self._rows = 0

    def __enter__(self) -> "Digested":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        exc: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()

    def add(self, digests: Digests) -> None:
        """Keep the digests of the next rows."""
        self._file.write(digests.tobytes())
        self._rows += len(digests)

    def copies(self, *, most: int) -> Copies:
        """Compare all rows; list the first `most` copies."""
        shares = -(-self._rows // SHARE_ROWS)
        result = Copies()
        for share in range(shares):
            for copies, originals in self._compared(share, shares):
                result.count += len(copies)
                pairs = zip(copies[:most].tolist(), originals[:most].tolist(), strict=True)
                result.listed = nsmallest(most, [*result.listed, *pairs])
        return result

    def _compared(self, share: int, shares: int) -> Iterator[tuple[Rows, Rows]]:
        seen = _Seen()
        for first_row, digests in self._blocks():
            ours = np.flatnonzero((digests != NOTHING) & (digests % shares == share))
            rows = ours + first_row
            originals = seen.first_rows(digests[ours], rows)
            is_copy = originals != rows
            yield rows[is_copy], originals[is_copy]

    def _blocks(self) -> Iterator[tuple[int, Digests]]:
        """Yield the number of a row, and the digests from there on."""
        self._file.seek(0)
        first_row = 1
        while data := self._file.read(8 * BLOCK_ROWS):
            digests = np.frombuffer(data, np.uint64)
            yield first_row, digests
            first_row += len(digests)


class _Seen:
    """Sorted digests, and the row in which each of them came first."""

    def __init__(self) -> None:
        self._digests: Digests = np.zeros(0, np.uint64)
        self._rows: Rows = np.zeros(0, np.int64)

    def first_rows(self, digests: Digests, rows: Rows) -> Rows:
        """Return for each digest the row where it came first; remember the new ones."""
        different, first, which = np.unique(digests, return_index=True, return_inverse=True)
        places = np.searchsorted(self._digests, different)
        is_new = np.ones(len(different), bool)
        inside = places < len(self._digests)
        is_new[inside] = self._digests[places[inside]] != different[inside]
        origins = rows[first]
        origins[~is_new] = self._rows[places[~is_new]]
        self._digests = np.insert(self._digests, places[is_new], different[is_new])
        self._rows = np.insert(self._rows, places[is_new], origins[is_new])
        return np.asarray(origins[which], np.int64)
