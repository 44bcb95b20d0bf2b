"""Lets an upload reach its view while it is still arriving.

Django's handler first copies every request body to a temporary file, then calls the view: an upload
would be written twice, and a file that is far too large would fill the disk before anybody could
say no. For uploads this handler passes the connection itself on, as `request.scope["body"]`.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from io import BytesIO
from typing import IO, Any

from django.conf import settings
from django.core.exceptions import RequestAborted

from apps.core.handler import Handler

Receive = Callable[[], Awaitable[dict[str, Any]]]
SILENCE_SECONDS = 20  # then nobody sends any more, and another connection may go on
FORM_BYTES = 1024 * 1024  # what a form may add to the file it carries
TOO_LARGE = b"The file is larger than this installation takes."


class ArrivingBody:
    """The body of a request, one chunk at a time, and whether the client is still there."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._is_read = asyncio.Event()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """Yield chunks as they come; RequestAborted when the client goes away or falls silent."""
        more = True
        while more:
            try:
                async with asyncio.timeout(SILENCE_SECONDS):
                    message = await self._receive()
            except TimeoutError as exc:  # a lost line closes no connection
                raise RequestAborted from exc
            if message["type"] == "http.disconnect":
                raise RequestAborted
            yield message.get("body", b"")
            more = message.get("more_body", False)
        self._is_read.set()

    async def next_message(self) -> dict[str, Any]:
        """Wait until the body has been read, then listen for the client to leave."""
        await self._is_read.wait()
        return await self._receive()


class UploadHandler(Handler):
    """Django's handler, with bodies of PUT requests left to their view."""

    async def handle(self, scope: Any, receive: Any, send: Any) -> None:
        if _declared_length(scope) > settings.MAX_UPLOAD_BYTES + FORM_BYTES:
            await _refuse(send)
            return
        if scope["method"] == "PUT":
            scope = {**scope, "body": ArrivingBody(receive)}
            receive = scope["body"].next_message
        await super().handle(scope, receive, send)

    async def read_body(self, receive: Any) -> IO[bytes]:
        """Leave an arriving body where it is."""
        if isinstance(getattr(receive, "__self__", None), ArrivingBody):
            return BytesIO()
        return await super().read_body(receive)


def _declared_length(scope: Any) -> int:
    length = dict(scope["headers"]).get(b"content-length", b"0")
    return int(length) if length.isdigit() else 0


async def _refuse(send: Any) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": TOO_LARGE})
