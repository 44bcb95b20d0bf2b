"""A line between browser and server that a test can cut."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

from tests.engine_server import wait_until

READ_BYTES = 16 * 1024


class Line:
    """Passes everything on, until so many bytes have gone up: then it breaks, once.

    Before that it waits for `may_break`: what a server has not yet read is lost with the line.
    """

    def __init__(self, address: str, may_break: Callable[[], object]) -> None:
        self._may_break = may_break
        self._server = urlsplit(address)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.bytes_until_it_breaks: int | None = None
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                browser, _ = self._listener.accept()
                server = socket.create_connection((self._server.hostname, self._server.port))
                for way in ((browser, server, True), (server, browser, False)):
                    threading.Thread(target=self._pass_on, args=way, daemon=True).start()

    def _pass_on(self, source: socket.socket, target: socket.socket, is_up: bool) -> None:
        with suppress(OSError):
            while data := source.recv(READ_BYTES):
                if is_up and self.bytes_until_it_breaks is not None:
                    data = data[: self.bytes_until_it_breaks]
                    self.bytes_until_it_breaks -= len(data)
                target.sendall(data)
                if self.bytes_until_it_breaks == 0:
                    wait_until(self._may_break, "the server to read")
                    self.bytes_until_it_breaks = None
                    break
        for end in (source, target):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


@contextmanager
def line_to(address: str, *, may_break: Callable[[], object]) -> Iterator[Line]:
    """Open a line to a server; it is closed at the end of the block."""
    line = Line(address, may_break)
    yield line
    line.close()
