"""Retune's own ASGI application over real HTTP, in a thread: uploads and streams as they are."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

PATIENCE_SECONDS = 5
_loops: dict[uvicorn.Server, asyncio.AbstractEventLoop] = {}


@contextmanager
def served_application() -> Iterator[str]:
    """Serve until the block ends. Yields the address."""
    from config.asgi import application

    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    config = uvicorn.Config(application, lifespan="off", log_level="warning", ws="none")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=asyncio.run, args=[_serve(server, listener)], daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = server.force_exit = True  # whoever still reads a stream has left
    thread.join(timeout=5)


def wait_until_all_is_answered() -> None:
    """Wait for the ends of pages that were left, and for what is still to be written down.

    Between two tests nobody may ask the database. A server that does can be stopped in the middle
    of connecting: its connection then begins transactions that nobody ends, and holds their rows.
    """
    for loop in _loops.values():
        asyncio.run_coroutine_threadsafe(_rest(), loop).result(PATIENCE_SECONDS + 1)


async def _serve(server: uvicorn.Server, listener: socket.socket) -> None:
    _loops[server] = asyncio.get_running_loop()
    try:
        await server.serve(sockets=[listener])
    finally:
        del _loops[server]


async def _rest() -> None:
    running = {task for task in asyncio.all_tasks() if task.get_coro().__qualname__ != "_serve"}
    running.discard(asyncio.current_task())
    if running:
        await asyncio.wait(running, timeout=PATIENCE_SECONDS)
