"""Retune's own ASGI application over real HTTP, in a thread: uploads and streams as they are."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn


@contextmanager
def served_application() -> Iterator[str]:
    """Serve until the block ends. Yields the address."""
    from config.asgi import application

    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    config = uvicorn.Config(application, lifespan="off", log_level="warning", ws="none")
    server = uvicorn.Server(config)
    serve = server.serve(sockets=[listener])
    thread = threading.Thread(target=asyncio.run, args=[serve], daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = server.force_exit = True  # whoever still reads a stream has left
    thread.join(timeout=5)
