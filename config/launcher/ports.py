"""The sockets that web and engine listen on.

The launcher opens them itself. So a taken port is known before anything starts, and while a killed
web process is started again its visitors wait in the queue instead of being refused.
"""

import errno
import socket
from contextlib import ExitStack

from config.launcher.errors import CannotStart

NEXT_PORTS = 100


def listen(host: str, port: int, *, option: str) -> socket.socket:
    """Open a listening socket, or say which option chooses another port."""
    try:
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        return _bound(family, address)
    except OSError as error:
        raise CannotStart(_reason(error, host, port, option)) from error


def _bound(family: socket.AddressFamily, address: tuple[object, ...]) -> socket.socket:
    with ExitStack() as on_failure:
        listener = on_failure.enter_context(socket.socket(family, socket.SOCK_STREAM))
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        # Connections inherit it. asyncio would set it, but uvicorn takes a socket that it is given
        # for one of a file; without it the second part of an answer waits 40 ms for the browser.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        listener.bind(address)
        listener.listen(2048)
        on_failure.pop_all()
        return listener


def _reason(error: OSError, host: str, port: int, option: str) -> str:
    if error.errno == errno.EADDRINUSE:
        free = _free_port_after(host, port)
        hint = f" For example: ./run {option} {free}" if free else ""
        return f"Port {port} on {host} is taken by another program.{hint}"
    if error.errno == errno.EACCES:
        return f"Port {port} is only for the system's own programs: choose one from 1024 upwards."
    return f"Cannot listen on {host}, port {port}: {error.strerror or error}."


def _free_port_after(host: str, port: int) -> int | None:
    for candidate in range(port + 1, min(port + NEXT_PORTS, 65536)):
        try:
            listener = socket.create_server((host, candidate))
        except OSError:
            continue
        listener.close()
        return candidate
    return None
