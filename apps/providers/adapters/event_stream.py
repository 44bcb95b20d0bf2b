"""Splits the bytes of server-sent events into the data of each, however they arrive (pure)."""

from collections.abc import AsyncIterable, AsyncIterator


class EventSplitter:
    """Takes one part of a stream after the other.

    Comments, fields other than `data` and lines that are no field are left out, as the standard
    of server-sent events says. Nothing is decoded, so a part may end within a character.
    """

    def __init__(self) -> None:
        self._line = bytearray()  # its end has not come yet
        self._data: list[bytes] = []  # of the event whose end has not come yet
        self._ended_with_cr = False

    def feed(self, part: bytes) -> list[bytes]:
        """Return the data of the events that end within this part."""
        rest_of_line, *next_lines = self._with_lf(part).split(b"\n")
        self._line += rest_of_line
        events: list[bytes] = []
        for line in next_lines:
            events += self._end_line()
            self._line += line
        return events

    def _with_lf(self, part: bytes) -> bytes:
        """Return the part with LF for CR and CRLF, also where a CRLF was cut in two."""
        if not part:
            return part
        new = part.removeprefix(b"\n") if self._ended_with_cr else part
        self._ended_with_cr = part.endswith(b"\r")
        return new.replace(b"\r\n", b"\n").replace(b"\r", b"\n")

    def _end_line(self) -> list[bytes]:
        """Keep the line's data, if it has any; an empty line ends the event."""
        line = bytes(self._line)
        self._line.clear()
        if line:
            name, _, value = line.partition(b":")
            if name == b"data":
                self._data.append(value.removeprefix(b" "))
            return []
        data = b"\n".join(self._data)
        self._data.clear()
        return [data] if data else []


async def read_events(parts: AsyncIterable[bytes]) -> AsyncIterator[bytes]:
    """Yield the data of each event as soon as it is whole."""
    splitter = EventSplitter()
    async for part in parts:
        for data in splitter.feed(part):
            yield data
