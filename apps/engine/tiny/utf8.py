"""Which bytes may come next, so that what the model writes is always valid UTF-8."""

import numpy as np
from numpy.typing import NDArray

from apps.engine.tiny.tokens import END_OF_TURN, VOCABULARY_SIZE

Allowed = NDArray[np.bool_]  # one truth value per token


def _tokens(first: int, last: int, *more: int) -> Allowed:
    allowed = np.zeros(VOCABULARY_SIZE, bool)
    allowed[first : last + 1] = True
    allowed[list(more)] = True
    return allowed


# A character is one byte below 0x80, or a lead byte and one to three bytes from 0x80 to 0xBF.
# Marks of other speakers are never written, and a turn ends only between characters.
FIRST_BYTE = _tokens(0x00, 0x7F, *range(0xC2, 0xF5), END_OF_TURN)
LATER_BYTE = _tokens(0x80, 0xBF)
# After these lead bytes some second bytes would spell a surrogate, a detour or nothing at all.
SECOND_BYTES = {
    0xE0: _tokens(0xA0, 0xBF),
    0xED: _tokens(0x80, 0x9F),
    0xF0: _tokens(0x90, 0xBF),
    0xF4: _tokens(0x80, 0x8F),
}


class Utf8Guard:
    """Follows the bytes that are written and knows which tokens may come next."""

    def __init__(self) -> None:
        self.allowed = FIRST_BYTE
        self._missing = 0  # bytes until the character is whole

    def push(self, byte: int) -> None:
        """Take note of the byte that was written."""
        if self._missing:
            self._missing -= 1
            self.allowed = LATER_BYTE if self._missing else FIRST_BYTE
        elif byte >= 0xC2:
            self._missing = 1 + (byte >= 0xE0) + (byte >= 0xF0)
            self.allowed = SECOND_BYTES.get(byte, LATER_BYTE)
