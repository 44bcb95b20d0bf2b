"""Pages left open: each asks on a connection of its own whether anything is new, as htmx does.

Runs in a process of its own, so that the one who measures has nothing else to do.
"""

import asyncio
import time
from array import array
from collections.abc import Sequence
from multiprocessing.connection import Connection

UNCHANGED = b"HTTP/1.1 204"


def request(path: str, cookie: str) -> bytes:
    """Return a GET as htmx sends it from a page of a signed-in person."""
    head = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nHX-Request: true\r\n"
    return f"{head}Cookie: sessionid={cookie}\r\n\r\n".encode()


class Page:
    """One page: asks, reads the answer, waits."""

    def __init__(self, port: int, path: str, cookie: str, every: float) -> None:
        self._port, self._every = port, every
        self._request = request(path, cookie)
        self.milliseconds = array("d")
        self.renewed = 0

    async def stay_open(self) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        due = time.monotonic()
        while True:
            began = time.monotonic()
            writer.write(self._request)
            head = await reader.readuntil(b"\r\n\r\n")
            self.milliseconds.append(1000 * (time.monotonic() - began))
            self.renewed += not head.startswith(UNCHANGED)
            due += self._every
            await asyncio.sleep(due - time.monotonic())


def keep_open(
    control: Connection,
    port: int,
    cookie: str,
    paths: Sequence[str],
    every: float,
    within: float,
) -> None:
    """Open these pages within so many seconds; when told to stop, send how long answers took."""
    import uvloop

    uvloop.run(_until_told(control, [Page(port, path, cookie, every) for path in paths], within))


async def _until_told(control: Connection, pages: Sequence[Page], within: float) -> None:
    tasks = []
    for page in pages:
        tasks.append(asyncio.create_task(page.stay_open()))
        await asyncio.sleep(within / len(pages))  # people do not open their pages all at once
    control.send(None)
    await asyncio.to_thread(control.recv)  # the measured time begins
    before = [len(page.milliseconds) for page in pages]
    await asyncio.to_thread(control.recv)
    taken = array("d")
    for page, first in zip(pages, before, strict=True):
        taken.extend(page.milliseconds[first:])
    broken = sum(task.done() for task in tasks)
    control.send((taken.tobytes(), sum(page.renewed for page in pages), broken))
