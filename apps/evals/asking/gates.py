"""How many questions may be under way at one connection (pure).

It begins carefully, goes up while all goes well, and down when the provider wants fewer calls.
"""

import time

AT_FIRST = 8
MOST = 32
LONGEST_PAUSE = 60.0


class Gate:
    """Room for questions. Times are those of `time.monotonic`."""

    def __init__(self, *, rivals: int = 0) -> None:
        self.room = float(AT_FIRST)
        self.rivals = rivals  # other runs that ask the same connection now
        self.under_way = 0
        self.opens_at = 0.0
        self._shrunk_at = 0.0
        self._crowds = 0

    @property
    def free(self) -> int:
        """How many more may begin now."""
        if time.monotonic() < self.opens_at:
            return 0
        return max(1, int(self.room / (1 + self.rivals))) - self.under_way

    def well(self) -> None:
        """Note an answer: about one more at once after each round of answers."""
        self._crowds = 0
        self.room = min(MOST, self.room + 1 / self.room)

    def trouble(self, *, began: float) -> None:
        """Note that the provider struggles: half as many, once for all that began before."""
        if began >= self._shrunk_at:
            self._shrunk_at = time.monotonic()
            self.room = max(1.0, self.room / 2)

    def crowd(self, *, began: float, retry_after: float | None) -> None:
        """Note that the provider wants fewer calls: a pause, longer each time."""
        if began >= self._shrunk_at:
            self._crowds += 1
            pause = retry_after or min(2.0**self._crowds, LONGEST_PAUSE)
            self.opens_at = max(self.opens_at, time.monotonic() + pause)
        self.trouble(began=began)
