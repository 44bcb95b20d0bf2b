"""Asks a process over HTTP whether it is well. Containers use it too:

python -m config.launcher.health PORT
"""

import asyncio
import os
import sys
from urllib.parse import urlsplit

PATIENCE_SECONDS = 15.0


async def is_healthy(host: str, port: int, *, known_as: str) -> bool:
    """Answer whether `/healthz` says yes when it is asked for under that host name."""
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            return b" 200 " in await _status_line(host, port, known_as)
    except (OSError, TimeoutError):
        return False


def known_host(environment: dict[str, str]) -> str:
    """Return a host name that Django accepts in a request."""
    allowed = environment.get("ALLOWED_HOSTS", "").split(",")[0].strip().lstrip(".")
    public = urlsplit(environment.get("PUBLIC_URL", "")).hostname
    return (allowed if allowed != "*" else "") or public or "127.0.0.1"


async def _status_line(host: str, port: int, known_as: str) -> bytes:
    reader, writer = await asyncio.open_connection(host, port)
    request = f"GET /healthz HTTP/1.1\r\nHost: {known_as}\r\nConnection: close\r\n\r\n"
    try:
        writer.write(request.encode())
        return await reader.readline()
    finally:
        writer.close()


if __name__ == "__main__":
    host = known_host(dict(os.environ))
    sys.exit(not asyncio.run(is_healthy("127.0.0.1", int(sys.argv[1]), known_as=host)))
